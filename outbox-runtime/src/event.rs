//! The user's value: what [`Event`] it is, where it goes and how its key is written.
//!
//! First station of the flow: an event is turned into a [`Record`](crate::Record) by `emit!`.

use std::borrow::Cow;

/// A boxed error of an event's encoder.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// A value that can be published. Use `#[derive(Event)]`.
///
/// An event is encoded at `emit!`, before the transaction is borrowed, so it needs to be neither `Send` nor `'static`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    label = "this value cannot be emitted",
    note = "add `#[derive(serde::Serialize, outbox::Event)]` and `#[event(name = \"…\", version = 1, topic = \"…\")]` to `{Self}`"
)]
pub trait Event {
    /// Name of the event in the header `ce_type`, for example `bank.funds-withdrawn`. It outlives renames of the Rust type.
    const NAME: &'static str;
    /// Version of the event's schema, from 1; in the header `ce_dataschema`.
    const VERSION: u32;

    /// Kafka topic the event is published to.
    fn topic(&self) -> Cow<'_, str>;

    /// Kafka message key in bytes; events of one topic with equal keys keep their order. `None` publishes without a key.
    fn key(&self) -> Option<Vec<u8>>;

    /// MIME type of the encoded payload, in the header `content-type`.
    fn content_type(&self) -> &'static str {
        "application/json"
    }

    /// Encodes the payload. `None` is a tombstone (a Kafka message with a null value).
    ///
    /// # Errors
    /// Whatever the encoder says, for example a map with keys that are no strings in JSON.
    fn encode(&self) -> Result<Option<Vec<u8>>, BoxError>;
}

impl<E: Event + ?Sized> Event for &E {
    const NAME: &'static str = E::NAME;
    const VERSION: u32 = E::VERSION;

    fn topic(&self) -> Cow<'_, str> {
        (**self).topic()
    }
    fn key(&self) -> Option<Vec<u8>> {
        (**self).key()
    }
    fn content_type(&self) -> &'static str {
        (**self).content_type()
    }
    fn encode(&self) -> Result<Option<Vec<u8>>, BoxError> {
        (**self).encode()
    }
}

/// A value that can be a message key: text as UTF-8, integers in decimal, UUIDs hyphenated, bytes as they are.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an event's key",
    label = "not a key",
    note = "keys are integers, strings, bytes, `uuid::Uuid`, or an `Option` of these; write `key = self.field.to_string()` for others"
)]
pub trait EventKey {
    /// The key's bytes; `None` for a message without a key.
    fn to_key(&self) -> Option<Vec<u8>>;
}

macro_rules! display_keys {
    ($($ty:ty),+) => {$(
        impl EventKey for $ty {
            fn to_key(&self) -> Option<Vec<u8>> {
                Some(self.to_string().into_bytes())
            }
        }
    )+};
}
display_keys!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, bool, char, str, String, uuid::Uuid);

impl EventKey for [u8] {
    fn to_key(&self) -> Option<Vec<u8>> {
        Some(self.to_vec())
    }
}

impl<const N: usize> EventKey for [u8; N] {
    fn to_key(&self) -> Option<Vec<u8>> {
        Some(self.to_vec())
    }
}

impl EventKey for Vec<u8> {
    fn to_key(&self) -> Option<Vec<u8>> {
        Some(self.clone())
    }
}

impl<K: EventKey> EventKey for Option<K> {
    fn to_key(&self) -> Option<Vec<u8>> {
        self.as_ref().and_then(EventKey::to_key)
    }
}

macro_rules! pointer_keys {
    ($($ty:ty),+) => {$(
        impl<K: EventKey + ?Sized> EventKey for $ty {
            fn to_key(&self) -> Option<Vec<u8>> {
                (**self).to_key()
            }
        }
    )+};
}
pointer_keys!(&K, Box<K>, std::sync::Arc<K>, std::rc::Rc<K>);

impl<K: EventKey + ToOwned + ?Sized> EventKey for Cow<'_, K> {
    fn to_key(&self) -> Option<Vec<u8>> {
        (**self).to_key()
    }
}
