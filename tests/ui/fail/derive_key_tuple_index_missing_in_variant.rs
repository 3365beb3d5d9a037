use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(topic = "t", version = 1)]
enum Account {
    #[event(name = "moved", key = 2)]
    Moved(i64, i64),
}

fn main() {}
