//! The memory sink behaves as the Kafka sink does: order, rejections, outages, rebuild.

use std::time::Duration;

use outbox_runtime::sink::{Class, Delivery, MemorySink, Message, SendError, Sink};

fn message(token: u64) -> Message<'static> {
    Message { token, topic: "t", partition: 0, key: Some(b"k"), payload: Some(b"v"), headers: &[] }
}

async fn answers(sink: &mut MemorySink) -> Vec<(u64, Option<Class>)> {
    let mut answers = Vec::new();
    sink.deliveries(&mut answers).await;
    let class = |answer: &Delivery| answer.result.as_ref().err().map(|error| error.class);
    answers.iter().map(|answer| (answer.token, class(answer))).collect()
}

#[tokio::test]
async fn a_rejection_leaves_a_prefix_and_is_over_after_the_rebuild() {
    let mut sink = MemorySink::new();
    let mut seen = 0;
    sink.reject(move |_| {
        seen += 1;
        (seen == 2).then_some(Class::Park)
    });
    for token in 0..3 {
        sink.send(message(token)).unwrap();
    }
    assert_eq!(answers(&mut sink).await, [(0, None), (1, Some(Class::Park)), (2, Some(Class::Fatal))]);
    sink.rebuild().await.unwrap();
    sink.send(message(2)).unwrap();
    assert_eq!(answers(&mut sink).await, [(2, None)]);
    assert_eq!((sink.messages().len(), sink.log("t", 0).len(), sink.rebuilds()), (2, 2, 1));
}

#[tokio::test]
async fn an_outage_holds_answers_until_it_ends() {
    let script = MemorySink::new();
    let mut sink = script.clone();
    script.outage(true);
    script.set_queue_max(1);
    assert_eq!(sink.topic("t").await.unwrap_err().class, Class::Outage);
    sink.send(message(7)).unwrap();
    assert!(matches!(sink.send(message(8)), Err(SendError::Full)));
    let waiting = tokio::spawn(async move { answers(&mut sink).await });
    assert!(script.messages().is_empty());
    script.outage(false);
    let got = tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("the answer comes").unwrap();
    assert_eq!(got, [(7, None)]);
    assert_eq!(script.messages().len(), 1);
}

#[tokio::test]
async fn no_answer_of_the_old_producer_comes_out_after_a_rebuild() {
    let mut sink = MemorySink::new();
    sink.hold(true);
    sink.send(message(1)).unwrap();
    sink.rebuild().await.unwrap();
    sink.hold(false);
    sink.send(message(2)).unwrap();
    assert_eq!(answers(&mut sink).await, [(2, None)]);
}
