use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t")]
struct Inner;

#[derive(Event)]
#[event(transparent, schema_lock)]
struct Outer(Inner);

fn main() {}
