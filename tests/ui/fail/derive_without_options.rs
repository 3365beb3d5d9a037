use outbox::Event;

#[derive(serde::Serialize, Event)]
struct Nothing;

fn main() {}
