//! The user's value: what [`Event`] it is, where it goes and how its key is written.
//!
//! First station of the flow: an event is turned into a [`Record`](crate::Record) by `emit!`.

mod header;
mod key;
mod payload;

use std::borrow::Cow;

pub use header::{HeaderSink, HeaderValue, header_problem};
pub use key::EventKey;
pub use payload::{ToJson, ToPayload};

/// A boxed error of an event's encoder.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// A value that can be published. Use `#[derive(Event)]`.
///
/// An event is encoded at `emit!`, before the transaction is borrowed, so it needs to be neither `Send` nor `'static`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event [OBX-056]",
    label = "this value cannot be emitted",
    note = "add `#[derive(serde::Serialize, outbox::Event)]` and `#[event(name = \"…\", version = 1, topic = \"…\")]` to `{Self}`"
)]
pub trait Event {
    /// Name of the event in the header `ce_type`, for example `bank.funds-withdrawn`. It outlives renames of the Rust type.
    fn name(&self) -> &'static str;

    /// Version of the event's schema, from 1; in the header `ce_dataschema`.
    fn version(&self) -> u32;

    /// Kafka topic the event is published to.
    fn topic(&self) -> Cow<'_, str>;

    /// Kafka message key in bytes; events of one topic with equal keys keep their order. `None` publishes without a key.
    fn key(&self) -> Option<Vec<u8>>;

    /// Hands the event's own headers to `headers`, in their order. See [`header_problem`] for the names that it may use.
    fn headers(&self, headers: &mut dyn HeaderSink) {
        let _ = headers;
    }

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

macro_rules! pointer_events {
    ($($ty:ty),+) => {$(
        impl<E: Event + ?Sized> Event for $ty {
            fn name(&self) -> &'static str {
                (**self).name()
            }
            fn version(&self) -> u32 {
                (**self).version()
            }
            fn topic(&self) -> Cow<'_, str> {
                (**self).topic()
            }
            fn key(&self) -> Option<Vec<u8>> {
                (**self).key()
            }
            fn headers(&self, headers: &mut dyn HeaderSink) {
                (**self).headers(headers);
            }
            fn content_type(&self) -> &'static str {
                (**self).content_type()
            }
            fn encode(&self) -> Result<Option<Vec<u8>>, BoxError> {
                (**self).encode()
            }
        }
    )+};
}
pointer_events!(&E, Box<E>, std::rc::Rc<E>, std::sync::Arc<E>);
