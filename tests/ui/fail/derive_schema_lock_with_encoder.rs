use outbox::Event;

#[derive(Event)]
#[event(name = "a", version = 1, topic = "t", schema_lock, encode_with = bytes)]
struct Opened;

fn bytes(_: &Opened) -> Vec<u8> {
    Vec::new()
}

fn main() {}
