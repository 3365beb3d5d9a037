use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t", topic = "u")]
struct Twice;

fn main() {}
