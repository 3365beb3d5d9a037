//! Spans as an OpenTelemetry exporter gets them, and the headers that consumers get.

use std::time::Duration;

use opentelemetry::trace::{SpanId, SpanKind, TracerProvider as _};
use opentelemetry::{Value, global};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use outbox::relay::Relay;
use outbox::sink::{Class, MemorySink};
use outbox::store::SqliteStore;
use outbox_test_opentelemetry::{open, trace_events};
use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

fn attribute(span: &SpanData, name: &str) -> Option<String> {
    let value = span.attributes.iter().find(|attribute| attribute.key.as_str() == name)?;
    Some(match &value.value {
        Value::String(text) => text.as_str().to_owned(),
        other => other.to_string(),
    })
}

fn named<'s>(spans: &'s [SpanData], name: &str) -> Vec<&'s SpanData> {
    spans.iter().filter(|span| span.name == name).collect()
}

#[tokio::test]
async fn events_and_batches_are_spans_and_consumers_get_the_context() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    global::set_text_map_propagator(TraceContextPropagator::new());
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("bank"));
    let filter = EnvFilter::default().add_directive(LevelFilter::INFO.into());
    let filter = filter.add_directive("outbox::send=debug".parse().expect("a directive"));
    tracing_subscriber::registry().with(filter).with(layer).init();
    trace_events();

    let options = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let pool = options.connect("sqlite::memory:").await.expect("a database");
    outbox::migrate(&pool).await.expect("tables");
    open(&pool, 7).await.expect("a commit");

    let records: Vec<(Vec<u8>, Vec<u8>)> =
        sqlx::query_as("SELECT id, headers FROM outbox_log ORDER BY position").fetch_all(&pool).await.expect("rows");
    let spans = exporter.get_finished_spans().expect("spans");
    let created: Vec<_> = spans.iter().filter(|span| span.name.starts_with("create ")).collect();
    let names: Vec<_> = created.iter().map(|span| &*span.name).collect();
    assert_eq!(
        names,
        [
            "create bank.accounts",
            "create bank.audit",
            "create bank.accounts",
            "create bank.accounts",
            "create bank.raw"
        ]
    );
    let [handler] = named(&spans, "open")[..] else { panic!("the handler's span: {spans:#?}") };
    for (span, (id, headers)) in created.iter().zip(&records) {
        assert_eq!((span.span_kind.clone(), span.parent_span_id), (SpanKind::Producer, handler.span_context.span_id()));
        assert_eq!(attribute(span, "messaging.system").as_deref(), Some("kafka"));
        assert_eq!(attribute(span, "messaging.operation.name").as_deref(), Some("create"));
        assert_eq!(attribute(span, "messaging.operation.type").as_deref(), Some("create"));
        assert_eq!(
            Some(span.name.as_ref()),
            attribute(span, "messaging.destination.name").map(|topic| format!("create {topic}")).as_deref()
        );
        let id = id.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(attribute(span, "messaging.message.id").map(|shown| shown.replace('-', "")), Some(id));
        let expected = format!("00-{}-{}-01", span.span_context.trace_id(), span.span_context.span_id());
        let stored = outbox::record::Headers::new(headers).find(|(name, _)| *name == "traceparent");
        assert_eq!(stored, Some(("traceparent", Some(expected.as_bytes()))));
    }
    assert_eq!(attribute(created[0], "messaging.kafka.message.key").as_deref(), Some("7"));
    assert_eq!(attribute(created[4], "messaging.kafka.message.key"), None, "a record without a key");

    // The first hand-over is refused; the next producer gets the same again.
    let sink = MemorySink::with_partitions(1);
    let mut refusals = 1;
    sink.reject(move |_| {
        let refused = refusals > 0;
        refusals -= i32::from(refused);
        refused.then_some(Class::Retry)
    });
    let relay = Relay::builder(SqliteStore::new(pool.clone()), sink.clone()).build();
    let mut status = relay.status();
    let published = async move { drop(status.wait_for(|status| status.published == 5).await) };
    tokio::time::timeout(Duration::from_secs(60), relay.run(published)).await.expect("in time").expect("a stop");

    for message in sink.messages() {
        let header = |name: &str| message.headers.iter().find(|(header, _)| header == name).and_then(|it| it.1.clone());
        let parent = String::from_utf8(header("traceparent").expect("a traceparent")).expect("text");
        let id = String::from_utf8(header("id").expect("an id")).expect("text");
        let span = created.iter().find(|span| attribute(span, "messaging.message.id").as_deref() == Some(&id));
        assert!(parent.contains(&span.expect("its span").span_context.span_id().to_string()), "{parent}");
    }
    let spans = exporter.get_finished_spans().expect("spans");
    let sent: Vec<_> = spans.iter().filter(|span| span.name.starts_with("send ")).collect();
    let mut acknowledged = 0;
    for span in &sent {
        assert_eq!((span.span_kind.clone(), span.parent_span_id), (SpanKind::Client, SpanId::INVALID));
        assert_eq!(attribute(span, "messaging.operation.type").as_deref(), Some("send"));
        let count = attribute(span, "messaging.batch.message_count").expect("a count");
        if attribute(span, "error.type").is_none() {
            acknowledged += count.parse::<usize>().expect("a number");
        }
    }
    assert_eq!(acknowledged, 5, "{sent:#?}");
    assert!(sent.iter().any(|span| attribute(span, "error.type").is_some()), "the refused one: {sent:#?}");
}
