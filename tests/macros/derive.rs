//! What becomes of an event's options: the record that is stored.

use outbox::event::{BoxError, HeaderSink};
use outbox::record::Headers;
use outbox::{Error, Event, Record, emit, transactional_event};
use sqlx::SqlitePool;

use crate::support::db;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.frozen", version = 3, topic = "bank.frozen", key = account)]
struct Frozen {
    account: i64,
}

#[derive(serde::Serialize, Event)]
#[event(topic = "bank.accounts", key = account, headers(tenant = "acme", "x-owner" = self.owner()))]
#[serde(untagged)]
enum Account {
    #[event(name = "bank.opened", version = 2, headers(tenant = owner), content_type = "application/vnd.bank+json")]
    Opened { account: i64, owner: String },
    #[event(name = "bank.closed", version = 1, tombstone)]
    Closed { account: Option<i64> },
    #[event(transparent)]
    Frozen(Frozen),
}

impl Account {
    fn owner(&self) -> Option<&str> {
        match self {
            Self::Opened { owner, .. } => Some(owner),
            Self::Closed { .. } | Self::Frozen(_) => None,
        }
    }
}

#[derive(Event)]
#[event(name = "own", version = 1, topic = topic, encode_with = Own::to_bytes)]
struct Own {
    topic: String,
    bytes: Result<Vec<u8>, String>,
}

impl Own {
    fn to_bytes(&self) -> Result<Vec<u8>, String> {
        self.bytes.clone()
    }
}

fn headers(record: &Record) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    let headers = Headers::new(record.headers.as_bytes());
    let version = headers.event().map(|(_, version)| ("version".to_owned(), version.to_string()));
    let pairs = headers.map(|(name, value)| (name.to_owned(), value.map_or_else(|| "null".to_owned(), text)));
    version.into_iter().chain(pairs).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_variant_is_an_event_of_its_own() {
    let record = Record::new(&Account::Opened { account: 7, owner: "ada".into() }).expect("a record");
    assert_eq!((&*record.topic, record.key.as_deref()), ("bank.accounts", Some(&b"7"[..])));
    assert_eq!(record.payload.as_deref(), Some(&br#"{"account":7,"owner":"ada"}"#[..]));
    let expected = [
        ("version", "2"),
        ("ce_type", "bank.opened"),
        ("content-type", "application/vnd.bank+json"),
        ("x-owner", "ada"),
        ("tenant", "ada"),
    ];
    assert_eq!(headers(&record), pairs(&expected));
}

#[test]
fn a_tombstone_has_a_key_and_no_payload() {
    let record = Record::new(&Account::Closed { account: Some(7) }).expect("a record");
    assert_eq!((record.key.as_deref(), record.payload.as_deref()), (Some(&b"7"[..]), None));
    let expected = [("version", "1"), ("ce_type", "bank.closed"), ("tenant", "acme"), ("x-owner", "null")];
    assert_eq!(headers(&record), pairs(&expected));
}

#[test]
fn a_tombstone_whose_key_is_none_is_refused() {
    let error = Record::new(&Account::Closed { account: None }).expect_err("nobody could say what is gone");
    let Error::Encode { event: "bank.closed", source } = error else { panic!("{error:?}") };
    assert!(source.to_string().contains("a tombstone needs a key"), "{source}");
}

#[test]
fn a_transparent_variant_is_the_event_inside() {
    let mut outside = Record::new(&Account::Frozen(Frozen { account: 9 })).expect("a record");
    let inside = Record::new(&Frozen { account: 9 }).expect("a record");
    outside.id = inside.id;
    assert_eq!(outside, inside);
}

#[test]
fn an_own_encoder_writes_the_payload_and_its_error_is_kept() {
    let record = Record::new(&Own { topic: "own".into(), bytes: Ok(vec![0, 1]) }).expect("a record");
    assert_eq!((&*record.topic, record.payload.as_deref()), ("own", Some(&[0, 1][..])));
    assert_eq!(headers(&record)[2].1, "application/octet-stream");
    let error = Record::new(&Own { topic: "own".into(), bytes: Err("no".into()) }).expect_err("the encoder fails");
    assert!(matches!(&error, Error::Encode { source, .. } if source.to_string() == "no"), "{error:?}");
}

#[test]
fn a_topic_that_is_computed_is_checked_at_run_time() {
    let error = Record::new(&Own { topic: "no spaces".into(), bytes: Ok(vec![]) }).expect_err("no topic");
    assert!(matches!(&error, Error::InvalidTopic { topic, .. } if topic == "no spaces"), "{error:?}");
}

/// Written by hand, with a header of ours.
struct Forged;

impl Event for Forged {
    fn name(&self) -> &'static str {
        "forged"
    }
    fn version(&self) -> u32 {
        1
    }
    fn topic(&self) -> std::borrow::Cow<'_, str> {
        "t".into()
    }
    fn key(&self) -> Option<Vec<u8>> {
        None
    }
    fn headers(&self, headers: &mut dyn HeaderSink) {
        headers.header("tenant", Some(b"x"));
        headers.header("ce_type", Some(b"another"));
    }
    fn encode(&self) -> Result<Option<Vec<u8>>, BoxError> {
        Ok(None)
    }
}

#[test]
fn a_header_of_ours_is_refused_at_run_time_too() {
    let error = Record::new(&Forged).expect_err("a reserved header");
    assert!(matches!(&error, Error::InvalidHeader { event: "forged", name } if name == "ce_type"), "{error:?}");
}

#[transactional_event(tx = pool)]
async fn run(pool: &SqlitePool, events: Vec<Box<dyn Event + Send + Sync>>) -> Result<(), sqlx::Error> {
    for event in events {
        emit!(event);
    }
    Ok(())
}

#[tokio::test]
async fn events_of_any_type_are_emitted_through_a_box() {
    let db = db().await;
    let account = |account| Frozen { account };
    run(&db.pool, vec![Box::new(account(1)), Box::new(Account::Closed { account: Some(2) }), Box::new(account(3))])
        .await
        .expect("three events");
    assert_eq!(db.keys().await, [1, 2, 3]);
}
