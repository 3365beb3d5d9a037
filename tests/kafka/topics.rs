//! Bad input: what is not there, and what does not fit, has the right class and names the next step.

use std::time::Duration;

use outbox_runtime::sink::{Class, KafkaSink, Message, SendError, Sink};

use crate::common::{answered, brokers, class, create_topic};

#[tokio::test]
async fn an_unreachable_broker_is_an_outage_that_names_it() {
    let mut sink = KafkaSink::builder("127.0.0.1:1").metadata_within(Duration::from_secs(1)).build().unwrap();
    let error = sink.topic("any").await.expect_err("no broker");
    assert_eq!(error.class, Class::Outage);
    assert!(error.message.contains("127.0.0.1:1") && error.message.contains("`any`"), "{error}");
    sink.close().await;
}

#[tokio::test]
async fn wrong_credentials_are_an_outage() {
    // The broker of the tests speaks no SASL, so no user and password are right.
    let builder =
        KafkaSink::builder(brokers()).set("security.protocol", "SASL_PLAINTEXT").set("sasl.mechanism", "PLAIN");
    let builder = builder.set("sasl.username", "nobody").set("sasl.password", "s3cret");
    match builder.metadata_within(Duration::from_secs(2)).build() {
        Ok(mut sink) => {
            let error = sink.topic("any").await.expect_err("refused");
            assert_eq!(error.class, Class::Outage);
            assert!(error.message.contains(&brokers()) && !error.message.contains("s3cret"), "{error}");
            sink.close().await;
        }
        // librdkafka may be built without SASL; the sink must then name the setting.
        Err(error) => assert!(error.message.contains("sasl"), "{error}"),
    }
}

#[tokio::test]
async fn a_missing_topic_is_named_and_is_not_created() {
    let mut sink = KafkaSink::new(brokers()).unwrap();
    let missing = format!("missing-{}", uuid::Uuid::now_v7());
    for _ in 0..2 {
        let error = sink.topic(&missing).await.expect_err("no such topic");
        assert_eq!(error.class, Class::Topic);
        assert!(error.message.contains("create the topic") && error.message.contains(&missing), "{error}");
    }
    sink.close().await;
}

#[tokio::test]
async fn partitions_and_limit_are_the_topics_own() {
    let topic = create_topic("limits", 3, &[("max.message.bytes", "2000")]).await;
    let mut sink = KafkaSink::new(brokers()).unwrap();
    let info = sink.topic(&topic).await.unwrap();
    assert_eq!((info.partitions, info.message_bytes_max), (3, 2_000));
    sink.close().await;
}

#[tokio::test]
async fn a_message_over_the_topics_limit_is_parked() {
    let topic = create_topic("too-large", 1, &[("max.message.bytes", "2000")]).await;
    let mut sink = KafkaSink::new(brokers()).unwrap();
    let large = [b'x'; 5_000];
    let payload = Some(large.as_slice());
    let message = Message { token: 1, topic: &topic, partition: 0, key: None, payload, headers: &[] };
    sink.send(message).unwrap();
    let mut answers = Vec::new();
    answered(&mut sink, &mut answers, 1).await;
    assert_eq!(class(&answers[0]), Some(Class::Park), "{:?}", answers[0]);
    // After a rebuild the others go through, in batches under the limit once it is known.
    assert_eq!(sink.topic(&topic).await.unwrap().message_bytes_max, 2_000);
    sink.rebuild().await.unwrap();
    answers.clear();
    for token in 0..1_000 {
        sink.send(Message { token, payload: Some(b"small enough, but 1,000 of them are not"), ..message }).unwrap();
    }
    answered(&mut sink, &mut answers, 1_000).await;
    assert!(answers.iter().all(|answer| answer.result.is_ok()), "{:?}", answers.iter().find(|a| a.result.is_err()));
    sink.close().await;
}

/// What compresses well fits where its length does not, so nobody may judge by the length.
#[tokio::test]
async fn with_compression_the_broker_alone_judges_the_size() {
    let topic = create_topic("compressed", 1, &[("max.message.bytes", "2000")]).await;
    let mut sink = KafkaSink::builder(brokers()).set("compression.type", "lz4").build().unwrap();
    assert_eq!(sink.topic(&topic).await.unwrap().message_bytes_max, usize::MAX);
    let (same, mixed) = ([b'x'; 5_000], std::array::from_fn::<_, 5_000, _>(|_| fastrand::u8(..)));
    let mut answers = Vec::new();
    for (token, payload) in [(1, &same), (2, &mixed)] {
        let payload = Some(payload.as_slice());
        sink.send(Message { token, topic: &topic, partition: 0, key: None, payload, headers: &[] }).unwrap();
        answered(&mut sink, &mut answers, token as usize).await;
    }
    assert_eq!([class(&answers[0]), class(&answers[1])], [None, Some(Class::Park)], "{answers:?}");
    sink.close().await;
}

#[tokio::test]
async fn a_message_over_the_clients_limit_is_refused_as_parked() {
    let mut sink = KafkaSink::builder("127.0.0.1:1").set("message.max.bytes", "1000").build().unwrap();
    let large = [b'x'; 5_000];
    let payload = Some(large.as_slice());
    let refused = sink.send(Message { token: 1, topic: "any", partition: 0, key: None, payload, headers: &[] });
    assert!(matches!(&refused, Err(SendError::Refused(error)) if error.class == Class::Park), "{refused:?}");
    sink.close().await;
}
