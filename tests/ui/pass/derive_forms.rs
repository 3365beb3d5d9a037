#![deny(warnings)]
//! Forms of an event: named, tuple and unit structs, keys, generics, lifetimes.
use outbox::Event;

#[derive(serde::Serialize, Event)]
#[event(name = "unit", version = 1, topic = "t")]
pub struct Unit;

#[derive(serde::Serialize, Event)]
#[event(name = "tuple", version = 1, topic = "t", key = 0)]
pub struct Tuple(String, i64);

#[derive(serde::Serialize, Event)]
#[event(name = "second", version = 4294967295, topic = "a.b-c_d", key = 1)]
pub struct Second(String, Option<i64>);

#[derive(serde::Serialize, Event)]
#[event(name = "named", topic = "t")]
#[event(version = 2, key = id)]
pub struct Named<'a, T> {
    id: &'a str,
    extra: T,
}

#[derive(serde::Serialize, Event)]
#[event(name = "computed", version = 1, topic = "t", key = format!("{}/{}", self.a, self.b))]
pub struct Computed {
    a: i64,
    b: i64,
}

fn main() {
    assert_eq!(Tuple("k".into(), 1).key().as_deref(), Some(&b"k"[..]));
    assert_eq!(Second("k".into(), Some(7)).key().as_deref(), Some(&b"7"[..]));
    assert_eq!(Second("k".into(), None).key(), None);
    assert_eq!(Named { id: "x", extra: 1 }.key().as_deref(), Some(&b"x"[..]));
    assert_eq!(Computed { a: 1, b: 2 }.key().as_deref(), Some(&b"1/2"[..]));
    assert_eq!(Unit.key(), None);
}
