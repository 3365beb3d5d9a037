use outbox::Event;

#[derive(Event)]
#[event(version = 1, topic = "t", key = id)]
enum Account {
    #[event(name = "opened")]
    Opened { id: i64 },
    #[event(name = "moved")]
    Moved { id: i64 },
    #[event(name = "closed", tombstone)]
    Closed { id: i64 },
}

fn main() {}
