//! The relay, from the first acknowledgement, or the first transaction, to the last one; then its orderly stop.

use anyhow::{Context, Result, anyhow};
use outbox::relay::{Delivery, Relay};
use outbox::sink::KafkaSink;
use outbox::store::PostgresStore;
use sqlx::PgPool;
use std::time::Instant;

use super::{Done, Watch};

pub(super) async fn drain(pool: &PgPool, sink: KafkaSink, events: u32, delivery: Delivery) -> Result<Done> {
    let relay = Relay::builder(PostgresStore::new(pool.clone()), sink).delivery(delivery).build();
    let mut status = relay.status();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let mut watch = Watch::start(pool).await?;
    let mut running = tokio::spawn(relay.run(async move { drop(stopped.await) }));
    let all = async {
        let first = status.wait_for(|status| status.published > 0).await?.published;
        watch.began = Instant::now();
        status.wait_for(|status| status.published >= u64::from(events)).await?;
        anyhow::Ok(first)
    };
    let first = tokio::select! {
        first = all => first.context("the relay has ended")?,
        ended = &mut running => return Err(anyhow!("the relay has ended early: {ended:?}")),
    };
    // Those that had come when the clock was started are not counted.
    let rate = watch.rate(events.saturating_sub(u32::try_from(first)?));
    drop(stop);
    running.await??;
    Ok(Done { rate, wal_bytes: watch.wal_bytes(pool, events).await? })
}
