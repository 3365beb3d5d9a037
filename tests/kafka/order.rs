//! T9, T25: one enqueue loop keeps the order and answers every message once; headers, keys and tombstones arrive as sent.

use outbox_runtime::sink::{KafkaSink, Message, Sink};

use crate::common::{answered, brokers, classes, create_topic, numbers, read, send_all};

#[tokio::test]
async fn t9_one_key_keeps_its_order_through_a_full_queue() {
    let topic = create_topic("t9", 1, &[]).await;
    let mut sink = KafkaSink::builder(brokers()).set("queue.buffering.max.messages", "50").build().unwrap();
    let mut answers = send_all(&mut sink, &topic, 0, 0..3_000).await;
    assert!(!answers.is_empty(), "the queue of 50 was never full");
    answered(&mut sink, &mut answers, 3_000).await;
    sink.close().await;
    assert_eq!(classes(&answers), [("ok".to_owned(), 3_000)].into());
    assert_eq!(numbers(&read(brokers(), &topic).await), (0..3_000).collect::<Vec<_>>());
}

/// The queue's places come free a moment after the answers: with one place, every message meets that moment.
#[tokio::test]
async fn t9_a_queue_of_one_never_stalls() {
    let topic = create_topic("t9-one", 1, &[]).await;
    let mut sink = KafkaSink::builder(brokers()).set("queue.buffering.max.messages", "1").build().unwrap();
    let mut answers = send_all(&mut sink, &topic, 0, 0..500).await;
    answered(&mut sink, &mut answers, 500).await;
    sink.close().await;
    assert_eq!(numbers(&read(brokers(), &topic).await), (0..500).collect::<Vec<_>>());
}

#[tokio::test]
async fn t25_integer_tokens_come_back_complete_and_in_order() {
    let topic = create_topic("t25", 1, &[]).await;
    let mut sink = KafkaSink::new(brokers()).unwrap();
    // Large tokens: no bit of the integer may get lost on its way through the opaque pointer.
    let first = u64::MAX - 100_000;
    let mut answers = send_all(&mut sink, &topic, 0, first..u64::MAX).await;
    answered(&mut sink, &mut answers, 100_000).await;
    sink.close().await;
    let tokens: Vec<_> = answers.iter().map(|answer| answer.token).collect();
    assert!(answers.iter().all(|answer| answer.result.is_ok()));
    assert_eq!(tokens, (first..u64::MAX).collect::<Vec<_>>());
    assert_eq!(numbers(&read(brokers(), &topic).await), tokens);
}

#[tokio::test]
async fn headers_keys_and_tombstones_arrive_as_sent() {
    let topic = create_topic("as-sent", 1, &[]).await;
    let mut sink = KafkaSink::new(brokers()).unwrap();
    type Sent<'a> = (Option<&'a [u8]>, Option<&'a [u8]>, &'a [(&'a str, Option<&'a [u8]>)]);
    let sent: [Sent<'_>; 4] = [
        (Some(b"key"), Some(b"value"), &[("a", Some(b"1")), ("b", None), ("a", Some(b""))]),
        (Some(b"key"), None, &[("tombstone", Some(b"yes"))]),
        (None, Some(b"no key"), &[]),
        (Some(b""), Some(b""), &[]),
    ];
    for (token, &(key, payload, headers)) in (0..).zip(&sent) {
        sink.send(Message { token, topic: &topic, partition: 0, key, payload, headers }).unwrap();
    }
    let mut answers = Vec::new();
    answered(&mut sink, &mut answers, sent.len()).await;
    sink.close().await;
    let arrived = read(brokers(), &topic).await;
    assert_eq!(arrived.len(), sent.len());
    for (arrived, (key, payload, headers)) in arrived.iter().zip(sent) {
        assert_eq!(arrived.key.as_deref(), key);
        assert_eq!(arrived.payload.as_deref(), payload);
        let arrived: Vec<_> = arrived.headers.iter().map(|(name, value)| (name.as_str(), value.as_deref())).collect();
        assert_eq!(arrived, headers);
    }
}
