use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t", headers(tags = tags))]
struct Opened {
    tags: Vec<u16>,
}

fn main() {}
