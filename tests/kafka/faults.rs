//! T10, T12: what one failed request does to the messages behind it, on librdkafka's in-process cluster.

use outbox_runtime::sink::{Class, KafkaSink, SendError, Sink};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

use crate::common::{answered, class, classes, deliveries, numbers, read, send};

fn cluster(topic: &str) -> MockCluster<'static, DefaultProducerContext> {
    let cluster = MockCluster::new(1).expect("a cluster in this process");
    cluster.create_topic(topic, 1, 1).expect("a topic");
    cluster
}

/// Sends up to `count`, ends early when the producer says it is done for.
fn send_some(sink: &mut KafkaSink, topic: &str, from: u64, count: u64) -> usize {
    let mut taken = 0;
    for token in from..from + count {
        match send(sink, topic, 0, token) {
            Ok(()) => taken += 1,
            Err(SendError::Refused(error)) if error.class == Class::Fatal => break,
            Err(error) => panic!("{error:?}"),
        }
    }
    taken
}

#[tokio::test]
async fn t10_the_acknowledged_set_is_a_prefix() {
    let cluster = cluster("t10");
    let settings = KafkaSink::builder(cluster.bootstrap_servers()).set("batch.num.messages", "1");
    let mut sink = settings.set("linger.ms", "0").build().unwrap();
    let mut answers = Vec::new();
    assert_eq!(send_some(&mut sink, "t10", 0, 1), 1);
    answered(&mut sink, &mut answers, 1).await;
    let ok = RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR;
    let failed = RDKafkaRespErr::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
    cluster.request_errors(RDKafkaApiKey::Produce, &[ok, ok, failed]);
    let taken = 1 + send_some(&mut sink, "t10", 1, 20);
    answered(&mut sink, &mut answers, taken).await;
    answers.sort_by_key(|answer| answer.token);
    let good = answers.iter().take_while(|answer| answer.result.is_ok()).count();
    assert!((1..taken).contains(&good), "{:?}", classes(&answers));
    assert!(answers.iter().skip(good).all(|answer| answer.result.is_err()), "a gap: {answers:?}");
    assert_eq!(class(&answers[good]), Some(Class::Park), "{:?}", answers[good]);
    // After the rebuild the rest goes through.
    sink.rebuild().await.unwrap();
    let (mut again, from) = (Vec::new(), good as u64 + 1);
    assert_eq!(send_some(&mut sink, "t10", from, 5), 5);
    answered(&mut sink, &mut again, 5).await;
    sink.close().await;
    assert_eq!(classes(&again), [("ok".to_owned(), 5)].into());
}

#[tokio::test]
async fn t12_out_of_order_sequence_is_fatal_until_the_rebuild() {
    let cluster = cluster("t12");
    let mut sink = KafkaSink::new(cluster.bootstrap_servers()).unwrap();
    let mut answers = Vec::new();
    send(&mut sink, "t12", 0, 0).unwrap();
    answered(&mut sink, &mut answers, 1).await;
    let out_of_order = RDKafkaRespErr::RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER;
    cluster.request_errors(RDKafkaApiKey::Produce, &[out_of_order]);
    send(&mut sink, "t12", 0, 1).unwrap();
    answered(&mut sink, &mut answers, 2).await;
    assert_eq!(class(&answers[1]), Some(Class::Fatal), "{:?}", answers[1]);
    // For good: everything else is refused, or answered, as fatal too.
    match send(&mut sink, "t12", 0, 2) {
        Ok(()) => {
            deliveries(&mut sink, &mut answers).await;
            assert_eq!(class(&answers[2]), Some(Class::Fatal), "{:?}", answers[2]);
        }
        Err(SendError::Refused(error)) => assert_eq!(error.class, Class::Fatal, "{error}"),
        Err(SendError::Full) => panic!("full with one message"),
    }
    sink.rebuild().await.unwrap();
    let mut again = Vec::new();
    for token in 1..=3 {
        send(&mut sink, "t12", 0, token).unwrap();
    }
    answered(&mut sink, &mut again, 3).await;
    sink.close().await;
    assert_eq!(classes(&again), [("ok".to_owned(), 3)].into());
    assert_eq!(numbers(&read(cluster.bootstrap_servers(), "t12").await), [0, 1, 2, 3]);
}
