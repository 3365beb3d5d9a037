//! Headers of a published record: CloudEvents in binary mode, `id`, and ours.
//!
//! The value is the stored payload, never decoded.

use crate::record::Headers;
use crate::record::headers::{CE_DATASCHEMA, CONTENT_TYPE, CONTENT_TYPE_DEFAULT};
use crate::sink::Message;
use crate::store::StoredRecord;

/// What Kafka adds to a message: the record's and the batch's framing.
const FRAMING_BYTES: usize = 96;
/// The least it adds: a batch header and a record's lengths.
const BATCH_BYTES: usize = 68;
/// What it adds to a header.
const HEADER_FRAMING_BYTES: usize = 6;

/// Builds messages for one owner of a log; the constant parts are made once.
#[derive(Debug)]
pub(super) struct MessageBuilder {
    source: String,
    epoch: String,
    schema: Schema,
}

/// `ce_dataschema` of the event built last: neighbours are mostly alike.
#[derive(Debug, Default)]
struct Schema {
    name: String,
    version: u32,
    /// One for each name and version.
    uri: String,
}

impl Schema {
    fn of(&mut self, (name, version): (&str, u32)) -> &[u8] {
        if self.uri.is_empty() || self.version != version || self.name != name {
            *self = Self { name: name.to_owned(), version, uri: format!("urn:outbox:{name}:{version}") };
        }
        self.uri.as_bytes()
    }
}

impl MessageBuilder {
    pub(super) fn new(source: String) -> Self {
        Self { source, epoch: String::new(), schema: Schema::default() }
    }

    pub(super) fn set_epoch(&mut self, epoch: i64) {
        self.epoch = epoch.to_string();
    }

