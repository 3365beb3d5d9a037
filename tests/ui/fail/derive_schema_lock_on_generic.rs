use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t", schema_lock)]
struct Changed<T> {
    value: T,
}

fn main() {}
