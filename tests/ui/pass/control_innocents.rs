#![deny(warnings)]
//! Texts and methods that look like transaction control.
use outbox::transactional_event;
use sqlx::{PgPool, Postgres, Transaction};

pub struct Editor;

impl Editor {
    pub fn commit(&self) {}

    pub fn rollback(self) {}

    pub fn execute(&self, _: &str) {}
}

/// A search.
pub fn query(text: &str) -> usize {
    text.len()
}

#[transactional_event(tx = pool)]
pub async fn open(pool: &PgPool, editor: Editor, other: Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    editor.execute("BEGIN");
    editor.commit();
    editor.rollback();
    let _ = query("COMMIT");
    other.commit().await?;
    sqlx::query("SAVEPOINT a").execute(&mut *tx).await?;
    sqlx::query("ROLLBACK TO SAVEPOINT a").execute(&mut *tx).await?;
    sqlx::query("RELEASE SAVEPOINT a").execute(&mut *tx).await?;
    sqlx::query("DO $$ BEGIN PERFORM 1; END; $$").execute(&mut *tx).await?;
    sqlx::query("INSERT INTO words VALUES ('BEGIN; COMMIT')").execute(&mut *tx).await?;
    sqlx::query("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").execute(&mut *tx).await?;
    Ok(())
}

#[transactional_event(tx = pool)]
pub async fn another_connection(pool: &PgPool, address: &str) -> Result<(), sqlx::Error> {
    let other = PgPool::connect(address).await?;
    let mut conn = other.acquire().await?;
    sqlx::query("BEGIN").execute(&mut *conn).await?;
    sqlx::query("COMMIT").execute(&mut *conn).await?;
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    Ok(())
}

fn main() {}
