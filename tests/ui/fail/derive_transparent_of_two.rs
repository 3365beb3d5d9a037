use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t")]
struct Inner;

#[derive(Event)]
#[event(transparent)]
enum Outer {
    One(Inner),
    Two(Inner, Inner),
}

fn main() {}
