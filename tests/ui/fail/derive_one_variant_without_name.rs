use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(topic = "t", version = 1)]
enum Account {
    #[event(name = "opened")]
    Opened { id: i64 },
    Closed { id: i64 },
}

fn main() {}
