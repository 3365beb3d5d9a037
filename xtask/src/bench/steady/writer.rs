//! The writers of a steady load.

use std::sync::Arc;

use anyhow::Result;
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use super::{Plan, Transfer, now_us, payload};
use crate::bench::database::KEYS;

/// Writers that wait for their commits at the same time.
const WRITERS: usize = 32;

/// Writes `plan`, each transaction by `one`; numbers of the events and when they were committed.
pub(in crate::bench) async fn write<F>(
    plan: Plan,
    one: impl Fn(Transfer) -> F + Clone + Send + 'static,
) -> Result<Vec<(u32, i64)>>
where
    F: Future<Output = Result<()>> + Send,
{
    let (into, from) = mpsc::unbounded_channel();
    let from = Arc::new(Mutex::new(from));
    // Dropped with this future, they end.
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        plan.hand_out(into).await;
        Ok(Vec::new())
    });
    for _ in 0..WRITERS {
        let (from, one) = (from.clone(), one.clone());
        tasks.spawn(async move {
            let mut committed = Vec::new();
            loop {
                let transfer = from.lock().await.recv().await;
                let Some(transfer) = transfer else { return anyhow::Ok(committed) };
                one(transfer).await?;
                let now = now_us();
                committed.extend((transfer.first..transfer.first + transfer.count).map(|number| (number, now)));
            }
        });
    }
    let mut committed = Vec::with_capacity(plan.events() as usize);
    while let Some(of_one) = tasks.join_next().await {
        committed.extend(of_one??);
    }
    Ok(committed)
}

#[derive(Event)]
#[event(name = "bench.funds-withdrawn", version = 1, topic = self.topic, key = account, encode_with = Withdrawn::encoded)]
struct Withdrawn<'a> {
    topic: &'a str,
    account: i64,
    number: u32,
    version: i64,
}

impl Withdrawn<'_> {
    fn encoded(&self) -> Vec<u8> {
        payload(self.number, self.version).into_bytes()
    }
}

/// The state that the events tell of.
#[derive(Clone)]
pub(in crate::bench) struct Accounts {
    pool: PgPool,
    topic: String,
}

impl Accounts {
    /// The table, with a row for each key.
    pub(in crate::bench) async fn create(pool: PgPool, topic: &str) -> Result<Self> {
        sqlx::query("CREATE TABLE accounts (id bigint PRIMARY KEY, version bigint NOT NULL) WITH (fillfactor = 50)")
            .execute(&pool)
            .await?;
        let fill = "INSERT INTO accounts SELECT id, 0 FROM generate_series(0, $1 - 1) id";
        sqlx::query(fill).bind(KEYS).execute(&pool).await?;
        Ok(Self { pool, topic: topic.to_owned() })
    }

    /// One transaction with the attribute: the row that the events tell of is locked before they are emitted.
    pub(in crate::bench) async fn emit(&self, transfer: Transfer) -> Result<()> {
        Ok(withdraw(&self.pool, &self.topic, transfer).await?)
    }
}

#[transactional_event(tx = pool)]
async fn withdraw(pool: &PgPool, topic: &str, transfer: Transfer) -> Result<(), sqlx::Error> {
    let Transfer { first, count, key } = transfer;
    let newest: i64 = sqlx::query_scalar("UPDATE accounts SET version = version + $2 WHERE id = $1 RETURNING version")
        .bind(key)
        .bind(i64::from(count))
        .fetch_one(&mut *tx)
        .await?;
    emit!(
        ..(0..count).map(|place| Withdrawn {
            topic,
            account: key,
            number: first + place,
            version: newest - i64::from(count - 1 - place),
        })
    );
    Ok(())
}
