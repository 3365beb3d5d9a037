use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(topic = "t", version = 1)]
enum Account {
    #[event(name = "opened", version = 0)]
    Opened,
    #[event(name = "closed", topic = "a b")]
    Closed,
}

fn main() {}
