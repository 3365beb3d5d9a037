use outbox::Event;

#[derive(Event)]
#[event(name = "a", version = 1, topic = "t")]
union Either {
    one: i64,
    two: f64,
}

fn main() {}
