use outbox::Event;

#[derive(Event)]
#[event(name = "a", version = 1, topic = "t", encode_with = "protobuf")]
struct Opened;

fn main() {}
