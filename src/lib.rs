#![cfg_attr(all(feature = "postgres", feature = "kafka"), doc = include_str!("../README.md"))]
#![cfg_attr(not(all(feature = "postgres", feature = "kafka")), doc = "Transactional outbox for sqlx and Kafka.")]

/// An error leaves the handler as with `?`; so an event is in the transaction, or the handler has failed. Emit after the
/// statement that serialises the event's key (the UPDATE, the INSERT): then per-key order is commit order.
///
/// ```
/// # use outbox::{emit, transactional_event, AsTx, Event};
/// # use std::time::Duration;
/// # #[derive(serde::Serialize, Event)]
/// # #[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
/// # struct Opened { account: i64 }
/// # #[derive(serde::Serialize, Event)]
/// # #[event(name = "bank.closed", version = 1, topic = "bank.accounts", key = account)]
/// # struct Closed { account: i64 }
/// #[transactional_event(tx = pool)]
/// async fn open(pool: &sqlx::PgPool, tenant: &str, accounts: &[i64]) -> Result<(), sqlx::Error> {
///     // One event, and what is to be different from its type's own: each option may be there or not, in any order.
///     emit!(Opened { account: 1 });
///     emit!(
///         Opened { account: 2 },
///         key = "two",                                        // an `EventKey`, or `None`
///         topic = format!("bank.{tenant}"),
///         headers = { "tenant" => tenant, "empty" => None },  // text, bytes, numbers, or `None` for a null header
///         delay = Duration::from_secs(60),                    // not published before
///     );
///     // `..` takes an iterator of pairs; `headers = pairs` is short for `headers = { ..pairs }`.
///     emit!(Opened { account: 3 }, headers = { "tenant" => tenant, ..[("a", 1), ("b", 2)] });
///
///     // Several events in one INSERT; options are those of each.
///     emit!([Opened { account: 4 }, Closed { account: 4 }], key = 4);
///     emit!(..accounts.iter().map(|account| Opened { account: *account }));
///
///     // Without a type of its own. `payload` is bytes or text, or `None` for a tombstone; `json` is anything
///     // `Serialize`. `content_type` is `application/octet-stream` for a `payload` if it is not given, `version` is 1.
///     emit!(topic = "bank.raw", type = "bank.opened", payload = "5", content_type = "text/plain", version = 2);
///     emit!(topic = "bank.raw", type = "bank.opened", json = (5, "five"), key = 5);
///     Ok(())
/// }
///
/// // With the transaction's name it works in every async function that returns a `Result`, in all these forms.
/// async fn helper(tx: &mut impl AsTx) -> Result<(), sqlx::Error> {
///     emit!(tx => Opened { account: 6 });
///     emit!(tx => [Opened { account: 7 }, Closed { account: 7 }], topic = "bank.vip");
///     Ok(())
/// }
///
/// #[transactional_event(tx = pool)]
/// async fn through_savepoint(pool: &sqlx::PgPool) -> Result<(), sqlx::Error> {
///     let mut savepoint = tx.begin().await?;
///     emit!(savepoint => Opened { account: 8 });
///     helper(&mut savepoint).await?;
///     savepoint.commit().await
/// }
/// # fn main() {}
/// ```
///
/// # Names of headers
/// `id`, `content-type`, `tracestate`, `ce_…`, `traceparent…`, `__connect.…`, `kafka_…` and `outbox-…` are written by outbox
/// and other tools: as literals they do not compile, made at run time they are [`Error::InvalidHeader`].
///
/// # Between two awaits, one INSERT
/// In a handler, statements of one block that follow each other and contain no `.await`, no way out of them (`?`,
/// `return`, `break` or `continue` to the outside, a `loop` without an end), no mention of the transaction's name, no
/// `emit!(tx => …)`, and no macro but std's own, are a *run*: their events are encoded where they are emitted, collected,
/// and inserted by one statement behind the last `emit!`. Nothing can touch the transaction in between, so the rows and
/// their order are those of one INSERT for each. Inside a run, and only there, a closure that is not async may emit too:
///
/// ```
/// # use outbox::{emit, transactional_event, Event};
/// # #[derive(serde::Serialize, Event)]
/// # #[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
/// # struct Opened { account: i64 }
/// #[transactional_event(tx = pool)]
/// async fn open_all(pool: &sqlx::PgPool, accounts: &[i64]) -> Result<(), sqlx::Error> {
///     for account in accounts {
///         emit!(Opened { account: *account });
///     }
///     accounts.iter().for_each(|account| emit!(Opened { account: *account }));
///     Ok(()) // one INSERT in all
/// }
/// # fn main() {}
/// ```
///
/// An event that cannot be encoded stops the collecting; its error leaves where the run ends, after the events before it
/// were inserted, and what stands between has been executed. A panic inside of a run stores none of its events. A run with
/// one `emit!` that runs once is that INSERT. All records of a run are in memory until it ends: in a loop over very many,
/// an await (`tokio::task::yield_now().await` will do) makes each round a run of its own.
///
/// # Errors
/// They leave through `From<outbox::Error>` of the handler's error type where there is one, else through its
/// `From<sqlx::Error>`. In an inner `async` block or closure the second is used, unless the block ends in
/// `Ok::<_, E>(…)`, which names the type. A block whose `Result` the handler drops cannot lose an event: the commit then
/// fails with [`Error::EmitFailed`] in a handler that opens its transaction.
pub use outbox_macros::emit;
pub use outbox_macros::{Event, deny_raw, transactional_event};
pub use outbox_runtime::migrate::{self, MigrateError, migrate};
#[doc(hidden)]
pub use outbox_runtime::private as __private;
#[cfg(feature = "schema")]
pub use outbox_runtime::schema_lock;
pub use outbox_runtime::transaction::{AsTx, Begin, BeginOptions, Database, Isolation, Retryable, Tx, is_transient};
#[cfg(feature = "postgres")]
pub use outbox_runtime::transaction::{InSchema, PostgresTx, in_schema};
#[doc(inline)]
pub use outbox_runtime::{
    Error, Event, EventKey, Ident, InvalidIdent, Record, event, record, relay, sink, store, telemetry, wake,
};
