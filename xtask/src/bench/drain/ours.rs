//! The relay, from its start to the last acknowledgement; then its orderly stop.

use anyhow::{Context, Result, anyhow};
use outbox::relay::{Delivery, Relay};
use outbox::sink::KafkaSink;
use outbox::store::PostgresStore;
use sqlx::PgPool;

use super::{Done, Watch};

pub(super) async fn drain(pool: &PgPool, sink: KafkaSink, events: u32, delivery: Delivery) -> Result<Done> {
    let relay = Relay::builder(PostgresStore::new(pool.clone()), sink).delivery(delivery).build();
    let mut status = relay.status();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let watch = Watch::start(pool).await?;
    let mut running = tokio::spawn(relay.run(async move { drop(stopped.await) }));
    let all = status.wait_for(|status| status.published >= u64::from(events));
    tokio::select! {
        all = all => drop(all.context("the relay has ended")?),
        ended = &mut running => return Err(anyhow!("the relay has ended early: {ended:?}")),
    }
    let rate = watch.rate(events);
    drop(stop);
    running.await??;
    Ok(Done { rate, wal_bytes: watch.wal_bytes(pool, events).await? })
}
