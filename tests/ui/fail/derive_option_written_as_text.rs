use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event = "bank.opened"]
struct Opened;

fn main() {}
