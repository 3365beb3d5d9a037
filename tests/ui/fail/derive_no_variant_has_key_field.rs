use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(topic = "t", version = 1, key = idd)]
enum Account {
    #[event(name = "opened")]
    Opened { id: i64 },
    #[event(name = "closed")]
    Closed { id: i64 },
}

fn main() {}
