use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t", key = "account")]
struct Opened {
    account: i64,
}

#[derive(serde::Serialize, Event)]
#[event(version = 1, topic = "t", key = "id")]
enum Account {
    #[event(name = "opened")]
    Opened { id: i64 },
    #[event(name = "closed")]
    Closed,
}

fn main() {}
