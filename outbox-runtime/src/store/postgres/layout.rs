//! How the log lies in the database: as a ring of slots, or as one plain table.
//!
//! The relay reads slots by their own names: whoever holds a lock on the parent holds one on every slot, and what the
//! relay wants of the others would queue behind a TRUNCATE that waits for it (M3).

use std::sync::{Arc, Mutex, PoisonError};

use sqlx::PgExecutor;

use super::error::classify;
use crate::qualify::LogPool;
use crate::store::StoreError;

/// Where rows of the log may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Layout {
    /// `outbox_log` is a table.
    Plain,
    /// `outbox_log` is partitioned: these slots, ascending.
    Ring(Vec<i16>),
}

impl Layout {
    /// Tables that hold the log's rows.
    pub(super) fn tables(&self) -> Vec<String> {
        match self {
            Self::Plain => vec!["outbox_log".into()],
            Self::Ring(slots) => slots.iter().map(|slot| table(*slot)).collect(),
        }
    }
}

/// The table of a slot.
pub(super) fn table(slot: i16) -> String {
    format!("outbox_log_{slot}")
}

/// The slot that rows go to when the sequence of slots says `place`.
pub(super) fn slot_of(place: i64) -> i16 {
    (place & 255) as i16
}

/// The layout as it was found last.
#[derive(Debug, Default)]
pub(super) struct Found(Mutex<Option<Arc<Layout>>>);

impl Found {
    /// The layout; looked up the first time.
    pub(super) async fn get(&self, pool: &LogPool) -> Result<Arc<Layout>, StoreError> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some(layout) => Ok(layout),
            None => self.refresh(pool).await,
        }
    }

    /// Looks it up anew.
    pub(super) async fn refresh(&self, pool: &LogPool) -> Result<Arc<Layout>, StoreError> {
        let (is_ring, slots) = select(pool).await.map_err(classify)?;
        let layout = Arc::new(if is_ring { Layout::Ring(slots) } else { Layout::Plain });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&layout));
        Ok(layout)
    }
}

async fn select(executor: impl PgExecutor<'_>) -> sqlx::Result<(bool, Vec<i16>)> {
    sqlx::query_as(
        "SELECT relkind = 'p',
                array(SELECT substring(c.relname FROM '[0-9]+$')::smallint
                      FROM pg_catalog.pg_inherits JOIN pg_catalog.pg_class c ON c.oid = inhrelid
                      WHERE inhparent = l.oid ORDER BY 1)
         FROM pg_catalog.pg_class l WHERE l.oid = 'outbox_log'::regclass",
    )
    .fetch_one(executor)
    .await
}
