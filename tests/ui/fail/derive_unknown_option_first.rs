use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(colour = "red", name = "a", version = 1, topic = "t")]
struct Unknown;

fn main() {}
