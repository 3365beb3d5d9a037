//! T10, T12: what one failed request does to the messages behind it, on librdkafka's in-process cluster.

use outbox_runtime::sink::{Class, Delivery, KafkaSink, Message, SendError, Sink};
use rdkafka::ClientConfig;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{DefaultProducerContext, FutureProducer, FutureRecord};
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

use crate::common::{PATIENCE, answered, brokers, class, classes, create_topic, deliveries, numbers, read, send};

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

/// The number of the first message that failed, and how many behind it were acknowledged all the same.
fn first_failed(answers: &mut [Delivery]) -> (usize, usize) {
    answers.sort_by_key(|answer| answer.token);
    let good = answers.iter().take_while(|answer| answer.result.is_ok()).count();
    assert!((1..answers.len()).contains(&good), "{:?}", classes(answers));
    assert_eq!(class(&answers[good]), Some(Class::Park), "{:?}", answers[good]);
    (good, answers.iter().skip(good).filter(|answer| answer.result.is_ok()).count())
}

#[tokio::test]
async fn t10_after_a_failed_request_nothing_new_is_sent() {
    // The in-process cluster does not check sequences: what was in flight, or built, beside the failed request passes.
    // A real broker refuses that too, see below.
    let single = [("batch.num.messages", "1"), ("linger.ms", "0"), ("max.in.flight", "1")];
    let cluster = cluster("t10");
    let builder = KafkaSink::builder(cluster.bootstrap_servers());
    let builder = single.iter().fold(builder, |builder, (key, value)| builder.set(*key, *value));
    let mut sink = builder.build().unwrap();
    let mut answers = Vec::new();
    assert_eq!(send_some(&mut sink, "t10", 0, 1), 1);
    answered(&mut sink, &mut answers, 1).await;
    let ok = RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR;
    let failed = RDKafkaRespErr::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
    cluster.request_errors(RDKafkaApiKey::Produce, &[ok, ok, failed]);
    let taken = 1 + send_some(&mut sink, "t10", 1, 20);
    answered(&mut sink, &mut answers, taken).await;
    let (failed_at, behind) = first_failed(&mut answers);
    assert!(failed_at == 3 && behind <= 2, "{failed_at} {behind} {:?}", classes(&answers));
    // After the rebuild the rest goes through.
    sink.rebuild().await.unwrap();
    let mut again = Vec::new();
    assert_eq!(send_some(&mut sink, "t10", 100, 5), 5);
    answered(&mut sink, &mut again, 5).await;
    sink.close().await;
    assert_eq!(classes(&again), [("ok".to_owned(), 5)].into());

    // The same failure without `enable.gapless.guarantee`: all that is behind is acknowledged, a gap.
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", cluster.bootstrap_servers()).set("enable.idempotence", "true");
    single.iter().for_each(|(key, value)| {
        config.set(*key, *value);
    });
    let plain: FutureProducer = config.create().expect("producer");
    plain.send(FutureRecord::to("t10").key("k").payload("0"), PATIENCE).await.expect("the first one");
    cluster.request_errors(RDKafkaApiKey::Produce, &[ok, ok, failed]);
    let queue = || plain.send_result(FutureRecord::to("t10").key("k").payload("n")).ok();
    let sent: Vec<_> = (1..20).map(|_| queue()).collect();
    let mut results = Vec::new();
    for sent in sent {
        results.push(sent.expect("queued").await.expect("answered").is_ok());
    }
    let failed: Vec<_> = (1..).zip(&results).filter(|(_, ok)| !**ok).map(|(number, _)| number).collect();
    assert_eq!(failed, [3], "the control goes on after the failure: {results:?}");
}

#[tokio::test]
async fn t10_a_real_rejection_leaves_a_prefix_with_requests_in_flight() {
    let topic = create_topic("t10", 1, &[("max.message.bytes", "2000")]).await;
    let builder = KafkaSink::builder(brokers()).set("batch.num.messages", "1").set("linger.ms", "0");
    let mut sink = builder.build().unwrap();
    let (small, large, mut answers) = ([b'x'; 10], [b'x'; 5_000], Vec::new());
    let message = Message { token: 0, topic: &topic, partition: 0, key: None, payload: Some(&small), headers: &[] };
    // The first record of a partition travels alone (relay rule 6).
    sink.send(message).unwrap();
    answered(&mut sink, &mut answers, 1).await;
    let mut taken = 1;
    for token in 1..200 {
        let payload = Some(if token == 20 { large.as_slice() } else { &small });
        match sink.send(Message { token, payload, ..message }) {
            Ok(()) => taken += 1,
            Err(SendError::Refused(error)) if error.class == Class::Fatal => break,
            Err(error) => panic!("{error:?}"),
        }
    }
    answered(&mut sink, &mut answers, taken).await;
    sink.close().await;
    assert_eq!(first_failed(&mut answers), (20, 0), "a gap: {answers:?}");
    assert_eq!(read(brokers(), &topic).await.len(), 20);
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
