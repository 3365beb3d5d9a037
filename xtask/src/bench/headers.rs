//! The cell `headers` (W6): what headers cost, with the sink alone: none, the relay's, all of CloudEvents, 20 more.

use anyhow::Result;
use outbox::record::Header;
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

impl HeaderSet {
    const ALL: [Self; 4] = [Self::None, Self::Default, Self::CloudEvents, Self::User20];

    fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Default => "default",
            Self::CloudEvents => "cloud_events",
            Self::User20 => "user_20",
        }
    }

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
        let mut sets = HeaderSet::ALL;
        let turn = repetition as usize % sets.len();
        sets.rotate_left(turn);
        let mut rates = Vec::new();
        for set in sets {
            let name = set.name();
            bench.say(format_args!("headers {repetition}/{}: {name}", bench.repetitions));
            let topic = format!("{}.{repetition}.{name}", bench.prefix);
            topic::create(&bench.brokers, &topic).await?;
            let rate = apart(halves::produce(bench.brokers.clone(), topic.clone(), records(&topic, bench.events), set));
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
    apart(halves::produce(bench.brokers.clone(), topic.clone(), records, HeaderSet::Default)).await?;
    topic::delete_all(&bench.brokers, &topic).await
}

/// The events of a drain, without a database.
fn records(topic: &str, events: u32) -> Vec<StoredRecord> {
    let (keys, hot) = (database::KEYS.unsigned_abs(), database::KEYS_HOT.unsigned_abs());
    (1..=events)
        .map(|n| {
            let key = if n % 2 == 0 { n / 2 % hot } else { hot + (u64::from(n) * 7919 % u64::from(keys - hot)) as u32 };
            let mut payload = format!("{{\"n\":{n},\"memo\":\"");
            let padding = (database::PAYLOAD_BYTES as usize).saturating_sub(payload.len() + 2);
            payload.extend(std::iter::repeat_n('x', padding));
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
    use super::{HeaderSet, records};

    #[test]
    fn sets_have_the_headers_that_the_consumer_counts() {
        let records = records("t", 3);
        assert_eq!(records[2].payload.as_ref().map(Vec::len), Some(160));
        for set in HeaderSet::ALL {
            assert_eq!(set.of(&records[0], "id", "1").len(), set.count(), "{}", set.name());
        }
    }
}
