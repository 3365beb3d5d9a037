#![cfg_attr(all(feature = "postgres", feature = "kafka"), doc = include_str!("../README.md"))]
#![cfg_attr(not(all(feature = "postgres", feature = "kafka")), doc = "Transactional outbox for sqlx and Kafka.")]

pub use outbox_macros::{Event, emit, transactional_event};
pub use outbox_runtime::migrate::{self, MigrateError, migrate};
#[doc(hidden)]
pub use outbox_runtime::private as __private;
#[cfg(feature = "schema")]
pub use outbox_runtime::schema_lock;
pub use outbox_runtime::transaction::{Begin, Database, Tx};
#[doc(inline)]
pub use outbox_runtime::{Error, Event, EventKey, Record, event, record, relay, sink, store};
