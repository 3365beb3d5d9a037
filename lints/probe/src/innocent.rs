//! What looks alike and publishes nothing: no line here may be hit.

use rdkafka::Message;
use rdkafka::consumer::{Consumer, StreamConsumer};

async fn channels(
    bytes: tokio::sync::mpsc::Sender<u8>,
    once: tokio::sync::oneshot::Sender<u8>,
    sync: std::sync::mpsc::Sender<u8>,
) {
    let _ = bytes.send(1).await;
    let _ = once.send(1);
    let _ = sync.send(1);
}

async fn consumer(consumer: &StreamConsumer) {
    if let Ok(message) = consumer.recv().await {
        let _ = message.payload();
    }
    let _ = consumer.commit_consumer_state(rdkafka::consumer::CommitMode::Async);
}

async fn other_clients(consumer: &rskafka::client::partition::PartitionClient, kafka: &mut kafka::client::KafkaClient) {
    drop(consumer.get_offset(rskafka::client::partition::OffsetAt::Latest).await);
    drop(kafka.load_metadata_all());
}

struct Producer(std::sync::mpsc::Sender<u8>);

impl Producer {
    fn send(&self, byte: u8) {
        let _ = self.0.send(byte);
    }

    fn begin_transaction(&self) {
        self.send(0);
    }
}

fn own_producer(producer: &Producer) {
    producer.begin_transaction();
    producer.send(1);
}
