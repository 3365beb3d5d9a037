#[derive(serde::Serialize, Event)]
#[event(name = "bank.renamed", version = 1, topic = "bank.accounts", key = 0)]
struct Renamed(i64, String);
