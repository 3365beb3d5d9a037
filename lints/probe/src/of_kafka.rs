//! kafka (kafka-rust).

use kafka::client::{KafkaClient, ProduceMessage, RequiredAcks};
// hits: kafka::producer::Producer
use kafka::producer::{Producer, Record};

// hits: kafka::producer::Producer
type Sender = Producer;

fn send(producer: &mut Sender, record: &Record<'_, (), &str>) {
    // hits: kafka::producer::Producer::send
    drop(producer.send(record));
}

fn send_all(producer: &mut Sender, records: &[Record<'_, (), &str>]) {
    // hits: kafka::producer::Producer::send_all
    drop(producer.send_all(records));
}

fn client(client: &mut KafkaClient, message: ProduceMessage<'_, '_>) {
    // hits: kafka::client::KafkaClient::produce_messages
    drop(client.produce_messages(RequiredAcks::One, std::time::Duration::ZERO, [message]));
}
