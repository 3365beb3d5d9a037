#![deny(warnings, clippy::pedantic)]
//! Enums of events: options shared and of one variant, tombstones, events inside, keys and headers of each shape.
use outbox::Event;
use outbox::event::HeaderSink;

#[derive(serde::Serialize, Event)]
#[event(name = "bank.frozen", version = 3, topic = "bank.frozen", key = account)]
pub struct Frozen {
    account: i64,
}

#[derive(serde::Serialize, Event)]
#[event(topic = "bank.accounts", key = account, headers(account = account))]
#[serde(untagged)]
pub enum Account {
    #[event(name = "bank.opened", version = 2, headers(owner = owner, "x-first" = owner.first()))]
    Opened { account: i64, owner: Owner },
    #[event(name = "bank.closed", version = 1, tombstone)]
    Closed { account: i64 },
    #[event(name = "bank.moved", version = 1, key = 1, headers(account = _1 * 2, "x-pair" = format!("{_0}-{_1}")), topic = "bank.moves")]
    Moved(i64, i64),
    #[event(name = "bank.audited", version = 1, key = "all", headers(account = None::<i64>))]
    Audited,
    #[event(transparent)]
    Frozen(Frozen),
}

#[derive(serde::Serialize, Clone)]
pub struct Owner(String);

impl Owner {
    fn first(&self) -> Option<char> {
        self.0.chars().next()
    }
}

impl outbox::event::HeaderValue for Owner {
    fn to_value(&self) -> Option<std::borrow::Cow<'_, [u8]>> {
        self.0.to_value()
    }
}

/// One event, whatever its variant.
#[derive(serde::Serialize, Event)]
#[event(name = "choice", version = 1, topic = "t", key = self.number())]
pub enum Choice {
    One,
    Two(i64),
}

impl Choice {
    fn number(&self) -> i64 {
        match self {
            Self::One => 1,
            Self::Two(number) => *number,
        }
    }
}

/// All of them events themselves: nothing else is needed, not even `Serialize`.
#[derive(Event)]
#[event(transparent)]
pub enum All<A> {
    Frozen(Frozen),
    Other(Box<A>),
    Named { account: Account },
}

#[derive(Event)]
#[event(transparent)]
pub struct Wrapped(Frozen);

struct Headers(Vec<(String, Vec<u8>)>);

impl HeaderSink for Headers {
    fn header(&mut self, name: &str, value: Option<&[u8]>) {
        self.0.push((name.to_owned(), value.unwrap_or(b"null").to_vec()));
    }
}

fn headers(event: &impl Event) -> String {
    let mut headers = Headers(Vec::new());
    event.headers(&mut headers);
    let pairs = headers.0.iter().map(|(name, value)| format!("{name}={};", String::from_utf8_lossy(value)));
    pairs.collect::<Vec<_>>().concat()
}

fn payload(event: &impl Event) -> Option<String> {
    event.encode().expect("a payload").map(|bytes| String::from_utf8(bytes).expect("text"))
}

fn main() {
    let opened = Account::Opened { account: 7, owner: Owner("ada".into()) };
    assert_eq!((opened.name(), opened.version(), &*opened.topic()), ("bank.opened", 2, "bank.accounts"));
    assert_eq!(opened.key().as_deref(), Some(&b"7"[..]));
    assert_eq!(headers(&opened), "account=7;owner=ada;x-first=a;");
    assert_eq!(payload(&opened).as_deref(), Some(r#"{"account":7,"owner":"ada"}"#));

    let closed = Account::Closed { account: 8 };
    assert_eq!((closed.name(), payload(&closed), closed.key()), ("bank.closed", None, Some(b"8".to_vec())));

    let moved = Account::Moved(1, 2);
    assert_eq!((moved.key(), &*moved.topic()), (Some(b"2".to_vec()), "bank.moves"));
    assert_eq!(headers(&moved), "account=4;x-pair=1-2;");

    assert_eq!(Account::Audited.key().as_deref(), Some(&b"all"[..]));
    assert_eq!(headers(&Account::Audited), "account=null;");

    let frozen = Account::Frozen(Frozen { account: 9 });
    assert_eq!((frozen.name(), frozen.version(), &*frozen.topic()), ("bank.frozen", 3, "bank.frozen"));
    assert_eq!(payload(&frozen).as_deref(), Some(r#"{"account":9}"#));

    assert_eq!((Choice::One.name(), Choice::Two(5).key()), ("choice", Some(b"5".to_vec())));
    let all: All<Choice> = All::Other(Box::new(Choice::Two(6)));
    assert_eq!((all.name(), all.key()), ("choice", Some(b"6".to_vec())));
    assert_eq!(All::<Choice>::Frozen(Frozen { account: 1 }).name(), "bank.frozen");
    assert_eq!(All::<Choice>::Named { account: closed }.name(), "bank.closed");
    assert_eq!(Wrapped(Frozen { account: 3 }).key().as_deref(), Some(&b"3"[..]));
}
