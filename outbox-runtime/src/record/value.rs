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

/// A header's value: text as UTF-8, bytes as they are, numbers in decimal, UUIDs hyphenated; `None` is a null header.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a header's value [OBX-036]",
    label = "not a header value",
    note = "header values are text, bytes, numbers, `uuid::Uuid`, or an `Option` of these; write `value.to_string()` for others"
)]
pub trait HeaderValue {
    /// The value's bytes; `None` for a null header.
    fn to_header(&self) -> Option<Cow<'_, [u8]>>;
}

macro_rules! borrowed {
    ($($ty:ty => $bytes:ident),+ $(,)?) => {$(
        impl HeaderValue for $ty {
            fn to_header(&self) -> Option<Cow<'_, [u8]>> {
                Some(Cow::Borrowed(self.$bytes()))
            }
        }
    )+};
}
borrowed!(str => as_bytes, String => as_bytes, [u8] => as_ref, Vec<u8> => as_slice);

impl<const N: usize> HeaderValue for [u8; N] {
    fn to_header(&self) -> Option<Cow<'_, [u8]>> {
        Some(Cow::Borrowed(self))
    }
}

macro_rules! displayed {
    ($($ty:ty),+) => {$(
        impl HeaderValue for $ty {
            fn to_header(&self) -> Option<Cow<'_, [u8]>> {
                Some(Cow::Owned(self.to_string().into_bytes()))
            }
        }
    )+};
}
displayed!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64, bool, char, uuid::Uuid);

impl<V: HeaderValue> HeaderValue for Option<V> {
    fn to_header(&self) -> Option<Cow<'_, [u8]>> {
        self.as_ref().and_then(HeaderValue::to_header)
    }
}

macro_rules! pointers {
    ($($ty:ty),+) => {$(
        impl<V: HeaderValue + ?Sized> HeaderValue for $ty {
            fn to_header(&self) -> Option<Cow<'_, [u8]>> {
                (**self).to_header()
            }
        }
    )+};
}
pointers!(&V, Box<V>, std::sync::Arc<V>, std::rc::Rc<V>);

impl<V: HeaderValue + ToOwned + ?Sized> HeaderValue for Cow<'_, V> {
    fn to_header(&self) -> Option<Cow<'_, [u8]>> {
        (**self).to_header()
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
