use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 0, topic = "no spaces", key = acount)]
struct Three {
    account: i64,
}

fn main() {}
