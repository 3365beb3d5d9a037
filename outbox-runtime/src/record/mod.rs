//! An event as a row: what the transaction inserts, the store keeps and the relay publishes.
//!
//! Second station: `emit!` builds a [`Record`], [`transaction`](crate::transaction) inserts it.

mod emission;
pub mod headers;
pub mod value;

use std::borrow::Cow;
use std::time::Duration;

use uuid::Uuid;

use crate::event::{HeaderSink, header_problem};
use crate::{Error, Event};
pub use emission::Emission;
pub use headers::{Header, HeaderBuf, Headers};

/// Largest payload accepted by `emit!`, in bytes: Kafka's default `max.message.bytes` less room for key and headers.
pub const PAYLOAD_BYTES_MAX: usize = 1_000_000;
/// Longest topic name in bytes, as Kafka has it.
pub const TOPIC_BYTES_MAX: usize = 249;
/// Longest delay: a thousand years, which every database and every clock can add to now.
const DELAY_MAX: Duration = Duration::from_secs(1_000 * 365 * 24 * 3_600);

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
    /// Headers that the writer decides: `ce_type` with the event's version, `content-type`, the user's own.
    pub headers: HeaderBuf,
    /// Encoded payload; `None` is a tombstone.
    pub payload: Option<Vec<u8>>,
    /// How long after the insert, by the database's clock, it is published at the earliest. `None`: at once, in order.
    /// More than a thousand years are a thousand years.
    pub delay: Option<Duration>,
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
        checked_payload(name, payload.as_deref())?;
        let mut headers = HeaderBuf::of_event(name, event.version());
        if event.content_type() != headers::CONTENT_TYPE_DEFAULT {
            headers.push(headers::CONTENT_TYPE, Some(event.content_type().as_bytes()));
        }
        let mut own = OwnHeaders { headers: &mut headers, refused: None };
        event.headers(&mut own);
        if let Some(header) = own.refused {
            return Err(Error::InvalidHeader { event: name, name: header });
        }
        Ok(Self { id: Uuid::now_v7(), topic: Cow::Owned(topic), key: event.key(), headers, payload, delay: None })
    }

    /// The delay that is stored.
    pub(crate) fn due_in(&self) -> Option<Duration> {
        self.delay.map(|delay| delay.min(DELAY_MAX))
    }
}

/// The event's own headers, on their way behind ours.
struct OwnHeaders<'a> {
    headers: &'a mut HeaderBuf,
    /// The first name that cannot be.
    refused: Option<String>,
}

impl HeaderSink for OwnHeaders<'_> {
    fn header(&mut self, name: &str, value: Option<&[u8]>) {
        match header_problem(name) {
            None => self.headers.push(name, value),
            Some(_) => drop(self.refused.get_or_insert_with(|| name.to_owned())),
        }
    }
}

/// One record is as good as a slice of one.
impl AsRef<[Self]> for Record {
    fn as_ref(&self) -> &[Self] {
        std::slice::from_ref(self)
    }
}

fn checked_payload(event: &'static str, payload: Option<&[u8]>) -> Result<(), Error> {
    let payload_bytes = payload.map_or(0, <[u8]>::len);
    if payload_bytes > PAYLOAD_BYTES_MAX {
        return Err(Error::PayloadTooLarge { event, payload_bytes, payload_bytes_max: PAYLOAD_BYTES_MAX });
    }
    Ok(())
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
