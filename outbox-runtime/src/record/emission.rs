//! What an `emit!` says beside its event: the options, or the parts of an event that has no type.
//!
//! Built where the `emit!` stands, in the order in which the options are written; applied before the insert.

use std::time::Duration;

use super::headers::{self, HeaderBuf};
use super::{Record, checked_payload, checked_topic};
use crate::event::{BoxError, HeaderValue, header_problem};
use crate::record::value::{Delay, Payload, Text};
use crate::{Error, EventKey};

/// Options of one `emit!`. Each is given at most once, which the macro checks.
#[derive(Debug, Default)]
pub struct Emission {
    /// `Some(None)`: no key, whatever the event says.
    key: Option<Option<Vec<u8>>>,
    topic: Option<String>,
    headers: HeaderBuf,
    /// The first header name that cannot be.
    refused: Option<String>,
    delay: Option<Duration>,
    raw: Raw,
}

/// Parts of an event without a type.
#[derive(Debug, Default)]
struct Raw {
    name: String,
    version: Option<u32>,
    content_type: Option<String>,
    payload: Option<Encoded>,
}

/// A payload that could be encoded, or not.
type Encoded = Result<Option<Vec<u8>>, BoxError>;

impl Emission {
    /// No options.
    pub fn new() -> Self {
        Self::default()
    }

    /// `key = …`
    pub fn key<K: EventKey + ?Sized>(mut self, key: &K) -> Self {
        self.key = Some(key.to_key());
        self
    }

    /// `key = None`
    pub fn no_key(mut self) -> Self {
        self.key = Some(None);
        self
    }

    /// `topic = …`
    pub fn topic<T: Text + ?Sized>(mut self, topic: &T) -> Self {
        self.topic = Some(topic.text().to_owned());
        self
    }

    /// `headers = { NAME => VALUE }`
    pub fn header<N: Text + ?Sized, V: HeaderValue + ?Sized>(mut self, name: &N, value: &V) -> Self {
        self.push(name.text(), value.to_value().as_deref());
        self
    }

    /// `headers = { NAME => None }`
    pub fn null_header<N: Text + ?Sized>(mut self, name: &N) -> Self {
        self.push(name.text(), None);
        self
    }

    /// `headers = { ..PAIRS }`
    pub fn headers<N: Text, V: HeaderValue>(mut self, pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        for (name, value) in pairs {
            self.push(name.text(), value.to_value().as_deref());
        }
        self
    }

    fn push(&mut self, name: &str, value: Option<&[u8]>) {
        match header_problem(name) {
            None => self.headers.push(name, value),
            Some(_) => drop(self.refused.get_or_insert_with(|| name.to_owned())),
        }
    }

    /// `delay = …`
    pub fn delay<D: Delay>(mut self, delay: D) -> Self {
        self.delay = delay.delay();
        self
    }

    /// `type = …`
    pub fn name<T: Text + ?Sized>(mut self, name: &T) -> Self {
        self.raw.name = name.text().to_owned();
        self
    }

    /// `version = …`
    pub fn version(mut self, version: u32) -> Self {
        self.raw.version = Some(version);
        self
    }

    /// `content_type = …`
    pub fn content_type<T: Text + ?Sized>(mut self, content_type: &T) -> Self {
        self.raw.content_type = Some(content_type.text().to_owned());
        self
    }

    /// `payload = …`
    pub fn payload<P: Payload>(mut self, payload: P) -> Self {
        self.raw.payload = Some(Ok(payload.into_payload()));
        self.raw.content_type.get_or_insert_with(|| "application/octet-stream".to_owned());
        self
    }

    /// `payload = None`
    pub fn tombstone(mut self) -> Self {
        self.raw.payload = Some(Ok(None));
        self
    }

    /// `json = …`
    pub fn json<J: serde::Serialize + ?Sized>(mut self, value: &J) -> Self {
        self.raw.payload = Some(serde_json::to_vec(value).map(Some).map_err(Into::into));
        self
    }

    /// Changes `record`, an event of type `event`, to what the options say.
    pub(crate) fn apply(&self, event: &'static str, record: &mut Record) -> Result<(), Error> {
        if let Some(name) = &self.refused {
            return Err(Error::InvalidHeader { event, name: name.clone() });
        }
        if let Some(topic) = &self.topic {
            record.topic = checked_topic(event, topic.clone())?.into();
        }
        if let Some(key) = &self.key {
            record.key.clone_from(key);
        }
        record.headers.append(&self.headers);
        record.delay = self.delay;
        Ok(())
    }

    /// The record of an event without a type; `event` names it in errors.
    ///
    /// # Errors
    /// As for [`Record::new`], and [`Error::InvalidHeader`].
    pub fn raw(mut self, event: &'static str) -> Result<[Record; 1], Error> {
        let Raw { name, version, content_type, payload } = std::mem::take(&mut self.raw);
        let payload = payload.transpose().map_err(|source| Error::Encode { event, source })?.flatten();
        checked_payload(event, payload.as_deref())?;
        let mut headers = HeaderBuf::of_event(&name, version.unwrap_or(1));
        if let Some(content_type) = content_type.filter(|given| given != headers::CONTENT_TYPE_DEFAULT) {
            headers.push(headers::CONTENT_TYPE, Some(content_type.as_bytes()));
        }
        let topic = checked_topic(event, self.topic.take().unwrap_or_default())?;
        let mut record =
            Record { id: uuid::Uuid::now_v7(), topic: topic.into(), key: None, headers, payload, delay: None };
        self.apply(event, &mut record)?;
        crate::telemetry::trace::created(&mut record);
        Ok([record])
    }
}

#[cfg(test)]
mod tests {
    use super::Emission;
    use crate::Error;
    use crate::record::Headers;

    #[test]
    fn reserved_and_impossible_names_are_refused() {
        let long = "x".repeat(256);
        for name in ["ce_type", "traceparent", "__connect.errors", "kafka_dlt", "outbox-seq", "", &long] {
            let refused = Emission::new().topic("t").name("n").header(name, "v").payload("p").raw("n");
            assert!(matches!(&refused, Err(Error::InvalidHeader { name: told, .. }) if told == name), "{refused:?}");
        }
    }

    #[test]
    fn a_content_type_stands_for_the_payload_whatever_comes_first() {
        let first = Emission::new().content_type("text/plain").payload("p");
        let last = Emission::new().payload("p").content_type("text/plain");
        for emission in [first, last] {
            let [record] = emission.topic("t").name("n").raw("n").unwrap();
            let found = Headers::new(record.headers.as_bytes()).find(|(name, _)| *name == "content-type");
            assert_eq!(found, Some(("content-type", Some(&b"text/plain"[..]))));
        }
    }
}
