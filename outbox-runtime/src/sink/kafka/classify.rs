//! What each of librdkafka's error codes means for the relay, in one table.
//!
//! Used where an answer comes in, where a message is refused at once, and where metadata is asked for.

use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use crate::sink::{Class, SinkError};

/// Judges `code`; `what` says what was tried and where, for example "publishing to topic `a`, partition 3".
pub(super) fn classify(code: Code, what: &str) -> SinkError {
    let (class, next) = judge(code);
    SinkError::new(class, format!("{what}: {code}; {next}"))
}

/// Judges an error of the client as a whole.
pub(super) fn classify_error(error: &KafkaError, what: &str) -> SinkError {
    match error.rdkafka_error_code() {
        Some(code) => classify(code, what),
        None => SinkError::new(Class::Fatal, format!("{what}: {error}; check the producer's settings")),
    }
}

/// Class and next step of every code; what is not listed may succeed when tried again.
fn judge(code: Code) -> (Class, &'static str) {
    use Class::{Fatal, Outage, Park, Retry, Topic};
    match code {
        Code::UnknownTopic | Code::UnknownPartition | Code::UnknownTopicOrPartition | Code::UnknownTopicId => {
            (Topic, "create the topic, or correct its name in the event; nothing is lost meanwhile")
        }
        Code::LeaderNotAvailable
        | Code::NotLeaderForPartition
        | Code::BrokerNotAvailable
        | Code::ReplicaNotAvailable
        | Code::KafkaStorageError
        | Code::FencedLeaderEpoch
        | Code::UnknownLeaderEpoch => (Outage, "wait for the partition to have a leader, or look at the brokers' logs"),
        Code::NotEnoughReplicas | Code::NotEnoughReplicasAfterAppend | Code::ISRInsufficient => {
            (Outage, "bring the missing replicas back; `min.insync.replicas` is not met")
        }
        Code::BrokerTransportFailure
        | Code::AllBrokersDown
        | Code::Resolve
        | Code::NetworkException
        | Code::OperationTimedOut
        | Code::RequestTimedOut
        | Code::MessageTimedOut
        | Code::TimedOutQueue
        | Code::UnknownBroker
        | Code::CriticalSystemResource => (Outage, "check that the brokers run and can be reached from here"),
        Code::Authentication
        | Code::SaslAuthenticationFailed
        | Code::UnsupportedSASLMechanism
        | Code::IllegalSASLState
        | Code::SSL
        | Code::SecurityDisabled
        | Code::DelegationTokenExpired
        | Code::UnacceptableCredential => (Outage, "check `security.protocol`, `sasl.*` and `ssl.*` of the sink"),
        Code::TopicAuthorizationFailed => (Topic, "grant the relay's user WRITE and DESCRIBE on the topic"),
        Code::ClusterAuthorizationFailed | Code::GroupAuthorizationFailed => {
            (Outage, "grant the relay's user WRITE and DESCRIBE on the topic, and IDEMPOTENT_WRITE on the cluster")
        }
        Code::TransactionalIdAuthorizationFailed => {
            (Outage, "grant the relay's user WRITE and DESCRIBE on transactional ids with the prefix `outbox-`")
        }
        Code::UnsupportedCompressionType | Code::UnsupportedVersion | Code::InvalidRequiredAcks => {
            (Outage, "the broker does not support a setting of the sink; change it, or the broker")
        }
        Code::MessageSizeTooLarge | Code::MessageBatchTooLarge | Code::InvalidMessageSize => {
            (Park, "raise `max.message.bytes` of the topic, or publish a reference to the data instead")
        }
        Code::InvalidRecord
        | Code::InvalidTimestamp
        | Code::InvalidTopic
        | Code::PolicyViolation
        | Code::UnsupportedForMessageFormat
        | Code::KeySerialization
        | Code::ValueSerialization => (Park, "the record breaks a rule of its topic (a compacted topic needs a key)"),
        Code::Fatal
        | Code::GaplessGuarantee
        | Code::Inconsistent
        | Code::OutOfOrderSequenceNumber
        | Code::DuplicateSequenceNumber
        | Code::InvalidProducerEpoch
        | Code::InvalidProducerIdMapping
        | Code::UnknownProducerId
        | Code::ProducerFenced
        | Code::Fenced
        | Code::State
        | Code::PurgeQueue
        | Code::PurgeInflight
        | Code::BrokerDestroy
        | Code::DestroyBroker => (Fatal, "the producer is replaced, and what it had not finished is sent again"),
        _ => (Retry, "it is tried again"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, Code, classify};

    #[test]
    fn every_class_has_its_codes_and_names_the_next_step() {
        for (code, class, next) in [
            (Code::UnknownTopicOrPartition, Class::Topic, "create the topic"),
            (Code::AllBrokersDown, Class::Outage, "brokers run"),
            (Code::Authentication, Class::Outage, "sasl"),
            (Code::TopicAuthorizationFailed, Class::Topic, "grant"),
            (Code::NotEnoughReplicas, Class::Outage, "replicas"),
            (Code::MessageSizeTooLarge, Class::Park, "max.message.bytes"),
            (Code::InvalidRecord, Class::Park, "key"),
            (Code::OutOfOrderSequenceNumber, Class::Fatal, "replaced"),
            (Code::PurgeInflight, Class::Fatal, "replaced"),
            (Code::InvalidMessage, Class::Retry, "again"),
        ] {
            let error = classify(code, "publishing to topic `a`");
            assert_eq!(error.class, class, "{code:?}");
            assert!(error.message.contains(next) && error.message.contains("topic `a`"), "{}", error.message);
        }
    }
}
