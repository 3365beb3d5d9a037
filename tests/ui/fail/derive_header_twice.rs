use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t", headers(tenant = 1, "tenant" = 2))]
struct Opened;

fn main() {}
