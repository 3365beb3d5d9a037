//! The consumer of a steady load: a thread that notes what arrives, and when.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use rdkafka::Message;

use super::now_us;
use crate::bench::topic;

/// How long nothing may arrive before what is missing counts as lost.
const PATIENCE: Duration = Duration::from_secs(60);

/// One message.
struct Arrival {
    number: u32,
    version: i64,
    key: Vec<u8>,
    partition: i32,
    at_us: i64,
}

/// A running consumer of one topic.
pub(in crate::bench) struct Consumer {
    stop: Arc<AtomicBool>,
    count: Arc<AtomicU64>,
    thread: Option<JoinHandle<Result<Vec<Arrival>>>>,
}

impl Consumer {
    /// From the beginning of `topic`, which exists.
    pub(in crate::bench) fn start(brokers: &str, topic: &str) -> Result<Self> {
        let consumer = topic::consumer(brokers, topic)?;
        let (stop, count) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let (until, counted) = (stop.clone(), count.clone());
        let thread = std::thread::Builder::new().name("bench-consumer".into()).spawn(move || {
            let mut arrivals = Vec::new();
            while !until.load(Ordering::Relaxed) {
                let Some(message) = consumer.poll(Duration::from_millis(50)) else { continue };
                let (message, at_us) = (message?, now_us());
                let (number, version) = read(message.payload()).context("a payload without its number")?;
                let key = message.key().context("a message without a key")?.to_vec();
                arrivals.push(Arrival { number, version, key, partition: message.partition(), at_us });
                counted.fetch_add(1, Ordering::Relaxed);
            }
            Ok(arrivals)
        })?;
        Ok(Self { stop, count, thread: Some(thread) })
    }

    /// Messages so far.
    pub(in crate::bench) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Waits for `events` messages, or until nothing arrives any more; then for the ones behind them, and ends.
    pub(in crate::bench) async fn finish(mut self, events: u32) -> Result<Arrivals> {
        let (mut seen, mut since) = (self.count(), Instant::now());
        while seen < u64::from(events) && since.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let now = self.count();
            if now != seen {
                (seen, since) = (now, Instant::now());
            }
            if self.thread.as_ref().is_none_or(JoinHandle::is_finished) {
                break;
            }
        }
        // What comes twice comes late.
        tokio::time::sleep(Duration::from_millis(500)).await;
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take().context("the consumer has ended")?;
        let arrivals = tokio::task::spawn_blocking(|| thread.join()).await?;
        Arrivals::new(arrivals.map_err(|_| anyhow!("the consumer has panicked"))??, events)
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// What has arrived.
pub(in crate::bench) struct Arrivals {
    /// Of event n at n: microseconds since 1970 of its first message.
    first_us: Vec<Option<i64>>,
    /// All messages, in the order in which they came.
    pub(in crate::bench) all_us: Vec<i64>,
    pub(in crate::bench) duplicates: u64,
    pub(in crate::bench) losses: u64,
    /// First messages that came behind a later one of their key.
    pub(in crate::bench) inversions: u64,
}

impl Arrivals {
    fn new(arrivals: Vec<Arrival>, events: u32) -> Result<Self> {
        let mut found = Self {
            first_us: vec![None; events as usize + 1],
            all_us: Vec::with_capacity(arrivals.len()),
            duplicates: 0,
            losses: 0,
            inversions: 0,
        };
        let mut last: HashMap<Vec<u8>, (i32, i64)> = HashMap::new();
        for Arrival { number, version, key, partition, at_us } in arrivals {
            found.all_us.push(at_us);
            let first = found.first_us.get_mut(number as usize).filter(|_| number > 0);
            let first = first.with_context(|| format!("event {number} was never written"))?;
            if first.replace(at_us).is_some() {
                found.duplicates += 1;
                continue;
            }
            let (home, newest) = last.entry(key).or_insert((partition, version));
            ensure!(*home == partition, "event {number}: its key is in the partitions {home} and {partition}");
            if *newest > version {
                found.inversions += 1;
            }
            *newest = version.max(*newest);
        }
        found.losses = found.first_us.iter().skip(1).filter(|first| first.is_none()).count() as u64;
        Ok(found)
    }

    /// A run that has lost, doubled or inverted anything has no number.
    pub(in crate::bench) fn verified(self) -> Result<Self> {
        let Self { duplicates, losses, inversions, .. } = &self;
        ensure!(
            *duplicates == 0 && *losses == 0 && *inversions == 0,
            "{losses} events lost, {duplicates} doubled, {inversions} inverted: no number"
        );
        Ok(self)
    }

    /// Milliseconds from commit to arrival of the events whose commit `committed` has; those of the first tenth, where
    /// everything is cold, are left out. Sorted.
    pub(in crate::bench) fn latencies(&self, committed: &[(u32, i64)]) -> Vec<f64> {
        let warm = self.first_us.len() / 10;
        let of = |(number, commit_us): &(u32, i64)| {
            let arrived = (*self.first_us.get(*number as usize)?)?;
            // A consumer may have an event before its writer has heard of the commit.
            (*number as usize > warm).then(|| (arrived - commit_us).max(0) as f64 / 1_000.0)
        };
        let mut latencies: Vec<_> = committed.iter().filter_map(of).collect();
        latencies.sort_by(f64::total_cmp);
        latencies
    }
}

/// Number and version in `{"n":17,"v":3,…`; jsonb puts blanks behind the colons.
fn read(payload: Option<&[u8]>) -> Option<(u32, i64)> {
    let text = std::str::from_utf8(payload?).ok()?;
    let value = |name: &str| {
        let (_, rest) = text.split_once(name)?;
        rest.split([',', '}']).next()?.trim().parse::<i64>().ok()
    };
    Some((u32::try_from(value("\"n\":")?).ok()?, value("\"v\":")?))
}

#[cfg(test)]
mod tests {
    use super::super::payload;
    use super::{Arrival, Arrivals, read};

    fn arrival(number: u32, version: i64, key: u8) -> Arrival {
        Arrival { number, version, key: vec![key], partition: i32::from(key), at_us: i64::from(number) * 1_000 + 500 }
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(payload(17, 3).len(), 160);
        assert_eq!(read(Some(payload(17, 3).as_bytes())), Some((17, 3)));
        assert_eq!(read(Some(b"{\"n\": 17, \"v\": 3}")), Some((17, 3)));
        assert_eq!(read(Some(b"{}")), None);
    }

    #[test]
    fn losses_duplicates_and_inversions_are_counted() {
        let all = vec![arrival(1, 1, 1), arrival(3, 3, 1), arrival(2, 2, 1), arrival(3, 3, 1), arrival(4, 1, 2)];
        let found = Arrivals::new(all, 5).unwrap();
        assert_eq!((found.losses, found.duplicates, found.inversions), (1, 1, 1));
        assert!(found.verified().is_err());
        let found = Arrivals::new(vec![arrival(1, 1, 1), arrival(2, 2, 1)], 2).unwrap().verified().unwrap();
        assert_eq!(found.latencies(&[(1, 1_000), (2, 2_500)]), [0.0, 0.5]);
    }

    #[test]
    fn a_key_in_two_partitions_is_refused() {
        let elsewhere = Arrival { partition: 5, ..arrival(2, 2, 1) };
        assert!(Arrivals::new(vec![arrival(1, 1, 1), elsewhere], 2).is_err());
    }
}
