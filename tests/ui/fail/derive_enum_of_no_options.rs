use outbox::Event;

#[derive(serde::Serialize, Event)]
enum Account {
    Opened { id: i64 },
    Closed { id: i64 },
}

fn main() {}
