//! An event as a row: what the transaction inserts, the store keeps and the relay publishes.
//!
//! Second station: `emit!` builds a [`Record`], [`transaction`](crate::transaction) inserts it.

pub mod headers;

use std::borrow::Cow;

use uuid::Uuid;

use crate::event::{HeaderSink, header_problem};
use crate::{Error, Event};
pub use headers::{Header, HeaderBuf, Headers};

/// Largest payload accepted by `emit!`, in bytes: Kafka's default `max.message.bytes` less room for key and headers.
pub const PAYLOAD_BYTES_MAX: usize = 1_000_000;
/// Longest topic name in bytes, as Kafka has it.
pub const TOPIC_BYTES_MAX: usize = 249;

/// One event, encoded, ready to be inserted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Identity for deduplication: a UUID of version 7, made at `emit!`; its timestamp is the event's time (ms).
    pub id: Uuid,
    /// Kafka topic.
    pub topic: Cow<'static, str>,
    /// Kafka key.
    pub key: Option<Vec<u8>>,
    /// Headers that the writer decides: `ce_type`, `ce_dataschema`, `content-type`, the user's own.
    pub headers: HeaderBuf,
    /// Encoded payload; `None` is a tombstone.
    pub payload: Option<Vec<u8>>,
}

impl Record {
    /// Encodes `event`.
    ///
    /// # Errors
    /// [`Error::Encode`], [`Error::InvalidTopic`], [`Error::PayloadTooLarge`].
    pub fn new<E: Event + ?Sized>(event: &E) -> Result<Self, Error> {
        let name = event.name();
        let topic = checked_topic(name, event.topic().into_owned())?;
        let payload = event.encode().map_err(|source| Error::Encode { event: name, source })?;
        let payload_bytes = payload.as_ref().map_or(0, Vec::len);
        if payload_bytes > PAYLOAD_BYTES_MAX {
            return Err(Error::PayloadTooLarge { event: name, payload_bytes, payload_bytes_max: PAYLOAD_BYTES_MAX });
        }
        let mut headers = HeaderBuf::default();
        headers.push(headers::CE_TYPE, Some(name.as_bytes()));
        headers.push(headers::CE_DATASCHEMA, Some(dataschema(name, event.version()).as_bytes()));
        if event.content_type() != headers::CONTENT_TYPE_DEFAULT {
            headers.push(headers::CONTENT_TYPE, Some(event.content_type().as_bytes()));
        }
        let mut own = OwnHeaders { headers: &mut headers, problem: None };
        event.headers(&mut own);
        if let Some(problem) = own.problem {
            return Err(Error::Encode { event: name, source: problem.into() });
        }
        Ok(Self { id: Uuid::now_v7(), topic: Cow::Owned(topic), key: event.key(), headers, payload })
    }
}

/// The event's own headers, on their way behind ours.
struct OwnHeaders<'a> {
    headers: &'a mut HeaderBuf,
    problem: Option<String>,
}

impl HeaderSink for OwnHeaders<'_> {
    fn header(&mut self, name: &str, value: Option<&[u8]>) {
        match header_problem(name) {
            None => self.headers.push(name, value),
            Some(problem) => {
                self.problem.get_or_insert_with(|| format!("the header `{name}`: {problem}"));
            }
        }
    }
}

/// `ce_dataschema` of an event: one URI for each name and version.
fn dataschema(name: &str, version: u32) -> String {
    format!("urn:outbox:{name}:{version}")
}

/// Kafka's rules for topic names: 1–249 characters of `a–z A–Z 0–9 . _ -`, not `.` or `..`.
fn checked_topic(event: &'static str, topic: String) -> Result<String, Error> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let fits = (1..=TOPIC_BYTES_MAX).contains(&topic.len());
    if fits && topic.bytes().all(legal) && topic != "." && topic != ".." {
        Ok(topic)
    } else {
        Err(Error::InvalidTopic { event, topic })
    }
}
