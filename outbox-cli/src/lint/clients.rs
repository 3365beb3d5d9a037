//! The published Rust Kafka clients: which of their types send, and by which methods.

/// A Kafka client.
pub(crate) struct Client {
    /// The package's name.
    pub(crate) package: &'static str,
    /// Types that send, by their last name.
    pub(crate) producers: &'static [&'static str],
    /// Traits whose implementers send.
    pub(crate) traits: &'static [&'static str],
    /// Types that are made to be sent, and nothing else.
    pub(crate) records: &'static [&'static str],
    /// Methods of the above that publish.
    pub(crate) methods: &'static [&'static str],
    /// Free functions that publish.
    pub(crate) functions: &'static [&'static str],
}

/// All that the presets know.
pub(crate) const CLIENTS: [Client; 6] = [
    Client {
        package: "rdkafka",
        producers: &["FutureProducer", "BaseProducer", "ThreadedProducer"],
        traits: &["Producer"],
        records: &["FutureRecord", "BaseRecord"],
        methods: &["send", "send_result", "begin_transaction", "commit_transaction", "send_offsets_to_transaction"],
        functions: &["rd_kafka_produce", "rd_kafka_producev", "rd_kafka_produceva", "rd_kafka_produce_batch"],
    },
    Client {
        package: "rdkafka-sys",
        producers: &[],
        traits: &[],
        records: &[],
        methods: &[],
        functions: &["rd_kafka_produce", "rd_kafka_producev", "rd_kafka_produceva", "rd_kafka_produce_batch"],
    },
    Client {
        package: "rskafka",
        producers: &["PartitionClient", "BatchProducer"],
        traits: &["ProducerClient"],
        records: &[],
        methods: &["produce"],
        functions: &[],
    },
    Client {
        package: "kafka",
        producers: &["Producer", "KafkaClient"],
        traits: &[],
        records: &[],
        methods: &["send", "send_all", "produce_messages"],
        functions: &[],
    },
    Client {
        package: "krafka",
        producers: &["Producer", "TransactionalProducer", "TypedProducer"],
        traits: &[],
        records: &[],
        methods: &["send", "enqueue", "begin", "commit"],
        functions: &[],
    },
    Client {
        package: "samsa",
        producers: &["Producer"],
        traits: &[],
        records: &[],
        methods: &["produce"],
        functions: &["produce"],
    },
];

/// The client of that package, if it is one.
pub(crate) fn by_package(package: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|client| client.package == package)
}
