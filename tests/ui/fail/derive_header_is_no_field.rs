use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t", headers(tenant = tennant))]
struct Opened {
    tenant: i64,
}

fn main() {}
