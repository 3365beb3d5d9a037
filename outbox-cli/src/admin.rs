//! The HTTP of `outbox relay --listen`: probes for what supervises it, metrics for Prometheus. It reads only.

use std::time::Duration;

use anyhow::{Context, Result};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use outbox_runtime::relay::{Health, RelayState};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Upper bounds in seconds: a read of a page at the lower end, an event that waited for a broker at the upper.
const BUCKETS_SECONDS: [f64; 16] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 300.0];
/// The recorder keeps samples until it sorts them in.
const UPKEEP: Duration = Duration::from_secs(5);

/// The place that is listened at, before the relays are there.
pub(crate) struct Admin {
    listener: TcpListener,
    metrics: PrometheusHandle,
}

impl Admin {
    /// Listens at `place`: `HOST:PORT`, or a port of 127.0.0.1. From here on metrics are recorded.
    pub(crate) async fn bind(place: &str) -> Result<Self> {
        let place = if place.contains(':') { place.to_owned() } else { format!("127.0.0.1:{place}") };
        let listener = TcpListener::bind(&place).await;
        let listener = listener.with_context(|| format!("nothing can listen at {place}: choose another `--listen`"))?;
        let buckets = Matcher::Suffix("_seconds".to_owned());
        let recorder = PrometheusBuilder::new().set_buckets_for_metric(buckets, &BUCKETS_SECONDS)?;
        let metrics = recorder.install_recorder().context("metrics cannot be recorded")?;
        if let Ok(address) = listener.local_addr() {
            tracing::info!(%address, "/livez, /readyz and /metrics are served");
        }
        Ok(Self { listener, metrics })
    }

    /// Serves until the program ends.
    pub(crate) fn serve(self, relays: Vec<Health>) {
        let metrics = self.metrics.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(UPKEEP).await;
                metrics.run_upkeep();
            }
        });
        let router = Router::new()
            .route("/livez", get(livez))
            .route("/readyz", get(readyz))
            .with_state(relays.into())
            .route("/metrics", get(expose).with_state(self.metrics));
        tokio::spawn(async move {
            if let Err(error) = axum::serve(self.listener, router).await {
                tracing::error!(%error, "probes and metrics are not served any more");
            }
        });
    }
}

type Relays = std::sync::Arc<[Health]>;

/// Whether no loop is stuck: a supervisor starts the program anew where one is. A relay that has ended needs a person, and the
/// others would be stopped for nothing.
async fn livez(State(relays): State<Relays>) -> Response {
    answer("live", relays.iter().all(|relay| relay.is_live() || relay.has_ended()), &relays)
}

/// Whether all publish or stand by.
async fn readyz(State(relays): State<Relays>) -> Response {
    answer("ready", relays.iter().all(|relay| relay.ready().is_ok()), &relays)
}

async fn expose(State(metrics): State<PrometheusHandle>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.render()).into_response()
}

fn answer(question: &str, yes: bool, relays: &[Health]) -> Response {
    let status = if yes { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let relays: Vec<_> = relays.iter().map(shown).collect();
    (status, Json(json!({ question: yes, "relays": relays }))).into_response()
}

fn shown(relay: &Health) -> Value {
    let status = relay.status();
    let state = match &status.state {
        RelayState::Standby => "standby",
        RelayState::Running => "running",
        RelayState::Outage { .. } => "outage",
        RelayState::Draining => "draining",
        _ => "unknown",
    };
    json!({
        "log": relay.log(),
        "state": state,
        "live": relay.is_live(),
        "why_not_ready": relay.ready().err(),
        "epoch": status.epoch,
        "published": status.published,
        "in_flight": status.in_flight,
        "parked": status.parked,
    })
}

#[cfg(test)]
mod tests {
    use axum::extract::State;
    use axum::http::StatusCode;
    use outbox_runtime::relay::Relay;
    use outbox_runtime::sink::MemorySink;
    use outbox_runtime::store::MemoryStore;

    use super::{livez, readyz};

    /// A relay that needs a person is no reason to start the others anew.
    #[tokio::test]
    async fn one_relay_that_has_ended_leaves_the_program_live() {
        let (ended, runs) = (relay(), relay());
        let healths = vec![ended.health(), runs.health()];
        let mut status = runs.status();
        ended.run(async {}).await.expect("it stops");
        let task = tokio::spawn(runs.run(std::future::pending()));
        drop(status.wait_for(|status| status.epoch > 0).await.expect("it runs"));
        let relays: super::Relays = healths.into();
        assert_eq!(livez(State(relays.clone())).await.status(), StatusCode::OK);
        assert_eq!(readyz(State(relays)).await.status(), StatusCode::SERVICE_UNAVAILABLE, "a person is told");
        task.abort();
    }

    fn relay() -> Relay<MemoryStore, MemorySink> {
        Relay::builder(MemoryStore::new(), MemorySink::new()).build()
    }
}
