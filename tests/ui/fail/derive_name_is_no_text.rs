use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = opened, version = 1, topic = "t")]
struct Opened;

fn main() {}
