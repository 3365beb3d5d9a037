use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t", key = a, key = b)]
struct Keys {
    a: i64,
    b: i64,
}

fn main() {}
