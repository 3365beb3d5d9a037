use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t", crate = "outbox")]
struct Opened;

fn main() {}
