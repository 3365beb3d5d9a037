//! The cell `headers` (W6): what headers cost, with the sink alone: none, the relay's, all of CloudEvents, 20 more.

use anyhow::Result;
use outbox::record::Header;
use outbox::sink::KafkaSink;
use outbox::store::StoredRecord;
use uuid::Uuid;

use super::context::{Bench, apart};
use super::report::Findings;
use super::{database, halves, topic};

/// Which headers a message has.
#[derive(Clone, Copy)]
pub(super) enum HeaderSet {
    None,
    /// The relay's.
    Default,
    /// These, and what CloudEvents and trace contexts have beside them.
    CloudEvents,
    /// The relay's, and 20 of the user's.
    User20,
}

const TYPE: &str = "bench.funds-withdrawn";
const MORE: [(&str, &str); 3] = [
    ("ce_subject", "account-4711"),
    ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    ("tracestate", "rojo=00f067aa0ba902b7"),
];
const OWN: [&str; 20] = [
    "own-00", "own-01", "own-02", "own-03", "own-04", "own-05", "own-06", "own-07", "own-08", "own-09", "own-10",
    "own-11", "own-12", "own-13", "own-14", "own-15", "own-16", "own-17", "own-18", "own-19",
];

/// Name, headers, and compression.
const CONTESTANTS: [(&str, HeaderSet, &str); 5] = [
    ("none", HeaderSet::None, "none"),
    ("default", HeaderSet::Default, "none"),
    ("default_lz4", HeaderSet::Default, "lz4"),
    ("cloud_events", HeaderSet::CloudEvents, "none"),
    ("user_20", HeaderSet::User20, "none"),
];

/// A sink that compresses.
pub(super) fn sink(brokers: &str, compression: &str) -> Result<KafkaSink> {
    Ok(KafkaSink::builder(brokers).set("compression.type", compression).build()?)
}

impl HeaderSet {
    fn count(self) -> usize {
        match self {
            Self::None => 0,
            Self::Default => halves::HEADERS,
            Self::CloudEvents => halves::HEADERS + MORE.len(),
            Self::User20 => halves::HEADERS + OWN.len(),
        }
    }

    /// Of `record`, whose id and position are these texts.
    pub(super) fn of<'a>(self, _record: &'a StoredRecord, id: &'a str, position: &'a str) -> Vec<Header<'a>> {
        let mut headers = Vec::with_capacity(self.count());
        if !matches!(self, Self::None) {
            headers.extend(halves::headers(id, position, TYPE));
        }
        match self {
            Self::None | Self::Default => {}
            Self::CloudEvents => headers.extend(MORE.map(|(name, value)| (name, Some(value.as_bytes())))),
            Self::User20 => headers.extend(OWN.map(|name| (name, Some(&b"a value of mine"[..])))),
        }
        headers
    }
}

pub(super) async fn run(bench: &Bench) -> Result<Findings> {
    let mut findings = Findings::default();
    warm_up(bench).await?;
    for repetition in 1..=bench.repetitions {
        let mut contestants = CONTESTANTS;
        let turn = repetition as usize % contestants.len();
        contestants.rotate_left(turn);
        let mut rates = Vec::new();
        for (name, set, compression) in contestants {
            bench.say(format_args!("headers {repetition}/{}: {name}", bench.repetitions));
            let topic = format!("{}.{repetition}.{name}", bench.prefix);
            topic::create(&bench.brokers, &topic).await?;
            let sink = sink(&bench.brokers, compression)?;
            let rate = apart(halves::produce(sink, topic.clone(), records(&topic, bench.events), set));
            rates.push((name, rate.await?));
            topic::verify(&bench.brokers, &topic, bench.events, set.count()).await?;
            topic::delete_all(&bench.brokers, &topic).await?;
        }
        let none = rates.iter().find(|(name, _)| *name == "none").map_or(f64::NAN, |(_, rate)| *rate);
        for (name, rate) in rates.into_iter().filter(|(name, _)| *name != "none") {
            findings.sample(&format!("headers.{name}"), "none", "events/s", rate, none);
        }
        bench.progress.step();
    }
    Ok(findings)
}

/// What a broker takes for its first messages, with nothing compiled yet, is on nobody's bill.
pub(super) async fn warm_up(bench: &Bench) -> Result<()> {
    bench.say(format_args!("warming the broker up"));
    let topic = format!("{}.warm", bench.prefix);
    topic::create(&bench.brokers, &topic).await?;
    let records = records(&topic, bench.events.min(1_000_000));
    apart(halves::produce(KafkaSink::new(&bench.brokers)?, topic.clone(), records, HeaderSet::Default)).await?;
    topic::delete_all(&bench.brokers, &topic).await
}

/// The events of a drain, without a database.
fn records(topic: &str, events: u32) -> Vec<StoredRecord> {
    let (keys, hot) = (database::KEYS.unsigned_abs(), database::KEYS_HOT.unsigned_abs());
    let mut digits = fastrand::Rng::with_seed(1);
    (1..=events)
        .map(|n| {
            let key = if n % 2 == 0 { n / 2 % hot } else { hot + (u64::from(n) * 7919 % u64::from(keys - hot)) as u32 };
            let mut payload = format!("{{\"n\":{n},\"memo\":\"");
            // Digits that no compression finds a pattern in.
            while payload.len() < database::PAYLOAD_BYTES as usize - 2 {
                payload += &format!("{:016x}", digits.u64(..));
            }
            payload.truncate(database::PAYLOAD_BYTES as usize - 2);
            payload.push_str("\"}");
            StoredRecord {
                position: i64::from(n),
                id: Uuid::now_v7(),
                topic: topic.to_owned(),
                key: Some(key.to_string().into_bytes()),
                headers: Vec::new(),
                payload: Some(payload.into_bytes()),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{CONTESTANTS, records};

    #[test]
    fn sets_have_the_headers_that_the_consumer_counts() {
        let records = records("t", 3);
        assert_eq!(records[2].payload.as_ref().map(Vec::len), Some(160));
        for (name, set, _) in CONTESTANTS {
            assert_eq!(set.of(&records[0], "id", "1").len(), set.count(), "{name}");
        }
    }
}
