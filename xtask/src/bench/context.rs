//! What every cell is given: servers, names that are free, how much to do, and where to say so.

use super::progress::Progress;

/// One run.
pub(super) struct Bench {
    /// Empty where no cell needs it; so `brokers`.
    pub(super) database: String,
    pub(super) brokers: String,
    /// Of schemas and topics: letters, digits and underscores.
    pub(super) prefix: String,
    /// Events of a drain.
    pub(super) events: u32,
    pub(super) repetitions: u32,
    /// Seconds of a steady load.
    pub(super) seconds: u32,
    /// Minutes with a transaction held open.
    pub(super) minutes: u32,
    pub(super) skip: Vec<String>,
    pub(super) progress: Progress,
}

impl Bench {
    /// Whether `against` takes part.
    pub(super) fn has(&self, against: &str) -> bool {
        !self.skip.iter().any(|skipped| skipped == against)
    }

    /// Something that a person has to know when all is over.
    pub(super) fn warn(&self, what: std::fmt::Arguments<'_>) {
        self.progress.warn(what);
    }

    pub(super) fn say(&self, what: std::fmt::Arguments<'_>) {
        self.progress.say(what);
    }
}

/// On a thread of the runtime, where the relay runs too: the main thread has another heap.
pub(super) async fn apart<T: Send + 'static>(
    work: impl Future<Output = anyhow::Result<T>> + Send + 'static,
) -> anyhow::Result<T> {
    tokio::spawn(work).await?
}

/// Events per second since `began`.
pub(super) fn rate(events: u32, began: std::time::Instant) -> f64 {
    f64::from(events) / began.elapsed().as_secs_f64()
}
