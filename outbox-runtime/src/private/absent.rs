//! Empty types in the place of producers that a version of a Kafka client does not have yet.

/// As in krafka, samsa, kacrab, kafrust, `kafka_client`.
pub struct Producer;

/// As in krafka.
pub struct TransactionalProducer;

/// As in kafrust.
pub struct BufferedProducer;

/// As in `kafkit_client`.
pub struct KafkaProducer;
