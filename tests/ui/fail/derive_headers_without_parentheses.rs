use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t", headers = "tenant")]
struct Opened;

fn main() {}
