use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(topic = "t")]
enum Account {
    Opened { id: i64 },
    Closed { id: i64 },
}

fn main() {}
