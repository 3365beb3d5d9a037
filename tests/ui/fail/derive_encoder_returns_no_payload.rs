use outbox::Event;

#[derive(Event)]
#[event(name = "a", version = 1, topic = "t", encode_with = length)]
struct Opened;

fn length(_: &Opened) -> usize {
    0
}

fn main() {}
