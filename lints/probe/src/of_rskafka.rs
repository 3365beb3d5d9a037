//! rskafka.

use std::sync::Arc;

use rskafka::client::partition::{Compression, PartitionClient};
use rskafka::client::producer::aggregator::RecordAggregator;
// hits: rskafka::client::producer::BatchProducer, rskafka::client::producer::BatchProducerBuilder
use rskafka::client::producer::{BatchProducer, BatchProducerBuilder, ProducerClient};
use rskafka::record::Record;

// hits: rskafka::client::producer::BatchProducer
type Batches = BatchProducer<RecordAggregator>;
// hits: rskafka::client::producer::BatchProducerBuilder
type Builder = BatchProducerBuilder;

async fn partition(client: &PartitionClient, records: Vec<Record>) {
    // hits: rskafka::client::partition::PartitionClient::produce
    let _ = client.produce(records, Compression::NoCompression).await;
}

async fn behind_the_trait(client: Arc<dyn ProducerClient>, records: Vec<Record>) {
    // hits: rskafka::client::producer::ProducerClient::produce
    let _ = client.produce(records, Compression::NoCompression).await;
}

async fn batches(producer: &Batches, record: Record) {
    // hits: rskafka::client::producer::BatchProducer::produce
    let _ = producer.produce(record).await;
}
