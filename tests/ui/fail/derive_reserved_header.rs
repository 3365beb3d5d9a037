use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t", headers("ce_type" = "b", traceparent = "00", tenant = "x"))]
struct Opened;

#[derive(serde::Serialize, Event)]
#[event(name = "b", version = 1, topic = "t", headers("ID" = "b", "Content-Type" = "c", identity = "d"))]
struct Closed;

fn main() {}
