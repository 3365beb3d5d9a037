use outbox::Event;

#[derive(Event)]
#[event(name = "a", version = 1, topic = "t", tombstone)]
struct Closed {
    account: i64,
}

fn main() {
    let _ = Closed { account: 1 }.account;
}
