//! What a store can say, as the relay needs to know it.

/// An error of a [`Store`](super::Store).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The lease is another relay's: this one must stop at once.
    #[error("another relay owns this log now; this one stops and stands by [OBX-121]")]
    Fenced,

    /// The server lost its memory (crash, killed backend, promotion): what this relay remembers may be wrong.
    #[error("the database was restarted or promoted; the relay re-reads its stored cursor [OBX-122]")]
    IncarnationChanged,

    /// The tables are not there.
    #[error(
        "the outbox tables are missing in this database; run `outbox::migrate(&pool)` once, or apply the `.sql` files of the crate [OBX-123]"
    )]
    NotMigrated {
        /// What the database said.
        source: sqlx::Error,
    },

    /// A newer version of this library migrated the database.
    #[error(
        "the outbox tables are of version {found}, this program knows versions up to {known}; nothing was read: update this program [OBX-124]"
    )]
    NewerSchema {
        /// Version in the database.
        found: i64,
        /// Newest version of this program.
        known: i64,
    },

    /// The server is a standby.
    #[error(
        "this PostgreSQL server is a standby; snapshots there are not safe to read from: connect to the primary [OBX-125]"
    )]
    Standby,

    /// The cursor was written on another cluster.
    #[error(
        "the cursor was written on PostgreSQL cluster {stored}, this is {actual}: a restored copy would publish its origin's backlog; `outbox adopt` (`PostgresStore::adopt`) makes the log this cluster's, if that is what you want [OBX-126]"
    )]
    OtherCluster {
        /// System identifier in the cursor.
        stored: i64,
        /// System identifier of this server.
        actual: i64,
    },

    /// The sequence of positions was not carried over with the rows.
    #[error(
        "outbox_log_position_seq stands at {sequence}, and positions up to {highest} were handed out: it would hand them out again, to events that nobody reads; stop the writers and run `SELECT setval('outbox_log_position_seq', {highest})`, nothing was changed [OBX-135]"
    )]
    SequenceBehind {
        /// The last position that the sequence has handed out.
        sequence: i64,
        /// The highest position that is known.
        highest: i64,
    },

    /// A stored value is not what this version writes.
    #[error("a stored value is damaged: {what} [OBX-127]")]
    Damaged {
        /// Which one, and how.
        what: String,
    },

    /// The sink's position and the database do not belong together.
    #[error(
        "this log is relayed exactly once and has written transaction {stored}, but the sink's position is {}; nothing was \
         read or sent: the database was restored from a backup, or the topic of positions lost its records; see `outbox \
         explain OBX-171` [OBX-171]",
        found.map_or_else(|| "missing".to_owned(), |found| format!("of transaction {found}"))
    )]
    PositionLost {
        /// Transaction that the database has written last.
        stored: i64,
        /// Transaction of the sink's position.
        found: Option<i64>,
    },

    /// The log is relayed exactly once.
    #[error(
        "this log was relayed exactly once, and the sink may not have committed what its cursor says; nothing was read: run \
         the relay with exactly-once delivery; stopped in an orderly way it leaves a cursor for any other one [OBX-172]"
    )]
    ExactlyOnce,

    /// The log is a copy of one that is relayed exactly once.
    #[error(
        "the sink's position of this log was written from {origin}, and this is {here}: the log is a copy that goes by its \
         origin's name; nothing was sent: `outbox adopt --copy` (`PostgresStore::adopt_copy`) gives it a name of its own \
         [OBX-174]"
    )]
    Copy {
        /// Where the position was written.
        origin: super::Home,
        /// Where this log is.
        here: super::Home,
    },

    /// A relay has the log.
    #[error(
        "a relay owns this log for another {remaining:?} at least; nothing was changed: stop it first, or wait where it is gone \
         [OBX-175]"
    )]
    InUse {
        /// Until its lease ends.
        remaining: std::time::Duration,
    },

    /// No answer, and no error either: the relay gave the operation up. Made by the relay, not by a store.
    #[error(
        "the outbox database has not answered for {patience:?}; the relay gives the connection up and takes the log anew: look at the network between them, and for locks on the outbox tables [OBX-128]"
    )]
    Silent {
        /// How long it was waited for.
        patience: std::time::Duration,
    },

    /// The database said no, or could not be reached.
    #[error("the outbox database: {0}")]
    Database(#[from] sqlx::Error),
}

impl StoreError {
    /// Whether waiting may help (an unreachable server, a busy database), or a person is needed.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Database(error) => !is_refusal(error),
            Self::Standby | Self::Silent { .. } => true,
            _ => false,
        }
    }
}

/// Wrong credentials, a missing database, missing rights: SQLSTATE classes 28, 3D and code 42501.
fn is_refusal(error: &sqlx::Error) -> bool {
    let Some(code) = error.as_database_error().and_then(|error| error.code()) else {
        return matches!(error, sqlx::Error::Configuration(_) | sqlx::Error::PoolClosed);
    };
    code.starts_with("28") || code.starts_with("3D") || code == "42501"
}
