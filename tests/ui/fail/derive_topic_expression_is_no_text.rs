use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = number)]
struct Numbered {
    number: i64,
}

fn main() {}
