use outbox::transactional_event;
use rdkafka::producer::{BaseProducer, BaseRecord};
use sqlx::PgPool;

#[transactional_event(tx = pool)]
async fn open(pool: &PgPool, producer: &BaseProducer) -> Result<(), sqlx::Error> {
    println!("{}", producer.send(BaseRecord::to("bank.accounts").key("1").payload("x")).is_ok());
    Ok(())
}

fn main() {}
// gate: send | a send inside `println!` | nets 1, 2, 3
