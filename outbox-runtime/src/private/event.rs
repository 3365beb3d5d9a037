//! What the methods of a derived event call.

use crate::Event;
use crate::event::{BoxError, EventKey, HeaderSink, HeaderValue, ToJson, ToPayload};

/// A message's key.
pub fn key<K: EventKey + ?Sized>(key: &K) -> Option<Vec<u8>> {
    key.to_key()
}

/// A topic that is not a literal; the record checks it.
pub fn topic<T: Topic + ?Sized>(topic: &T) -> String {
    topic.to_topic()
}

/// Text, in our words when it is none.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an event's topic: a topic is text [OBX-045]",
    label = "no topic can be made of this",
    note = "write `.to_string()` after a value of another type"
)]
pub trait Topic {
    /// The text.
    fn to_topic(&self) -> String;
}

impl<T: AsRef<str> + ?Sized> Topic for T {
    fn to_topic(&self) -> String {
        self.as_ref().to_owned()
    }
}

/// One header; a value that is `None` is a null header.
pub fn header<V: HeaderValue + ?Sized>(headers: &mut dyn HeaderSink, name: &str, value: &V) {
    headers.header(name, value.to_value().as_deref());
}

/// The payload in JSON.
///
/// # Errors
/// Values that JSON cannot hold.
pub fn json<E: ToJson + ?Sized>(event: &E) -> Result<Option<Vec<u8>>, BoxError> {
    event.to_json().map(Some)
}

/// The payload that an encoder of the user's returned.
///
/// # Errors
/// Those of the encoder.
pub fn payload<P: ToPayload>(payload: P) -> Result<Option<Vec<u8>>, BoxError> {
    payload.to_payload()
}

/// No payload: the key says what is gone.
///
/// # Errors
/// An event whose key turned out to be `None`.
pub fn tombstone<E: Event + ?Sized>(event: &E) -> Result<Option<Vec<u8>>, BoxError> {
    match event.key() {
        Some(_) => Ok(None),
        None => Err("a tombstone needs a key, and the event's key is `None`: nobody could say what is gone".into()),
    }
}
