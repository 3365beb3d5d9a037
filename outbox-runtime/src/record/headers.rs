//! Headers of a record in one buffer: one allocation an event, one column in the table.
//!
//! Layout, repeated: name length (u8, 1–255) and name, or a 0 byte and a one-byte code of a well-known name; then
//! value length + 1 (u32 big-endian, 0 = null value) and value.

/// Event name.
pub const CE_TYPE: &str = "ce_type";
/// URI of the schema's version.
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
const KNOWN: [&str; 5] = [CE_TYPE, CE_DATASCHEMA, CONTENT_TYPE, TRACEPARENT, TRACESTATE];

/// One header: name, and value or null.
pub type Header<'a> = (&'a str, Option<&'a [u8]>);

/// Owned, encoded headers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderBuf(Vec<u8>);

impl HeaderBuf {
    /// Appends a header. Names longer than 255 bytes are cut at a character border; the caller checks them first.
    pub fn push(&mut self, name: &str, value: Option<&[u8]>) {
        match KNOWN.iter().position(|known| *known == name) {
            Some(code) => self.0.extend([0, code as u8]),
            None => {
                let name = &name[..name.floor_char_boundary(255)];
                self.0.push(name.len() as u8);
                self.0.extend(name.as_bytes());
            }
        }
        let length = value.map_or(0, |value| value.len() as u32 + 1);
        self.0.extend(length.to_be_bytes());
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
    damaged: bool,
}

impl<'a> Headers<'a> {
    /// Reads `bytes` as written by [`HeaderBuf`].
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, damaged: false }
    }

    /// Whether reading stopped before the end.
    pub fn is_damaged(&self) -> bool {
        self.damaged
    }

    fn read(&mut self) -> Option<Header<'a>> {
        let (&name_length, rest) = self.rest.split_first()?;
        let (name, rest) = if name_length == 0 {
            let (&code, rest) = rest.split_first()?;
            (*KNOWN.get(usize::from(code))?, rest)
        } else {
            let (name, rest) = rest.split_at_checked(usize::from(name_length))?;
            (std::str::from_utf8(name).ok()?, rest)
        };
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (value, rest) = match u32::from_be_bytes(*length).checked_sub(1) {
            None => (None, rest),
            Some(length) => {
                let (value, rest) = rest.split_at_checked(length as usize)?;
                (Some(value), rest)
            }
        };
        self.rest = rest;
        Some((name, value))
    }
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
        let mut buf = HeaderBuf::default();
        buf.push("ce_type", Some(b"bank.opened"));
        buf.push("tenant", None);
        buf.push("empty", Some(b""));
        let read: Vec<_> = Headers::new(buf.as_bytes()).collect();
        let expected: [super::Header<'_>; 3] =
            [("ce_type", Some(b"bank.opened")), ("tenant", None), ("empty", Some(b""))];
        assert_eq!(read, expected);
    }

    #[test]
    fn damaged_bytes_are_noticed() {
        let mut headers = Headers::new(&[3, b'a']);
        assert_eq!(headers.next(), None);
        assert!(headers.is_damaged());
    }
}
