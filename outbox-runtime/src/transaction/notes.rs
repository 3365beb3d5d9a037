//! What happened in a transaction, as far as its statements told, without a round trip.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Notes of one [`Tx`](super::Tx). Behind a lock only because a statement's stream notes while it borrows the
/// connection beside it; nobody ever waits for it.
#[derive(Debug, Default)]
pub(super) struct Notes(Mutex<State>);

/// See the fields.
#[derive(Debug, Default, Clone)]
pub(super) struct State {
    /// Text of the first error since the transaction was last known to be sound.
    pub(super) first: Option<String>,
    /// Something happened that the transaction may not have survived, or that was not seen: ask before COMMIT.
    pub(super) doubt: bool,
    /// The database was asked, and said no.
    pub(super) gone: bool,
    /// First keyword of a refused BEGIN, COMMIT or ROLLBACK.
    pub(super) control: Option<&'static str>,
    /// Why the first event that is missing could not be inserted.
    pub(super) emit_failed: Option<String>,
    /// There may be new rows in the log.
    pub(super) wake: bool,
}

impl Notes {
    fn state(&self) -> MutexGuard<'_, State> {
        // No code runs under the lock that could panic half way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All notes, as they are now.
    pub(super) fn read(&self) -> State {
        self.state().clone()
    }

    /// Whether statements after an error need a check first, or can only be refused.
    pub(super) fn is_sound(&self) -> bool {
        let state = self.state();
        !state.doubt && !state.gone
    }

    /// A statement failed.
    pub(super) fn error(&self, error: &sqlx::Error) {
        use sqlx::Error::{Decode, Encode, InvalidArgument, RowNotFound};
        // These never reached the server.
        if matches!(error, Encode(_) | Decode(_) | InvalidArgument(_) | RowNotFound) {
            return;
        }
        let mut state = self.state();
        state.doubt = true;
        state.first.get_or_insert_with(|| error.to_string());
    }

    /// The connection was handed out, or a statement was dropped half way: what came of it was not seen.
    pub(super) fn unseen(&self) {
        let mut state = self.state();
        state.doubt = true;
        state.wake = true;
    }

    /// There may be new rows in the log.
    pub(super) fn wake(&self) {
        self.state().wake = true;
    }

    /// The database was asked, and the transaction is sound: errors so far were rolled back with their savepoints.
    pub(super) fn sound(&self) {
        let mut state = self.state();
        state.doubt = false;
        state.first = None;
    }

    /// The transaction is lost; returns the first error, or `cause` when none was seen.
    pub(super) fn gone(&self, cause: impl FnOnce() -> String) -> String {
        let mut state = self.state();
        state.gone = true;
        state.first.get_or_insert_with(cause).clone()
    }

    /// A raw BEGIN, COMMIT or ROLLBACK was refused.
    pub(super) fn control(&self, keyword: &'static str) {
        self.state().control.get_or_insert(keyword);
    }

    /// An insert of an event begins; until [`Emit::done`] it counts as failed, also when its future is dropped.
    pub(super) fn emit(&self) -> Emit<'_> {
        Emit { notes: self, failure: Some("its insert was cancelled".to_owned()) }
    }

    /// A statement begins; unless [`Flight::done`], it was dropped half way.
    pub(super) fn flight(&self) -> Flight<'_> {
        Flight { notes: self, done: false }
    }
}

/// An insert under way.
pub(super) struct Emit<'n> {
    notes: &'n Notes,
    failure: Option<String>,
}

impl Emit<'_> {
    /// The event is in the transaction.
    pub(super) fn done(mut self) {
        self.failure = None;
        self.notes.state().wake = true;
    }

    /// It is not; the error that came first is named as the cause.
    pub(super) fn failed(mut self, error: &crate::Error) {
        let first = self.notes.state().first.clone();
        self.failure = Some(first.unwrap_or_else(|| with_sources(error)));
    }
}

impl Drop for Emit<'_> {
    fn drop(&mut self) {
        if let Some(failure) = self.failure.take() {
            self.notes.state().emit_failed.get_or_insert(failure);
        }
    }
}

/// A statement under way.
pub(super) struct Flight<'n> {
    notes: &'n Notes,
    done: bool,
}

impl Flight<'_> {
    /// It ended; with this error, if any.
    pub(super) fn done(&mut self, error: Option<&sqlx::Error>) {
        self.done = true;
        if let Some(error) = error {
            self.notes.error(error);
        }
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.notes.unseen();
        }
    }
}

/// `error` and its causes in one line, without what is already said.
fn with_sources(error: &crate::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = error.source();
    }
    text
}
