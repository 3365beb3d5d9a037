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

/// Tag: the payload turns into bytes by itself.
pub struct ByInto(());

/// Tag: the payload is a reference to bytes or text, which are copied.
pub struct ByReference(());

/// Tag: the payload may be missing, which is a tombstone.
pub struct Optional<V>(V);

/// Bytes of an event without a type: `Vec<u8>`, `&[u8]`, text and whatever else is `Into<Vec<u8>>`, or an `Option` of
/// these; `None` is a tombstone. The tag `V` keeps the implementations apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a payload [OBX-037]",
    label = "neither bytes nor text",
    note = "a payload is bytes or text, or `None` for a tombstone; for a `serde::Serialize` value write `json = …` instead of `payload = …`"
)]
pub trait Payload<V> {
    /// The bytes; `None` is a tombstone.
    fn into_payload(self) -> Option<Vec<u8>>;
}

impl<P: Into<Vec<u8>>> Payload<ByInto> for P {
    fn into_payload(self) -> Option<Vec<u8>> {
        Some(self.into())
    }
}

impl<P: AsRef<[u8]> + ?Sized + Owned> Payload<ByReference> for &P {
    fn into_payload(self) -> Option<Vec<u8>> {
        Some(self.as_ref().to_vec())
    }
}

impl<P: Payload<V>, V> Payload<Optional<V>> for Option<P> {
    fn into_payload(self) -> Option<Vec<u8>> {
        self.and_then(Payload::into_payload)
    }
}

/// Owners of bytes, of which a reference is not `Into<Vec<u8>>`.
pub trait Owned {}
impl Owned for Vec<u8> {}
impl Owned for String {}
impl Owned for Box<[u8]> {}
impl Owned for Cow<'_, [u8]> {}

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
