//! Mistakes in one enum, all told in one run.
use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(topic = "bank accounts", version = 1, key = id, colour = "red")]
enum Account {
    #[event(name = "", headers(ce_id = 1))]
    Opened { id: i64 },
    #[event(name = "closed", tombstone, content_type = "x/y")]
    Closed {
        #[event(skip)]
        id: i64,
    },
    #[event(name = "moved")]
    Moved(i64),
}

fn main() {}
