use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(topic = "t", version = 1)]
enum Account {
    #[event(name = "opened")]
    Opened { id: i64 },
    #[event(name = "opened")]
    Closed { id: i64 },
    #[event(name = "opened", version = 2)]
    Reopened { id: i64 },
}

fn main() {}
