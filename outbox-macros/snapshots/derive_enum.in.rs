#[derive(serde::Serialize, Event)]
#[event(name = "bank.account", version = 1, topic = "bank.accounts")]
enum Account {
    Opened(Opened),
    Closed(Closed),
}
