use outbox::Event;

#[derive(serde::Serialize, Event)]
struct Nothing;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1)]
struct NoTopic;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 0, topic = "no spaces", key = acount)]
struct Three {
    account: i64,
}

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t", colour = "red")]
struct Unknown;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t", topic = "u")]
struct Twice;

#[derive(serde::Serialize, Event)]
#[event(name = "a", version = 1, topic = "t")]
enum Choice {
    One,
}

fn main() {}
