//! Headers of a record in one buffer: one allocation an event, one column in the table.
//!
//! Layout, repeated; numbers are LEB128. The name: its length × 2 and its bytes, or the code of a well-known one × 2 + 1.
//! Then the value: its length + 1 and its bytes, or 0 for null. Behind the event's name comes its version.

/// Event name.
pub const CE_TYPE: &str = "ce_type";
/// URI of the schema's version; made of the event's name and version when the record is published.
pub const CE_DATASCHEMA: &str = "ce_dataschema";
/// MIME type of the payload.
pub const CONTENT_TYPE: &str = "content-type";
/// Trace context of the `emit!`, as W3C has it.
pub const TRACEPARENT: &str = "traceparent";
/// The same, of tracing systems' own.
pub const TRACESTATE: &str = "tracestate";
/// What a record without a stored `content-type` has.
pub const CONTENT_TYPE_DEFAULT: &str = "application/json";

/// Names stored as one byte: the code is the index. Only ever append.
const KNOWN: [&str; 4] = [CE_TYPE, CONTENT_TYPE, TRACEPARENT, TRACESTATE];
/// Its value is followed by the event's version.
const EVENT: usize = 0;

/// One header: name, and value or null.
pub type Header<'a> = (&'a str, Option<&'a [u8]>);

/// Owned, encoded headers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderBuf(Vec<u8>);

impl HeaderBuf {
    /// Starts with what the record is: an event of this name and version.
    pub fn of_event(name: &str, version: u32) -> Self {
        let mut buf = Self(Vec::with_capacity(name.len() + 8));
        buf.name(CE_TYPE);
        buf.value(Some(name.as_bytes()));
        put(&mut buf.0, u64::from(version));
        buf
    }

    /// Appends a header that is not the event's name, which [`HeaderBuf::of_event`] says.
    pub fn push(&mut self, name: &str, value: Option<&[u8]>) {
        self.name(name);
        self.value(value);
    }

    fn name(&mut self, name: &str) {
        match KNOWN.iter().position(|known| *known == name) {
            Some(code) => put(&mut self.0, code as u64 * 2 + 1),
            None => {
                put(&mut self.0, name.len() as u64 * 2);
                self.0.extend(name.as_bytes());
            }
        }
    }

    fn value(&mut self, value: Option<&[u8]>) {
        put(&mut self.0, value.map_or(0, |value| value.len() as u64 + 1));
        self.0.extend(value.unwrap_or_default());
    }

    /// Appends all headers of `other`.
    pub fn append(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    /// The encoded bytes, as stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for HeaderBuf {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

/// Iterator over encoded headers. Ends early at bytes that are not of this layout; [`Headers::is_damaged`] tells.
#[derive(Debug, Clone)]
pub struct Headers<'a> {
    rest: &'a [u8],
    /// Of the event, behind its name.
    version: u32,
    damaged: bool,
}

impl<'a> Headers<'a> {
    /// Reads `bytes` as written by [`HeaderBuf`].
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, version: 0, damaged: false }
    }

    /// Whether reading stopped before the end.
    pub fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// Name and version of the event, if these headers are of one: they are not read for it.
    pub fn event(&self) -> Option<(&'a str, u32)> {
        let mut first = self.clone();
        let (name, value) = first.read()?;
        (name == CE_TYPE).then_some(())?;
        Some((std::str::from_utf8(value?).ok()?, first.version))
    }

    fn read(&mut self) -> Option<Header<'a>> {
        let rest = &mut self.rest;
        let number = take(rest)?;
        let (index, is_known) = (usize::try_from(number / 2).ok()?, number % 2 == 1);
        let name = if is_known { *KNOWN.get(index)? } else { std::str::from_utf8(bytes(rest, index)?).ok()? };
        let value = match take(rest)?.checked_sub(1) {
            None => None,
            Some(length) => Some(bytes(rest, usize::try_from(length).ok()?)?),
        };
        if is_known && index == EVENT {
            self.version = u32::try_from(take(rest)?).ok()?;
        }
        Some((name, value))
    }
}

/// Appends `number`, low bits first, seven to a byte.
fn put(into: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        into.push(number as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

/// Takes a number off the front.
fn take(from: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (&byte, rest) = from.split_first()?;
        *from = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// Takes `length` bytes off the front.
fn bytes<'a>(from: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (bytes, rest) = from.split_at_checked(length)?;
    *from = rest;
    Some(bytes)
}

impl<'a> Iterator for Headers<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Header<'a>> {
        if self.rest.is_empty() || self.damaged {
            return None;
        }
        let header = self.read();
        self.damaged = header.is_none();
        header
    }
}

#[cfg(test)]
mod tests {
    use super::{HeaderBuf, Headers};

    #[test]
    fn headers_come_back_as_pushed() {
        let mut buf = HeaderBuf::of_event("bank.opened", 300);
        let long = ("n".repeat(255), "v".repeat(70_000));
        buf.push("content-type", Some(b"text/plain"));
        buf.push("tenant", None);
        buf.push("empty", Some(b""));
        buf.push(&long.0, Some(long.1.as_bytes()));
        let headers = Headers::new(buf.as_bytes());
        assert_eq!(headers.event(), Some(("bank.opened", 300)));
        let read: Vec<_> = headers.collect();
        let expected: [super::Header<'_>; 5] = [
            ("ce_type", Some(b"bank.opened")),
            ("content-type", Some(b"text/plain")),
            ("tenant", None),
            ("empty", Some(b"")),
            (&long.0, Some(long.1.as_bytes())),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn a_usual_event_costs_three_bytes_beside_its_name() {
        assert_eq!(HeaderBuf::of_event("bank.opened", 1).as_bytes().len(), "bank.opened".len() + 3);
    }

    #[test]
    fn headers_without_an_event_are_of_none() {
        let mut buf = HeaderBuf::default();
        assert_eq!(Headers::new(buf.as_bytes()).event(), None);
        buf.push("tenant", Some(b"1"));
        assert_eq!(Headers::new(buf.as_bytes()).event(), None);
    }

    #[test]
    fn damaged_bytes_are_noticed() {
        // A name cut short, an unknown code, a value cut short, a number without an end, and an event without a version.
        let damaged: [&[u8]; 5] = [&[6, b'a'], &[0x7f], &[2, b'a', 9, b'b'], &[0xff; 12], &[1, 2, b'a']];
        for bytes in damaged {
            let mut headers = Headers::new(bytes);
            assert_eq!(headers.next(), None, "{bytes:?}");
            assert!(headers.is_damaged(), "{bytes:?}");
        }
    }
}
