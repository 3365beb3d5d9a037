#![deny(warnings, clippy::all, clippy::pedantic, rust_2018_idioms, unused_qualifications, missing_docs)]
#![deny(let_underscore_drop, unreachable_pub, unused_results, single_use_lifetimes, elided_lifetimes_in_paths)]
//! A crate that denies everything: what the macros write is held to it too.
use outbox::{Event, emit, transactional_event};
use sqlx::{PgPool, Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

/// A service.
#[derive(Debug)]
pub struct Service {
    pool: PgPool,
}

impl Service {
    /// Opens.
    ///
    /// # Errors
    /// The database's.
    #[transactional_event(tx = self.pool)]
    pub async fn open(&self, accounts: &[i64]) -> Result<(), sqlx::Error> {
        for account in accounts {
            emit!(Opened { account: *account });
        }
        Self::note(tx, 1).await
    }

    /// Notes.
    ///
    /// # Errors
    /// The database's.
    #[transactional_event]
    pub async fn note(tx: &mut Transaction<'_, Postgres>, account: i64) -> Result<(), sqlx::Error> {
        emit!(Opened { account });
        Ok(())
    }
}

fn main() {}
