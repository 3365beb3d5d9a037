#[derive(serde::Serialize, Event)]
#[event(name = "", version = 0, topics = "a b")]
struct Wrong {
    account: i64,
}
