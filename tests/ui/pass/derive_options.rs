#![deny(warnings, clippy::pedantic)]
//! Every option of an event, in the forms it takes; modules that redefine what generated code needs.
use outbox::Event as _;

/// Names that generated code must not meet.
pub mod hostile {
    #![allow(dead_code)]
    pub struct Result;
    pub struct Option;
    pub struct Vec;
    pub struct Box;
    pub struct Cow;
    pub struct String;
    #[allow(non_camel_case_types)]
    pub struct str;
    #[allow(non_camel_case_types)]
    pub struct u32;
    #[allow(non_camel_case_types)]
    pub struct u8;
    pub trait Event {}
    pub fn key() {}
    pub fn json() {}
    #[derive(serde::Serialize, outbox::Event)]
    #[event(name = "hostile", version = 1, topic = "t", key = value, headers(headers = inner, inner = self.headers))]
    pub struct Hostile {
        pub value: i64,
        pub inner: i64,
        pub headers: i64,
    }

    #[derive(serde::Serialize, outbox::Event)]
    #[event(version = 1, topic = "t", key = value)]
    pub enum Either {
        #[event(name = "ok")]
        Ok { value: i64 },
        #[event(name = "err", headers(value = value + 1))]
        Err { value: i64 },
    }
}

const TOPIC: &str = "of-a-constant";
const REGION: &str = "eu";

#[derive(serde::Serialize, outbox::Event)]
#[event(
    name = "ordered",
    version = 7,
    topic = TOPIC,
    key = format!("{tenant}/{}", self.number),
    headers(tenant = self.tenant, "x-region" = REGION, raw = [1u8, 2], number = number, r#type = r#type),
    content_type = "application/vnd.ordered+json; charset=utf-8",
    crate = ::outbox,
)]
pub struct Ordered {
    tenant: String,
    number: u64,
    r#type: Option<&'static str>,
}

/// `encode_with` needs no `Serialize`.
#[derive(outbox::Event)]
#[event(name = "own", version = 1, topic = topic, encode_with = Self::bytes, content_type = "application/protobuf")]
pub struct Own {
    topic: String,
}

impl Own {
    fn bytes(&self) -> Vec<u8> {
        self.topic.clone().into_bytes()
    }
}

#[derive(outbox::Event)]
#[event(name = "generic", version = 1, topic = topic(self.0), key = 1, encode_with = encode)]
pub struct Generic<'a, T, const N: usize>(&'a str, T, [u8; N])
where
    T: Copy;

fn topic(text: &str) -> String {
    format!("t-{text}")
}

fn encode<T: Copy, const N: usize>(event: &Generic<'_, T, N>) -> Result<Vec<u8>, std::fmt::Error> {
    if N == 0 { Err(std::fmt::Error) } else { Ok(event.2.to_vec()) }
}

#[derive(outbox::Event)]
#[event(name = "gone", version = 1, topic = "t", key = owner.id, tombstone)]
pub struct Gone {
    owner: Owner,
}

pub struct Owner {
    id: Option<i64>,
}

macro_rules! event {
    ($ident:ident, $name:literal, $version:expr, $($key:tt)*) => {
        #[derive(serde::Serialize, outbox::Event)]
        #[event(name = $name, version = $version, topic = "t", key = $($key)*)]
        pub struct $ident {
            account: i64,
        }
    };
}
event!(ByMacro, "by-macro", 2, self.account);
event!(ByField, "by-field", 2, account);

fn main() {
    let ordered = Ordered { tenant: "a".into(), number: 3, r#type: None };
    assert_eq!((ordered.name(), ordered.version(), &*ordered.topic()), ("ordered", 7, "of-a-constant"));
    assert_eq!(ordered.key().as_deref(), Some(&b"a/3"[..]));
    assert_eq!(ordered.content_type(), "application/vnd.ordered+json; charset=utf-8");

    let own = Own { topic: "x".into() };
    assert_eq!((&*own.topic(), own.content_type()), ("x", "application/protobuf"));
    assert_eq!(own.encode().expect("bytes").as_deref(), Some(&b"x"[..]));

    let generic = Generic("a", 5, [1, 2]);
    assert_eq!((&*generic.topic(), generic.key(), generic.content_type()), ("t-a", Some(b"5".to_vec()), "application/octet-stream"));
    assert!(Generic("a", 5, []).encode().is_err());

    assert_eq!(Gone { owner: Owner { id: Some(4) } }.encode().expect("a tombstone"), None);
    assert!(Gone { owner: Owner { id: None } }.encode().is_err());

    assert_eq!((ByMacro { account: 1 }.key(), ByField { account: 2 }.key()), (Some(b"1".to_vec()), Some(b"2".to_vec())));
    let hostile = hostile::Hostile { value: 1, inner: 2, headers: 3 };
    assert_eq!(hostile.key().as_deref(), Some(&b"1"[..]));
    assert_eq!(hostile::Either::Err { value: 3 }.name(), "err");
    assert_eq!(hostile::Either::Ok { value: 3 }.name(), "ok");
}
