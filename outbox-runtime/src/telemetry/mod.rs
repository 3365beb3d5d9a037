//! What is told about events on their way: metrics through the `metrics` facade, spans through `tracing`.
//!
//! Beside the flow: writing calls `trace` where an event is emitted, the relay has a `Meter` and the spans of its
//! batches. Both facades do nothing until the program installs a recorder or a subscriber.
//!
//! # Metrics (feature `metrics`)
//! Base units; no label holds a key. `log` is there where the relay has a
//! [name](crate::relay::RelayBuilder::name).
//!
//! | name | kind | what |
//! |---|---|---|
//! | `outbox_backlog_records` | gauge | at most so many records wait to be published |
//! | `outbox_oldest_pending_seconds` | gauge | age of the first record that waits, 0 when none does: alert on this one |
//! | `outbox_published_total{topic}` | counter | records acknowledged by the broker |
//! | `outbox_publish_errors_total{class}` | counter | answers that were none, by what is done about them: `retry`, `park`, `outage`, `topic`, `fatal` |
//! | `outbox_parked_records` | gauge | records in the parked table, as their relay knows it |
//! | `outbox_publish_latency_seconds` | histogram | from `emit!` to the broker's acknowledgement; of a large batch of answers a sample |
//! | `outbox_read_duration_seconds` | histogram | one read of the log |
//! | `outbox_lease_lost_total` | counter | times that the log was lost to another relay, or the database's memory with it |
//! | `outbox_producer_restarts_total` | counter | producers made anew |
//! | `outbox_build_info{version}` | gauge | 1 |

#[cfg(feature = "metrics")]
mod meter;
#[cfg(not(feature = "metrics"))]
mod silent;
mod spans;
pub(crate) mod trace;

#[cfg(feature = "metrics")]
pub(crate) use meter::{LagMeter, Meter};
#[cfg(not(feature = "metrics"))]
pub(crate) use silent::{LagMeter, Meter};
pub(crate) use spans::Sending;
pub use trace::set_trace_context;

/// Most latencies noted of one batch of answers: an exporter may keep each until it is asked.
#[cfg(feature = "metrics")]
const LATENCIES_PER_BATCH: usize = 16;
