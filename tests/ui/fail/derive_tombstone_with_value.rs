use outbox::Event;

#[derive(Event)]
#[event(name = "a", version = 1, topic = "t", key = 0, tombstone = true)]
struct Closed(i64);

fn main() {}
