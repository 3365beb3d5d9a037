#![deny(warnings)]
//! A pool that no parameter leads to.
use std::sync::OnceLock;

use outbox::transactional_event;
use sqlx::PgPool;

static POOL: OnceLock<PgPool> = OnceLock::new();

pub fn pool() -> &'static PgPool {
    POOL.get().expect("connected")
}

#[transactional_event(tx = pool())]
pub async fn open() -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    let beside = pool();
    sqlx::query("SELECT 1").execute(beside).await.map(drop)
}

fn main() {}
// gate: statement | `.execute(pool)` on a pool out of a static or a function | missed
