use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic("t"), key)]
struct Opened;

fn main() {}
