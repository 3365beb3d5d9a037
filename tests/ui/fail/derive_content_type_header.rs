use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t", headers("Content-Type" = "text/plain"))]
struct Opened;

fn main() {}
