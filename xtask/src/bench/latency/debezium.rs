//! Debezium under a steady load.

use anyhow::Result;
use sqlx::PgPool;

use super::Run;
use crate::bench::database;
use crate::bench::debezium::Debezium;
use crate::bench::steady::{Accounts, Consumer, Transfer, payload, write};

pub(super) async fn measure(run: &Run<'_>, consumer: Consumer) -> Result<Vec<f64>> {
    let pool = database::create_empty_schema(&run.bench.database, &run.schema).await?;
    Accounts::create(pool.clone(), &run.topic).await?;
    let debezium = Debezium::start(run.bench, &pool, &run.schema, &run.topic).await?;
    let writing = pool.clone();
    let committed = write(run.plan, move |transfer| {
        let pool = writing.clone();
        async move { Ok(withdraw(&pool, transfer).await?) }
    })
    .await?;
    let arrivals = consumer.finish(run.plan.events()).await?.verified()?;
    debezium.stop(&pool, &run.schema).await?;
    pool.close().await;
    Ok(arrivals.latencies(&committed))
}

/// The transaction of ours, with the table of the event router.
async fn withdraw(pool: &PgPool, Transfer { first, count, key }: Transfer) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    let newest: i64 = sqlx::query_scalar("UPDATE accounts SET version = version + $2 WHERE id = $1 RETURNING version")
        .bind(key)
        .bind(i64::from(count))
        .fetch_one(&mut *tx)
        .await?;
    let versions = newest - i64::from(count)..newest;
    let payloads: Vec<_> = (first..).zip(versions).map(|(number, version)| payload(number, version + 1)).collect();
    sqlx::query(
        "INSERT INTO debezium (aggregatetype, aggregateid, type, payload)
         SELECT 'bench', $1, 'bench.funds-withdrawn', payload::jsonb
         FROM unnest($2::text[]) WITH ORDINALITY AS event (payload, place) ORDER BY place",
    )
    .bind(key.to_string())
    .bind(payloads)
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}
