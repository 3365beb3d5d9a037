//! A steady load: events written at a rate that does not wait for answers, and a consumer that says when each arrived and
//! whether all of them did, once, and in order.

mod consumer;
mod relay;
mod writer;

pub(super) use consumer::Consumer;
pub(super) use relay::RelayProcess;
pub(super) use writer::{Accounts, write};

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::database::{KEYS, KEYS_HOT};

/// A transaction that is to be written now: `count` events of one key, the first with this number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Transfer {
    pub(super) first: u32,
    pub(super) count: u32,
    pub(super) key: i64,
}

/// What is written, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    /// Events per second.
    pub(super) rate: u32,
    pub(super) time: Duration,
    /// Events of a transaction.
    pub(super) batch: u32,
}

impl Plan {
    /// Transactions of 1 event while the database is not busy with their commits alone.
    pub(super) fn new(rate: u32, time: Duration) -> Self {
        Self { rate, time, batch: if rate > 1_000 { 10 } else { 1 } }
    }

    pub(super) fn events(&self) -> u32 {
        let transactions = self.time.as_secs_f64() * f64::from(self.rate) / f64::from(self.batch);
        transactions as u32 * self.batch
    }

    /// Hands out the transactions, each at its time, whether or not the ones before are written.
    pub(super) async fn hand_out(self, into: mpsc::UnboundedSender<Transfer>) {
        let began = Instant::now();
        for first in (1..=self.events()).step_by(self.batch as usize) {
            tokio::time::sleep_until(began + Duration::from_secs_f64(f64::from(first - 1) / f64::from(self.rate)))
                .await;
            let transfer = Transfer { first, count: self.batch, key: key((first - 1) / self.batch) };
            if into.send(transfer).is_err() {
                return;
            }
        }
    }
}

/// Every second transaction belongs to one of the hot keys.
fn key(n: u32) -> i64 {
    let (keys, hot, n) = (i64::from(KEYS), i64::from(KEYS_HOT), i64::from(n));
    if n % 2 == 0 { n / 2 % hot } else { hot + n * 7919 % (keys - hot) }
}

/// 160 B: the event's number, the place of the event in the order of its key, and padding.
pub(super) fn payload(number: u32, version: i64) -> String {
    let mut payload = format!("{{\"n\":{number},\"v\":{version},\"memo\":\"");
    let padding = 158_usize.saturating_sub(payload.len());
    payload.extend(std::iter::repeat_n('x', padding));
    payload.push_str("\"}");
    payload
}

/// Microseconds since 1970: of writers and consumers, which may be different programs.
pub(super) fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