    /// Builds the message of `record` and hands it to `send`.
    pub(super) fn with<R>(
        &mut self,
        record: &StoredRecord,
        token: u64,
        partition: i32,
        send: impl FnOnce(Message<'_>) -> R,
    ) -> R {
        let mut id = [0; uuid::fmt::Hyphenated::LENGTH];
        let id: &str = record.id.hyphenated().encode_lower(&mut id);
        let time = event_time_ms(record).and_then(time);
        let mut position = itoa::Buffer::new();
        let position = position.format(record.position).as_bytes();

        let stored = Headers::new(&record.headers);
        let schema = stored.event().map(|event| self.schema.of(event));

        let mut headers: Vec<(&str, Option<&[u8]>)> = Vec::with_capacity(12);
        headers.push(("ce_specversion", Some(b"1.0")));
        headers.push(("ce_id", Some(id.as_bytes())));
        headers.push(("ce_source", Some(self.source.as_bytes())));
        if let Some(time) = &time {
            headers.push(("ce_time", Some(time)));
        }
        let first_stored = headers.len();
        headers.extend(stored);
        if !headers.iter().skip(first_stored).any(|(name, _)| *name == CONTENT_TYPE) {
            headers.push((CONTENT_TYPE, Some(CONTENT_TYPE_DEFAULT.as_bytes())));
        }
        if let Some(schema) = schema {
            headers.push((CE_DATASCHEMA, Some(schema)));
        }
        headers.push(("id", Some(id.as_bytes())));
        headers.push(("outbox-seq", Some(position)));
        headers.push(("outbox-epoch", Some(self.epoch.as_bytes())));
        let (key, payload) = (record.key.as_deref(), record.payload.as_deref());
        send(Message { token, topic: &record.topic, partition, key, payload, headers: &headers })
    }

    /// Whether the message is certainly larger than `bytes_max`.
    pub(super) fn is_over(&mut self, record: &StoredRecord, bytes_max: usize) -> bool {
        self.bytes(record) > bytes_max && self.with(record, 0, 0, |message| bytes_at_least(&message)) > bytes_max
    }

    /// Size of the message on the wire, from above, without building it.
    pub(super) fn bytes(&self, record: &StoredRecord) -> usize {
        let constant = 260 + self.source.len() + self.epoch.len() + 10 * HEADER_FRAMING_BYTES;
        // Well-known names are stored as one byte, and the URI of the schema not at all: its parts are.
        let stored = 2 * record.headers.len() + 96;
        FRAMING_BYTES
            + constant
            + stored
            + record.key.as_ref().map_or(0, Vec::len)
            + record.payload.as_ref().map_or(0, Vec::len)
    }
}

/// Size of `message` as a batch of its own, from below: what is over a topic's limit by this count never fits.
fn bytes_at_least(message: &Message<'_>) -> usize {
    let length = |value: Option<&[u8]>| value.map_or(0, <[u8]>::len);
    let headers: usize = message.headers.iter().map(|(name, value)| 2 + name.len() + length(*value)).sum();
    BATCH_BYTES + length(message.key) + length(message.payload) + headers
}

/// Milliseconds since 1970 in a UUID of version 7.
fn event_time_ms(record: &StoredRecord) -> Option<u64> {
    (record.id.get_version_num() == 7).then(|| (record.id.as_u128() >> 80) as u64)
}

const TIME: [u8; 24] = *b"0000-00-00T00:00:00.000Z";

/// RFC 3339 in UTC with milliseconds; `None` beyond the year 9999.
fn time(ms: u64) -> Option<[u8; TIME.len()]> {
    let (days, ms_of_day) = (ms / 86_400_000, ms % 86_400_000);
    let (year, month, day) = civil(days);
    if year > 9999 {
        return None;
    }
    let (hour, minute) = (ms_of_day / 3_600_000, ms_of_day / 60_000 % 60);
    let (second, ms) = (ms_of_day / 1_000 % 60, ms_of_day % 1_000);
    let mut text = TIME;
    for (places, number) in
        [(0..4, year), (5..7, month), (8..10, day), (11..13, hour), (14..16, minute), (17..19, second), (20..23, ms)]
    {
        write_digits(number, &mut text[places]);
    }
    Some(text)
}

/// The last digits of `number`, as many as there is room for.
fn write_digits(mut number: u64, into: &mut [u8]) {
    for digit in into.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Year, month and day of a day since 1970 (Howard Hinnant's `civil_from_days`).
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::{MessageBuilder, time};
    use crate::record::HeaderBuf;
    use crate::store::StoredRecord;

    fn record(headers: HeaderBuf) -> StoredRecord {
        StoredRecord {
            position: i64::MIN,
            id: uuid::Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001),
            topic: "bank".into(),
            key: Some(b"1".to_vec()),
            headers: headers.as_bytes().to_vec(),
            payload: Some(b"{}".to_vec()),
        }
    }

    #[test]
    fn times_are_rfc_3339() {
        let cases = [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_001, "2000-02-29T00:00:00.001Z"),
            (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
            (4_102_444_800_000, "2100-01-01T00:00:00.000Z"),
        ];
        for (ms, expected) in cases {
            assert_eq!(time(ms).as_ref().map(|time| &time[..]), Some(expected.as_bytes()));
        }
        assert_eq!(time(u64::MAX >> 16), None);
    }

    #[test]
    fn headers_have_the_names_of_the_wire() {
        let mut stored = HeaderBuf::of_event("bank.opened", 2);
        stored.push("tenant", None);
        let mut builder = MessageBuilder::new("bank-service".into());
        builder.set_epoch(7);
        let seen: Vec<(String, Option<String>)> = builder.with(&record(stored), 1, 0, |message| {
            let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
            message.headers.iter().map(|(name, value)| ((*name).to_owned(), value.map(text))).collect()
        });
        let id = "01980000-0000-7000-8000-000000000001";
        let expected = [
            ("ce_specversion", Some("1.0")),
            ("ce_id", Some(id)),
            ("ce_source", Some("bank-service")),
            ("ce_time", Some("2025-07-12T18:57:36.768Z")),
            ("ce_type", Some("bank.opened")),
            ("tenant", None),
            ("content-type", Some("application/json")),
            ("ce_dataschema", Some("urn:outbox:bank.opened:2")),
            ("id", Some(id)),
            ("outbox-seq", Some("-9223372036854775808")),
            ("outbox-epoch", Some("7")),
        ];
        let expected: Vec<_> = expected.iter().map(|(n, v)| ((*n).to_owned(), v.map(str::to_owned))).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_stored_content_type_stands() {
        let mut stored = HeaderBuf::default();
        stored.push("content-type", Some(b"text/plain"));
        let mut builder = MessageBuilder::new("s".into());
        let types = builder.with(&record(stored), 1, 0, |message| {
            message.headers.iter().filter(|(name, _)| *name == "content-type").count()
        });
        assert_eq!(types, 1);
    }
}
