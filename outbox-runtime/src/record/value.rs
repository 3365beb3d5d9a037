//! What can stand behind the options of an `emit!`: texts, header values, payloads, delays.

use std::borrow::Cow;
use std::time::Duration;

/// Text of an option: `&str`, `String`, `Cow<str>` and whatever else is `AsRef<str>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not text, which this option of `emit!` needs [OBX-035]",
    label = "not text",
    note = "give a `&str`, a `String`, or another `AsRef<str>`"
)]
pub trait Text {
    /// The text.
    fn text(&self) -> &str;
}

impl<T: AsRef<str> + ?Sized> Text for T {
    fn text(&self) -> &str {
        self.as_ref()
    }
}

/// Bytes of an event without a type: bytes or text, by value or by reference, or an `Option` of these; `None` is a
/// tombstone.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a payload [OBX-037]",
    label = "neither bytes nor text",
    note = "a payload is bytes or text, such as `Vec<u8>`, `&[u8]` or `&str`, or `None` for a tombstone; \
            for a `serde::Serialize` value write `json = …` instead of `payload = …`"
)]
pub trait Payload {
    /// The bytes; `None` is a tombstone.
    fn into_payload(self) -> Option<Vec<u8>>;
}

macro_rules! owned_payloads {
    ($($ty:ty),+) => {$(
        impl Payload for $ty {
            fn into_payload(self) -> Option<Vec<u8>> {
                Some(self.into())
            }
        }
    )+};
}
owned_payloads!(Vec<u8>, Box<[u8]>, String, &str, &[u8], Cow<'_, [u8]>);

macro_rules! copied_payloads {
    ($($ty:ty),+) => {$(
        impl Payload for $ty {
            fn into_payload(self) -> Option<Vec<u8>> {
                Some(AsRef::<[u8]>::as_ref(self).to_vec())
            }
        }
    )+};
}
copied_payloads!(&Vec<u8>, &Box<[u8]>, &String, &Cow<'_, [u8]>, &std::sync::Arc<[u8]>);

impl Payload for Cow<'_, str> {
    fn into_payload(self) -> Option<Vec<u8>> {
        Some(self.into_owned().into_bytes())
    }
}

impl<const N: usize> Payload for [u8; N] {
    fn into_payload(self) -> Option<Vec<u8>> {
        Some(self.into())
    }
}

impl<const N: usize> Payload for &[u8; N] {
    fn into_payload(self) -> Option<Vec<u8>> {
        Some(self.to_vec())
    }
}

impl<P: Payload> Payload for Option<P> {
    fn into_payload(self) -> Option<Vec<u8>> {
        self.and_then(Payload::into_payload)
    }
}

/// How long an event waits: a `Duration`, or an `Option` of one, where `None` is now.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no delay [OBX-034]",
    label = "not a `Duration`",
    note = "a delay is a `std::time::Duration`, for example `delay = Duration::from_secs(60)`"
)]
pub trait Delay {
    /// The delay.
    fn delay(self) -> Option<Duration>;
}

impl Delay for Duration {
    fn delay(self) -> Option<Duration> {
        Some(self)
    }
}

impl Delay for Option<Duration> {
    fn delay(self) -> Option<Duration> {
        self
    }
}
