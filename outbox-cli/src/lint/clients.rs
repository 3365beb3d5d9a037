//! The published Rust Kafka clients: which of their types send, and by which methods.

/// A Kafka client.
pub(crate) struct Client {
    /// The package's name.
    pub(crate) package: &'static str,
    /// The version that the presets are proved with: that of the probe.
    pub(crate) proved: &'static str,
    /// Types that send, by their last name.
    pub(crate) producers: &'static [&'static str],
    /// Types that send and receive: only what is called tells.
    pub(crate) mixed: &'static [&'static str],
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
        proved: "0.39",
        producers: &["FutureProducer", "BaseProducer", "ThreadedProducer"],
        mixed: &[],
        traits: &["Producer"],
        records: &["FutureRecord", "BaseRecord"],
        methods: &["send", "send_result", "begin_transaction", "commit_transaction", "send_offsets_to_transaction"],
        functions: &["rd_kafka_produce", "rd_kafka_producev", "rd_kafka_produceva", "rd_kafka_produce_batch"],
    },
    Client {
        package: "rdkafka-sys",
        proved: "4.10",
        producers: &[],
        mixed: &[],
        traits: &[],
        records: &[],
        methods: &[],
        functions: &["rd_kafka_produce", "rd_kafka_producev", "rd_kafka_produceva", "rd_kafka_produce_batch"],
    },
    Client {
        package: "rskafka",
        proved: "0.6",
        producers: &["BatchProducer"],
        mixed: &["PartitionClient"],
        traits: &["ProducerClient"],
        records: &[],
        methods: &["produce"],
        functions: &[],
    },
    Client {
        package: "kafka",
        proved: "0.10",
        producers: &["Producer"],
        mixed: &["KafkaClient"],
        traits: &[],
        records: &[],
        methods: &["send", "send_all", "produce_messages"],
        functions: &[],
    },
    Client {
        package: "krafka",
        proved: "0.28",
        producers: &["Producer", "TransactionalProducer", "TypedProducer"],
        mixed: &[],
        traits: &[],
        records: &[],
        methods: &["send", "enqueue", "begin", "commit"],
        functions: &[],
    },
    Client {
        package: "samsa",
        proved: "0.1",
        producers: &["Producer"],
        mixed: &[],
        traits: &[],
        records: &[],
        methods: &["produce"],
        functions: &["produce"],
    },
];

/// Packages of further clients: cargo-deny keeps them out, and nothing is known of their types.
pub(crate) const BY_NAME: [&str; 6] =
    ["kafkang", "confluent-kafka", "kacrab", "kafrust", "kafka_client", "kafkit-client"];

/// The package, if it is a client's that `deny.toml` bans.
pub(crate) fn banned(package: &str) -> Option<&'static str> {
    let mut all = CLIENTS.iter().map(|client| client.package).chain(BY_NAME);
    all.find(|known| *known == package)
}

/// The client of that package, if it is one.
pub(crate) fn by_package(package: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|client| client.package == package)
}

impl Client {
    /// Whether a full version is of the line that the presets are proved with.
    pub(crate) fn is_proved(&self, version: &str) -> bool {
        version.strip_prefix(self.proved).is_some_and(|rest| rest.starts_with('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proved_versions_are_those_of_the_probe() {
        let lock = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../lints/probe/Cargo.lock");
        let lock: toml_edit::DocumentMut = std::fs::read_to_string(lock).expect("a lock file").parse().expect("TOML");
        let packages = lock["package"].as_array_of_tables().expect("packages");
        for client in &CLIENTS {
            let package =
                packages.iter().find(|package| package["name"].as_str() == Some(client.package)).expect("locked");
            let version = package["version"].as_str().expect("a version");
            assert!(client.is_proved(version), "{} {version}", client.package);
        }
        assert!(!CLIENTS[0].is_proved("0.390.1"));
    }
}
