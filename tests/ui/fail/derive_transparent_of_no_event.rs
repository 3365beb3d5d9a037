use outbox::Event;

struct Inner;

#[derive(Event)]
#[event(transparent)]
enum Outer {
    One(Inner),
}

fn main() {}
