//! krafka.

// hits: krafka::producer::Producer, krafka::producer::TransactionalProducer, krafka::producer::TypedProducer
use krafka::producer::{Producer, Record, TransactionalProducer, TypedProducer};

// hits: krafka::producer::Producer
type Plain = Producer;
// hits: krafka::producer::TransactionalProducer
type Transactional = TransactionalProducer;
// hits: krafka::producer::TypedProducer
type Typed = TypedProducer<str, str>;

async fn plain(producer: &Plain, one: Record, other: Record) {
    // hits: krafka::producer::Producer::send
    drop(producer.send(one).await);
    // hits: krafka::producer::Producer::enqueue
    drop(producer.enqueue(other).await);
}

async fn transactional(producer: &Transactional, one: Record, other: Record) {
    // hits: krafka::producer::transaction::TransactionalProducer::begin
    drop(producer.begin());
    // hits: krafka::producer::transaction::TransactionalProducer::send
    drop(producer.send(one).await);
    // hits: krafka::producer::transaction::TransactionalProducer::enqueue
    drop(producer.enqueue(other).await);
    // hits: krafka::producer::transaction::TransactionalProducer::commit
    drop(producer.commit().await);
}

async fn typed(producer: &Typed) {
    // hits: krafka::producer::typed::TypedProducer::send
    drop(producer.send("topic", None, None).await);
    // hits: krafka::producer::typed::TypedProducer::enqueue
    drop(producer.enqueue("topic", None, None).await);
}
