use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t", key = (tenant, account))]
struct Opened {
    tenant: i64,
    account: i64,
}

fn main() {}
