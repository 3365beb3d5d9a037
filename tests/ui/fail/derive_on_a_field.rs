use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t")]
struct Opened {
    #[event(key)]
    account: i64,
}

fn main() {}
