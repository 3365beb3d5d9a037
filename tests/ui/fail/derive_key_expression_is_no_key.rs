use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t", key = self.amount * 2.0)]
struct Paid {
    amount: f64,
}

fn main() {}
