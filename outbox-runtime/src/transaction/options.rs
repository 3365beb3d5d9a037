//! What can be asked of a transaction when it begins.

/// How far a transaction is kept from what others do meanwhile; see the manual of the database.
///
/// SQLite has one isolation only, which is serializable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Isolation {
    /// Each statement sees what was committed when it began.
    ReadCommitted,
    /// All statements see what was committed when the first one began.
    RepeatableRead,
    /// As if transactions ran one after the other. Some fail for that, and can be run again: see `retry`.
    Serializable,
}

/// Options of [`Begin::begin`](super::Begin::begin). An implementation of your own hands them on.
///
/// ```
/// # use outbox_runtime::transaction::{BeginOptions, Isolation};
/// let options = BeginOptions::default().isolation(Isolation::Serializable);
/// assert_eq!(options.isolation, Some(Isolation::Serializable));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BeginOptions {
    /// The isolation; the database's or the session's default where it is `None`.
    pub isolation: Option<Isolation>,
}

impl BeginOptions {
    /// The same with this isolation.
    #[must_use]
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }
}
