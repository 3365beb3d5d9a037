use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t", content_type = "json")]
struct Opened;

fn main() {}
