//! samsa.

// hits: samsa::prelude::Producer, samsa::prelude::ProducerBuilder
use samsa::prelude::{ProduceMessage, Producer, ProducerBuilder, TcpConnection, produce};

// hits: samsa::prelude::Producer
type Sender = Producer;
// hits: samsa::prelude::ProducerBuilder
type Builder = ProducerBuilder<TcpConnection>;

async fn method(producer: &Sender, message: ProduceMessage) {
    // hits: samsa::producer::Producer::produce
    producer.produce(message).await;
}

async fn function(connection: TcpConnection, messages: &Vec<ProduceMessage>) {
    let attributes = samsa::prelude::protocol::produce::request::Attributes::new(None);
    // hits: samsa::producer::produce
    drop(produce(connection, 1, "client", 1, 1_000, messages, attributes).await);
}
