//! Keys: which values can be a message's key, and their bytes.
//!
//! Part of the first station: [`Event::key`](super::Event::key) hands them over.

use std::borrow::Cow;

/// A value that can be a message key: text as UTF-8, integers in decimal, UUIDs hyphenated, bytes as they are.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an event's key: a key is text, an integer, a UUID or bytes [OBX-055]",
    label = "no key can be made of this",
    note = "write `key = self.field.to_string()` for a value of another type; several fields are joined by `format!`"
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
