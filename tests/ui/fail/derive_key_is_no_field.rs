use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t", key = 1)]
struct Tuple(i64);

fn main() {}
