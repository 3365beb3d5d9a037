//! Work that goes on when the caller is dropped: begin, commit and rollback (T1, T3).

use std::future::Future;
use std::panic::resume_unwind;

use tracing::Instrument;

/// Runs `work` to its end on a task of its own; a panic in it is the caller's panic.
///
/// # Errors
/// The runtime is shutting down and has dropped `work` at an unknown point.
pub(super) async fn shielded<T, F>(work: F) -> Result<T, sqlx::Error>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    tokio::spawn(work.in_current_span()).await.map_err(|error| match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(error) => sqlx::Error::Io(std::io::Error::other(error)),
    })
}
