//! Span "create {topic}" where an event is emitted, and its trace context as headers of the record.

use std::sync::OnceLock;

use tracing::field::Empty;
use tracing::{Span, info_span};

use crate::record::Record;
use crate::record::headers::{TRACEPARENT, TRACESTATE};

type Capture = dyn Fn(&Span) -> Vec<(String, String)> + Send + Sync;

static CAPTURE: OnceLock<Box<Capture>> = OnceLock::new();

/// Says how the trace context of a span is found, once for the whole program: each `emit!` calls it with its span
/// "create {topic}" and stores `traceparent` and `tracestate` as headers, which consumers get. Other fields are dropped.
/// Whether it was the first call; later ones change nothing.
///
/// Without it no context is stored. With tracing-opentelemetry, whatever its version:
///
/// ```ignore
/// use tracing_opentelemetry::OpenTelemetrySpanExt as _;
///
/// outbox::telemetry::set_trace_context(|span| {
///     let mut fields = std::collections::HashMap::new();
///     opentelemetry::global::get_text_map_propagator(|it| it.inject_context(&span.context(), &mut fields));
///     fields
/// });
/// ```
pub fn set_trace_context<F>(capture: impl Fn(&Span) -> F + Send + Sync + 'static) -> bool
where
    F: IntoIterator<Item = (String, String)>,
{
    CAPTURE.set(Box::new(move |span| capture(span).into_iter().collect())).is_ok()
}

/// `record` is about to be inserted.
pub(crate) fn created(record: &mut Record) {
    let topic = &*record.topic;
    let span = info_span!(
        target: "outbox::emit",
        "create",
        otel.name = format_args!("create {topic}"),
        otel.kind = "producer",
        messaging.system = "kafka",
        messaging.operation.name = "create",
        messaging.operation.r#type = "create",
        messaging.destination.name = topic,
        messaging.message.id = %record.id,
        messaging.kafka.message.key = Empty,
    );
    if !span.is_disabled()
        && let Some(key) = record.key.as_deref().and_then(|key| std::str::from_utf8(key).ok())
    {
        span.record("messaging.kafka.message.key", key);
    }
    let Some(capture) = CAPTURE.get() else { return };
    let fields = span.in_scope(|| capture(&span));
    for name in [TRACEPARENT, TRACESTATE] {
        let value = fields.iter().find(|(field, value)| field == name && !value.is_empty());
        if let Some((_, value)) = value {
            record.headers.push(name, Some(value.as_bytes()));
        }
    }
}
