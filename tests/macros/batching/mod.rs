//! Batching: the rows are those of one INSERT for each `emit!`, whatever the body does, and the INSERTs are fewer.
//!
//! Each body is expanded twice: as it is, and inside of a macro that the attribute does not know, where each `emit!`
//! inserts at once. Both run on the same tape of decisions, and leave the same rows in a transaction that goes on after
//! errors too. (Where an event cannot be encoded, what follows in its run is still executed, so both end there.)

mod bodies;
mod closures;
mod counts;
mod tape;

use std::ops::{Deref, DerefMut};

use outbox::{AsTx, Error};
use outbox_runtime::transaction::Rows;
use sqlx::{Sqlite, Transaction};

use crate::support::{Db, db};
pub(crate) use tape::{Step, Tape};

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("database")]
    Database(#[from] sqlx::Error),
    #[error("on purpose")]
    OnPurpose,
}

/// A transaction that counts its INSERTs.
pub(crate) struct SqliteTransaction<'t> {
    inner: Transaction<'t, Sqlite>,
    inserts: usize,
}

impl AsTx for SqliteTransaction<'_> {
    async fn __outbox_insert<'a, R: Rows + 'a>(&'a mut self, rows: R) -> Result<(), Error> {
        self.inserts += usize::from(!rows.records().is_empty());
        self.inner.__outbox_insert(rows).await
    }
}

impl<'t> Deref for SqliteTransaction<'t> {
    type Target = Transaction<'t, Sqlite>;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

impl DerefMut for SqliteTransaction<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.inner
    }
}

/// What is left of a run: how it ended, the keys of the events in their order, the state, the number of INSERTs.
#[derive(Debug, PartialEq)]
pub(crate) struct Left {
    pub(crate) end: String,
    pub(crate) keys: Vec<i64>,
    pub(crate) state: Vec<i64>,
    pub(crate) inserts: usize,
}

/// Runs `body` on the tape of `seed`, and looks at the transaction as if its caller did not care for errors.
pub(crate) async fn left(
    db: &Db,
    seed: u64,
    body: impl AsyncFnOnce(&mut SqliteTransaction<'_>, &mut Tape) -> Result<(), Failure>,
) -> Left {
    let mut tape = Tape::new(seed);
    let mut tx = SqliteTransaction { inner: db.pool.begin().await.unwrap(), inserts: 0 };
    let end = match body(&mut tx, &mut tape).await {
        Ok(()) => "Ok".to_owned(),
        Err(error) => format!("{error:?}"),
    };
    let keys = "SELECT CAST(CAST(key AS TEXT) AS INTEGER) FROM outbox_log ORDER BY position";
    let keys = sqlx::query_scalar(keys).fetch_all(&mut **tx).await.unwrap();
    let state = sqlx::query_scalar("SELECT id FROM state ORDER BY rowid").fetch_all(&mut **tx).await.unwrap();
    let SqliteTransaction { inner, inserts } = tx;
    inner.rollback().await.unwrap();
    Left { end, keys, state, inserts }
}

/// Expands a body as it is, and with each `emit!` at once; then compares them on many tapes.
macro_rules! same {
    ($name:ident($tx:ident, $tape:ident) { $($body:tt)* }) => {
        #[tokio::test]
        async fn $name() {
            #[outbox::transactional_event]
            async fn batched(
                $tx: &mut $crate::batching::SqliteTransaction<'_>,
                $tape: &mut $crate::batching::Tape,
            ) -> Result<(), $crate::batching::Failure> {
                $($body)*
            }

            macro_rules! as_is {
                ($all:tt) => { $all };
            }

            #[outbox::transactional_event]
            async fn at_once(
                $tx: &mut $crate::batching::SqliteTransaction<'_>,
                $tape: &mut $crate::batching::Tape,
            ) -> Result<(), $crate::batching::Failure> {
                as_is!({ $($body)* })
            }

            $crate::batching::compare(stringify!($name), batched, at_once).await;
        }
    };
}
pub(crate) use same;

/// Tapes of each body.
const TAPES: u64 = 150;

pub(crate) async fn compare(
    name: &str,
    batched: impl AsyncFn(&mut SqliteTransaction<'_>, &mut Tape) -> Result<(), Failure>,
    at_once: impl AsyncFn(&mut SqliteTransaction<'_>, &mut Tape) -> Result<(), Failure>,
) {
    let db = db().await;
    let (mut fewer, mut events, mut failed) = (false, 0, 0);
    for seed in 0..TAPES {
        let expected = left(&db, seed, &at_once).await;
        let found = left(&db, seed, &batched).await;
        assert!(found.inserts <= expected.inserts, "{name}, tape {seed}: {found:?}, and at once {expected:?}");
        fewer |= found.inserts < expected.inserts;
        events += expected.keys.len();
        failed += usize::from(expected.end != "Ok");
        assert_eq!(Left { inserts: 0, ..found }, Left { inserts: 0, ..expected }, "{name}, tape {seed}");
    }
    // A test that batches nothing, or has no rows to compare, would prove nothing.
    assert!(fewer && events > 0 && failed < TAPES as usize, "{name}: {fewer}, {events} events, {failed} failures");
}
