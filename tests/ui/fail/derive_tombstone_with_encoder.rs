use outbox::Event;

#[derive(Event)]
#[event(name = "a", version = 1, topic = "t", key = 0, tombstone, encode_with = bytes)]
struct Closed(i64);

fn bytes(_: &Closed) -> Vec<u8> {
    Vec::new()
}

fn main() {}
