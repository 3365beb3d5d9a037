//! rdkafka, and the C functions below it.

use rdkafka::consumer::ConsumerGroupMetadata;
// hits: rdkafka::producer::BaseProducer, rdkafka::producer::BaseRecord, rdkafka::producer::FutureProducer, rdkafka::producer::FutureRecord, rdkafka::producer::ThreadedProducer
use rdkafka::producer::{BaseProducer, BaseRecord, FutureProducer, FutureRecord, Producer, ThreadedProducer};
use rdkafka::{TopicPartitionList, bindings};

// hits: rdkafka::producer::FutureProducer
type Future = FutureProducer;
// hits: rdkafka::producer::BaseProducer
type Base = BaseProducer;
// hits: rdkafka::producer::ThreadedProducer
type Threaded = ThreadedProducer<rdkafka::producer::DefaultProducerContext>;
// hits: rdkafka::producer::FutureRecord
type Record<'a> = FutureRecord<'a, str, str>;
// hits: rdkafka::producer::BaseRecord
type Polled<'a> = BaseRecord<'a, str, str>;

async fn future(producer: &Future, record: Record<'_>) {
    // hits: rdkafka::producer::future_producer::FutureProducer::send
    let _ = producer.send(record, std::time::Duration::ZERO).await;
}

fn future_result(producer: &std::sync::Arc<Future>, record: Record<'_>) {
    // hits: rdkafka::producer::future_producer::FutureProducer::send_result
    drop(producer.send_result(record));
}

fn base(producer: &Base, record: Polled<'_>) {
    // hits: rdkafka::producer::base_producer::BaseProducer::send
    drop(producer.send(record));
}

fn threaded(producer: &Threaded, record: Polled<'_>) {
    // hits: rdkafka::producer::base_producer::ThreadedProducer::send
    drop(producer.send(record));
}

fn transaction(producer: &Future, offsets: &TopicPartitionList, group: &ConsumerGroupMetadata) {
    let second = std::time::Duration::from_secs(1);
    // hits: rdkafka::producer::Producer::init_transactions
    drop(producer.init_transactions(second));
    // hits: rdkafka::producer::Producer::begin_transaction
    drop(producer.begin_transaction());
    // hits: rdkafka::producer::Producer::send_offsets_to_transaction
    drop(producer.send_offsets_to_transaction(offsets, group, second));
    // hits: rdkafka::producer::Producer::commit_transaction
    drop(producer.commit_transaction(second));
}

fn generic<P: Producer>(producer: &P) {
    // hits: rdkafka::producer::Producer::begin_transaction
    drop(producer.begin_transaction());
}

fn by_path(producer: &Base, record: Polled<'_>) {
    // hits: rdkafka::producer::base_producer::BaseProducer::send
    drop(Base::send(producer, record));
}

fn below() {
    // hits: rdkafka_sys::bindings::rd_kafka_produce
    let _ = bindings::rd_kafka_produce;
    // hits: rdkafka_sys::bindings::rd_kafka_producev
    let _ = bindings::rd_kafka_producev;
    // hits: rdkafka_sys::bindings::rd_kafka_produceva
    let _ = bindings::rd_kafka_produceva;
    // hits: rdkafka_sys::bindings::rd_kafka_produce_batch
    let _ = bindings::rd_kafka_produce_batch;
}
