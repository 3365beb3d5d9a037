//! Metrics as a recorder gets them, and health as a probe reads it.

use std::collections::BTreeSet;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;

use super::fakes::{Broker, FakeStore};
use super::{Running, emit_many};
use crate::Record;
use crate::record::HeaderBuf;
use crate::relay::{Delivery, Relay, RelayState};
use crate::sink::{Class, MemorySink};
use crate::store::MemoryStore;

/// The value of a line of the exposition, with the labels as written.
fn value(text: &str, line: &str) -> f64 {
    let found = text.lines().find_map(|it| it.strip_prefix(line)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("no `{line}` in\n{text}")).parse().expect("a number")
}

#[tokio::test(start_paused = true)]
async fn metrics_have_the_names_of_the_wire_and_count() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let exposed = recorder.handle();
    let _here = metrics::set_default_local_recorder(&recorder);
    let (store, broker) = (FakeStore::default(), Broker::default());
    emit_many(&store, 0..1_000);
    store.emit("audit", None, "poison");
    broker.set(|log| log.poison = ["poison".to_owned()].into());
    let mut relay = Running::start(&store, &broker);
    relay.until(|status| status.published == 1_000 && status.parked == 1).await;
    store.take_over();
    relay.until(|status| status.state == RelayState::Standby).await;
    relay.stop().await;

    let text = exposed.render();
    assert_eq!(value(&text, "outbox_published_total{topic=\"bank\"}"), 1_000.0);
    // Refused in company, and alone.
    assert!(value(&text, "outbox_publish_errors_total{class=\"park\"}") >= 1.0, "{text}");
    assert_eq!(value(&text, "outbox_publish_errors_total{class=\"outage\"}"), 0.0);
    assert_eq!(value(&text, "outbox_parked_records"), 0.0, "the new owner's matter");
    assert_eq!(value(&text, "outbox_lease_lost_total"), 1.0);
    assert!(value(&text, "outbox_producer_restarts_total") >= 2.0, "{text}");
    assert!(value(&text, "outbox_read_duration_seconds_count") >= 4.0, "{text}");
    assert!(value(&text, "outbox_publish_latency_seconds_count") >= 1.0, "{text}");
    assert_eq!(value(&text, &format!("outbox_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))), 1.0);

    let described: BTreeSet<_> =
        text.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next()).collect();
    let typed: BTreeSet<_> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert_eq!(described, typed, "each has a description");
    let expected = [
        "outbox_backlog_records",
        "outbox_build_info",
        "outbox_lease_lost_total",
        "outbox_oldest_pending_seconds",
        "outbox_parked_records",
        "outbox_producer_restarts_total",
        "outbox_publish_errors_total",
        "outbox_publish_latency_seconds",
        "outbox_published_total",
        "outbox_read_duration_seconds",
    ];
    assert_eq!(typed.into_iter().collect::<Vec<_>>(), expected);
}

/// Of a log with a name, each metric says so; a standby measures the lag as well.
#[tokio::test(start_paused = true)]
async fn the_lag_is_measured_beside_the_loop() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let exposed = recorder.handle();
    let _here = metrics::set_default_local_recorder(&recorder);
    let (store, sink) = (MemoryStore::new(), MemorySink::new());
    sink.outage(true);
    let old = Duration::from_secs(90);
    let made = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970") - old;
    for _ in 0..3 {
        let timestamp = uuid::Timestamp::from_unix(uuid::NoContext, made.as_secs(), 0);
        store.append(vec![Record {
            id: uuid::Uuid::new_v7(timestamp),
            topic: "bank".into(),
            key: None,
            headers: HeaderBuf::default(),
            payload: None,
            delay: None,
        }]);
    }
    let relay = Relay::builder(store, sink.clone()).name("bank").build();
    let (health, mut status) = (relay.health(), relay.status());
    assert!(health.ready().is_err_and(|why| why.contains("not been asked")));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let task = tokio::spawn(relay.run(async move { drop(stopped.await) }));
    drop(status.wait_for(|status| matches!(status.state, RelayState::Outage { .. })).await.expect("it runs"));
    assert!(health.is_live() && health.ready().is_err_and(|why| why.contains("switched off")), "{health:?}");
    tokio::time::sleep(Duration::from_secs(6)).await;
    let text = exposed.render();
    assert_eq!(value(&text, "outbox_backlog_records{log=\"bank\"}"), 3.0);
    let oldest = value(&text, "outbox_oldest_pending_seconds{log=\"bank\"}");
    assert!((89.0..1_000.0).contains(&oldest), "{oldest}");

    sink.outage(false);
    drop(status.wait_for(|status| status.published == 3 && status.state == RelayState::Running).await);
    assert_eq!(health.ready(), Ok(()));
    tokio::time::sleep(Duration::from_secs(6)).await;
    let text = exposed.render();
    assert_eq!(value(&text, "outbox_backlog_records{log=\"bank\"}"), 0.0);
    assert_eq!(value(&text, "outbox_oldest_pending_seconds{log=\"bank\"}"), 0.0);
    assert_eq!(value(&text, "outbox_published_total{log=\"bank\",topic=\"bank\"}"), 3.0);
    drop(stop);
    task.await.expect("no panic").expect("an orderly stop");
    assert!(!health.is_live() && health.ready().is_err_and(|why| why.contains("ended")));
}

/// What was sent in a transaction that is aborted is not published.
#[tokio::test(start_paused = true)]
async fn records_of_aborted_transactions_do_not_count() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let exposed = recorder.handle();
    let _here = metrics::set_default_local_recorder(&recorder);
    let (store, sink) = (MemoryStore::new(), MemorySink::new());
    sink.reject(|message| (message.key.as_deref() == Some(b"poison")).then_some(Class::Park));
    for number in 0..50 {
        let key = if number == 40 { "poison".to_owned() } else { format!("k{number}") };
        let (headers, payload) = (HeaderBuf::default(), None);
        let (id, key) = (uuid::Uuid::now_v7(), Some(key.into_bytes()));
        store.append(vec![Record { id, topic: "bank".into(), key, headers, payload, delay: None }]);
    }
    let relay = Relay::builder(store, sink.clone()).delivery(Delivery::ExactlyOnce).build();
    let mut status = relay.status();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let task = tokio::spawn(relay.run(async move { drop(stopped.await) }));
    drop(status.wait_for(|status| status.published == 49 && status.parked == 1).await.expect("it runs"));
    assert!(sink.rebuilds() > 2, "transactions were aborted");
    assert_eq!(value(&exposed.render(), "outbox_published_total{topic=\"bank\"}"), 49.0);
    drop(stop);
    task.await.expect("no panic").expect("an orderly stop");
}
