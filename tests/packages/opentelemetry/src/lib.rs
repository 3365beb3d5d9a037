//! What a service writes so that the traces of its handlers go on in its consumers.

use std::collections::HashMap;

use opentelemetry::global::get_text_map_propagator;
use outbox::{Event, emit, transactional_event};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Once, where the service installs its subscriber.
pub fn trace_events() {
    outbox::telemetry::set_trace_context(|span| {
        let mut fields = HashMap::new();
        get_text_map_propagator(|propagator| propagator.inject_context(&span.context(), &mut fields));
        fields
    });
}

/// An event.
#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
pub struct Opened {
    /// Key of the record.
    pub account: i64,
}

/// A handler with a span of its own.
///
/// # Errors
/// The database's.
#[tracing::instrument(skip(pool))]
#[transactional_event(tx = pool)]
pub async fn open(pool: &sqlx::SqlitePool, account: i64) -> Result<(), sqlx::Error> {
    emit!(Opened { account });
    emit!(Opened { account }, topic = "bank.audit");
    emit!([Opened { account }, Opened { account }], headers = { "tenant" => "t" });
    emit!(topic = "bank.raw", type = "bank.opened", payload = "1");
    Ok(())
}
