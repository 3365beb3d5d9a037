use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t", key = amount)]
struct Paid {
    amount: f64,
}

fn main() {}
