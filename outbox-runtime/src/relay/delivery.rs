//! How often a record arrives.

/// What consumers may rely on, chosen with [`RelayBuilder::delivery`](super::RelayBuilder::delivery).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// Every record at least once: after a fault those that were in flight arrive again. Consumers deduplicate by `ce_id`
    /// where that matters. The fastest, and it needs nothing of the broker but producing.
    #[default]
    AtLeastOnce,
    /// Records and the position of the log are committed in one transaction of the sink: consumers that read committed
    /// messages only (`isolation.level=read_committed`) see every record once, whatever is killed when. Others also see what
    /// was aborted.
    ///
    /// A record is seen when its transaction commits: some tens of milliseconds later than at least once. It is as strong
    /// as Kafka's transactions: in the protocol that the client speaks (without KIP-890) a request that was delayed in the
    /// network past the end of its transaction can still be written, which may lose a record, show one of an aborted
    /// transaction, or leave a transaction open that hides what is behind it. Order and epochs do not depend on it.
    ExactlyOnce,
}
