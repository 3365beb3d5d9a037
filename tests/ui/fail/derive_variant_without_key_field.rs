use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(topic = "t", version = 1, key = id)]
enum Account {
    #[event(name = "opened")]
    Opened { id: i64 },
    #[event(name = "closed")]
    Closed { number: i64 },
    #[event(name = "audited")]
    Audited,
}

fn main() {}
