//! The `kafka` crate's client.
use kafka::client::{KafkaClient, RequiredAcks};
use outbox::transactional_event;
use sqlx::PgPool;

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool, client: &mut KafkaClient) -> Result<(), sqlx::Error> {
    let message = kafka::client::ProduceMessage::new("bank.accounts", 0, None, Some(b"x"));
    client.produce_messages(RequiredAcks::One, std::time::Duration::from_secs(1), [message]).ok();
    Ok(())
}

fn main() {}
// gate: send | the `kafka` crate's client | nets 1, 2, 3
