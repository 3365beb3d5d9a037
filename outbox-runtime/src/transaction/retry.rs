//! `retry = N`: a transaction that lost against another one is run again, after a pause.

use std::time::Duration;

use super::finish::{End, end};
use super::{Database, Tx, transient};
use crate::Error;

/// Longest pause before the first retry; the longest pause doubles with each one.
const PAUSE_FIRST: Duration = Duration::from_millis(10);

/// No pause is longer.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// The attempts of one call of a handler.
#[derive(Debug)]
pub struct Retry {
    left: u32,
    pause_max: Duration,
}

impl Retry {
    /// Up to `retries` more attempts after the first one.
    pub const fn new(retries: u32) -> Self {
        Self { left: retries, pause_max: PAUSE_FIRST }
    }

    /// What becomes of an attempt that could not begin: its error, or `None` to try again.
    pub async fn not_begun(&mut self, error: Error) -> Option<Error> {
        if transient::is_ours(&error) && self.again().await { None } else { Some(error) }
    }

    /// The end of an attempt, as [`finish`](super::finish()) has it; `None` to try again.
    pub async fn finish<T, E, DB: Database>(
        &mut self,
        tx: Tx<'static, DB>,
        out: Result<T, E>,
        convert: impl FnOnce(Error) -> E + Send,
        is_transient: impl FnOnce(&E) -> bool + Send,
    ) -> Option<Result<T, E>> {
        match end(tx, out).await {
            End::Committed(value) => Some(Ok(value)),
            End::Refused(error) if transient::is_ours(&error) && self.again().await => None,
            End::Refused(error) => Some(Err(convert(error))),
            End::RolledBack(error) => {
                let transient = is_transient(&error);
                if transient && self.again().await { None } else { Some(Err(error)) }
            }
        }
    }

    /// Waits before the next attempt, if there is one left.
    async fn again(&mut self) -> bool {
        let Some(left) = self.left.checked_sub(1) else { return false };
        self.left = left;
        // Full jitter: those who met in the database meet no more.
        let pause = self.pause_max.mul_f64(fastrand::f64());
        self.pause_max = PAUSE_MAX.min(self.pause_max * 2);
        tracing::debug!(pause = ?pause, left, "the transaction lost against another one and is run again");
        tokio::time::sleep(pause).await;
        true
    }
}
