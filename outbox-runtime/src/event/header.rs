//! Headers of an event: which names it may use, and which values.
//!
//! Part of the first station: [`Event::headers`](super::Event::headers) hands them to the record.

use std::borrow::Cow;

/// Takes the headers of an event.
pub trait HeaderSink {
    /// Takes one header: its name, and its value or null.
    fn header(&mut self, name: &str, value: Option<&[u8]>);
}

/// Longest name of a header in bytes.
const NAME_BYTES_MAX: usize = 255;

/// Prefixes of names that CloudEvents, tracing, Kafka's tools and this crate write.
const RESERVED_PREFIXES: [&str; 5] = ["ce_", "traceparent", "__connect.", "kafka_", "outbox-"];

/// Names that this crate writes.
const RESERVED: [&str; 3] = ["id", "tracestate", "content-type"];

/// What is wrong with `name` as the name of a header of an event, if anything is.
///
/// A name is 1 to 255 bytes without control characters, and none of those that this crate and Kafka's tools write
/// themselves: `id`, `content-type`, `tracestate`, and whatever starts with `ce_`, `traceparent`, `__connect.`,
/// `kafka_` or `outbox-`, in capitals or not.
///
/// ```
/// # use outbox_runtime::event::header_problem;
/// assert!(header_problem("tenant").is_none());
/// assert!(header_problem("ce_type").is_some());
/// ```
pub fn header_problem(name: &str) -> Option<&'static str> {
    let starts = |prefix: &&str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
        Some("a header's name is 1 to 255 bytes without control characters")
    } else if RESERVED_PREFIXES.iter().any(starts) || RESERVED.iter().any(|word| name.eq_ignore_ascii_case(word)) {
        Some("this header is written by outbox itself or by Kafka's tools")
    } else {
        None
    }
}

/// A value that can be a header's: text, numbers in decimal, UUIDs hyphenated, bytes as they are. `None` is
/// a null header.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a header's value: a value is text, a number, a UUID or bytes, or an `Option` of these [OBX-057]",
    label = "no header can be made of this",
    note = "write `.to_string()` after a value of another type"
)]
pub trait HeaderValue {
    /// The value's bytes; `None` for a null header.
    fn to_value(&self) -> Option<Cow<'_, [u8]>>;
}

macro_rules! display_values {
    ($($ty:ty),+) => {$(
        impl HeaderValue for $ty {
            fn to_value(&self) -> Option<Cow<'_, [u8]>> {
                Some(Cow::Owned(self.to_string().into_bytes()))
            }
        }
    )+};
}
display_values!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64, bool, char, uuid::Uuid);

macro_rules! byte_values {
    ($($ty:ty => $bytes:expr),+) => {$(
        impl HeaderValue for $ty {
            fn to_value(&self) -> Option<Cow<'_, [u8]>> {
                let bytes: fn(&$ty) -> &[u8] = $bytes;
                Some(Cow::Borrowed(bytes(self)))
            }
        }
    )+};
}
byte_values!(str => |text| text.as_bytes(), String => |text| text.as_bytes(), [u8] => |bytes| bytes, Vec<u8> => |bytes| bytes);

impl<const N: usize> HeaderValue for [u8; N] {
    fn to_value(&self) -> Option<Cow<'_, [u8]>> {
        Some(Cow::Borrowed(self))
    }
}

impl<V: HeaderValue> HeaderValue for Option<V> {
    fn to_value(&self) -> Option<Cow<'_, [u8]>> {
        self.as_ref().and_then(HeaderValue::to_value)
    }
}

macro_rules! pointer_values {
    ($($ty:ty),+) => {$(
        impl<V: HeaderValue + ?Sized> HeaderValue for $ty {
            fn to_value(&self) -> Option<Cow<'_, [u8]>> {
                (**self).to_value()
            }
        }
    )+};
}
pointer_values!(&V, Box<V>, std::sync::Arc<V>, std::rc::Rc<V>);

impl<V: HeaderValue + ToOwned + ?Sized> HeaderValue for Cow<'_, V> {
    fn to_value(&self) -> Option<Cow<'_, [u8]>> {
        (**self).to_value()
    }
}

#[cfg(test)]
mod tests {
    use super::{HeaderValue, header_problem};

    #[test]
    fn names_that_others_write_are_reserved() {
        for name in ["", "ce_type", "CE_id", "traceparent", "__connect.x", "kafka_x", "outbox-seq", "ID", "a\nb"] {
            assert!(header_problem(name).is_some(), "{name:?}");
        }
        assert!(header_problem(&"x".repeat(256)).is_some());
        for name in ["tenant", "x-region", "ce", "identity", "größe", &"x".repeat(255)] {
            assert!(header_problem(name).is_none(), "{name:?}");
        }
    }

    #[test]
    fn values_are_text_and_bytes() {
        assert_eq!(Some(7).to_value().as_deref(), Some(&b"7"[..]));
        assert_eq!(None::<String>.to_value(), None);
        assert_eq!("eu".to_value().as_deref(), Some(&b"eu"[..]));
        assert_eq!([1u8, 2].to_value().as_deref(), Some(&[1u8, 2][..]));
    }
}
