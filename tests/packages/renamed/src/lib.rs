//! A crate that calls outbox `events`: what the macros write finds it under that name, and the options say it too.
#![deny(warnings, clippy::pedantic)]

pub mod runs;

use events::{Event, emit, transactional_event};
use sqlx::{PgPool, Postgres, Transaction};

/// An account was opened.
#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
pub struct Opened {
    account: i64,
}

/// Nothing of ours is called `outbox` here.
pub mod outbox {}

/// Opens.
///
/// # Errors
/// The database's.
#[transactional_event(tx = pool)]
pub async fn opens(pool: &PgPool, account: i64) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    emit!(Opened { account });
    joins(tx).await
}

/// Joins.
///
/// # Errors
/// The database's.
#[transactional_event]
pub async fn joins(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    events::emit!(Opened { account: 2 });
    Ok(())
}

pub mod again {
    //! The crate's own re-export, named in the attribute.
    use sqlx::PgPool;

    /// Where the crate keeps what it re-exports.
    pub mod prelude {
        pub use ::events;
    }

    /// Opens.
    ///
    /// # Errors
    /// The database's.
    #[events::transactional_event(tx = pool, crate = crate::again::prelude::events)]
    pub async fn opens(pool: &PgPool) -> Result<(), sqlx::Error> {
        events::emit!(super::Opened { account: 1 });
        Ok(())
    }
}
