//! A producer with a partitioner and a context of its own.
use outbox::transactional_event;
use rdkafka::ClientContext;
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{Partitioner, ProducerContext, ThreadedProducer};
use sqlx::PgPool;

struct Ours;

impl Partitioner for Ours {
    fn partition(&self, _: &str, _: Option<&[u8]>, _: i32, _: impl Fn(i32) -> bool) -> i32 {
        0
    }
}

impl ClientContext for Ours {}

impl ProducerContext<Ours> for Ours {
    type DeliveryOpaque = ();

    fn delivery(&self, _: &DeliveryResult<'_>, (): ()) {}
}

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool, app: &ThreadedProducer<Ours, Ours>) -> Result<(), sqlx::Error> {
    let _ = app;
    Ok(())
}

fn main() {}
// gate: send | a producer with a partitioner and a context of its own | nets 1, 2, 3
