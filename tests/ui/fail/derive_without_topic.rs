use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1)]
struct NoTopic;

fn main() {}
