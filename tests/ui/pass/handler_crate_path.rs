#![deny(warnings)]
//! `crate = path`: through a crate's own re-export.
mod facade {
    pub mod events {
        pub use outbox::*;
    }
}
use facade::events::{Event, emit, transactional_event};
use sqlx::{PgPool, Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
struct Opened {
    account: i64,
}

#[transactional_event(tx = pool, crate = crate::facade::events, retry = 1)]
pub async fn opens(pool: &PgPool) -> Result<(), sqlx::Error> {
    for account in 0..3 {
        emit!(Opened { account });
    }
    let block = async {
        emit!(Opened { account: 1 });
        Ok::<_, sqlx::Error>(())
    };
    block.await
}

#[transactional_event(savepoint, crate = facade::events)]
pub async fn joins(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}

fn main() {}
