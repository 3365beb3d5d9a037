#![deny(warnings)]
//! The joins form: any transaction, savepoints that shadow, generics.
use outbox::{Event, Tx, emit, transactional_event};
use sqlx::{Acquire, PgPool, Postgres, Transaction};

#[derive(serde::Serialize, Event)]
#[event(name = "bank.noted", version = 2, topic = "bank.notes", key = self.note.len() as u64)]
struct Noted<T> {
    note: String,
    extra: T,
}

type Db<'t> = Transaction<'t, Postgres>;

#[transactional_event]
pub async fn plain(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    emit!(Noted { note: String::new(), extra: 1 });
    Ok(())
}

#[transactional_event]
pub async fn alias(tx: &mut Db<'_>) -> sqlx::Result<()> {
    emit!(Noted { note: String::new(), extra: "x" });
    Ok(())
}

#[transactional_event]
pub async fn owned(mut sp: Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    emit!(Noted { note: String::new(), extra: () });
    sp.commit().await
}

#[transactional_event]
pub async fn ours<T: serde::Serialize>(tx: &mut Tx<'_, Postgres>, extra: T) -> Result<(), sqlx::Error> {
    let note = String::from("n");
    emit!(Noted { note, extra });
    Ok(())
}

#[transactional_event(tx = pool)]
pub async fn savepoint(pool: &PgPool) -> Result<(), sqlx::Error> {
    {
        let mut tx = tx.begin().await?;
        emit!(Noted { note: String::new(), extra: 1 });
        tx.rollback().await?;
    }
    plain(tx).await?;
    ours(tx, 1).await
}

pub async fn unused<'a>(a: impl Acquire<'a, Database = Postgres>) -> sqlx::Result<()> {
    a.acquire().await.map(drop)
}

fn main() {}
