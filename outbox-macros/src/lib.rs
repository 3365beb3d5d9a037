//! Procedural macros of the [`outbox`](https://docs.rs/outbox) crate; use them through it.
//!
//! The macros are thin shells over functions on `proc_macro2` types, in phases: arguments → model with its checks →
//! rewrite of the body → expansion.

mod args;
mod deny;
mod derefs;
mod derive;
mod diagnostics;
mod emit;
mod expand;
mod externs;
mod guard;
mod macros;
mod model;
mod names;
mod rewrite;
mod root;
mod runs;
mod shell;
#[cfg(test)]
mod snapshots;

use proc_macro::TokenStream;

/// Makes an `async fn` a handler: its state change and its events are stored together, or neither is.
///
/// The signature in the source is the signature: parameters and return type stay as written. Functions, methods with any
/// receiver, generic functions, methods of traits and their implementations, axum handlers and functions made by
/// `macro_rules!` can be handlers. The return type is a `Result`, also behind an alias; its error type needs
/// `From<sqlx::Error>`, and where it has `From<outbox::Error>`, errors of ours go through that. `outbox::Error::find`
/// gets them back out of any error.
///
/// # Opens: `#[transactional_event(tx = EXPR)]`
///
/// `EXPR` is a pool (`pool`, `self.pool`, `state.db`, behind `&`, `Arc`, `Box`, `LazyLock`) or a type of your own that is
/// `outbox::Begin`. It is evaluated before the body, once for each attempt. The body sees `tx: &mut outbox::Tx<'_, DB>`,
/// an sqlx executor (`&mut *tx`). It becomes: begin a transaction; run the body, whose `?` and `return` stop there; then
/// COMMIT if it said `Ok`, or else ROLLBACK, and only then return. Arguments live until then.
///
/// * `Ok` ⇔ everything is committed. `Err`, a panic or a dropped future ⇒ nothing is.
/// * A future that is dropped *during* COMMIT, and `Error::CommitUnknown`, may mean either; never one without the other.
/// * `Ok` after an error that was swallowed, and that the database has given the transaction up for, is `Error::Aborted`; a
///   raw COMMIT, ROLLBACK or BEGIN is `Error::TransactionControl`.
///
/// | option | what it does | default |
/// |---|---|---|
/// | `isolation = serializable` | or `repeatable_read`, `read_committed`: begins with it, in the same round trip. SQLite is always serializable. | the session's |
/// | `retry = N` | begins and runs again, up to `N` more times, see below. `N` is a number from 1 or a constant of type `u32`. | once |
/// | `independent` | may be called in another opens-handler's body, and commits on its own there. | `Error::NestedTransaction` |
///
/// **`retry`** is for transactions that lost against another one: serialization failures and deadlocks (SQLSTATE 40001 and
/// 40P01, MySQL 1213 and 1205, SQLite's BUSY 5 and 517), from begin, body or COMMIT, found through the error's source
/// chain; never after `CommitUnknown`. An error type that is no `std::error::Error` and does not deref to one, like
/// `anyhow::Error`, implements `outbox::Retryable`; an implementation of that is asked first. Between two attempts it
/// waits a random time of up to 10 ms, then 20, 40 … 1,000 ms, without a connection. Each attempt has clones of the
/// arguments that the body mentions; `&mut` ones are lent to each attempt, with what earlier ones did to them. `self` by
/// value is refused. What an attempt does outside the database it does again.
///
/// # Joins: `#[transactional_event]`
///
/// A parameter `tx: &mut Transaction<'_, DB>` (`&mut **tx` is the executor), `tx: &mut outbox::Tx<'_, DB>` (`&mut *tx`),
/// or an owned `mut tx: Transaction<'_, DB>`, of any name if it is the only one; with more than one, events go to the one
/// named `tx`. The body stays as it is; begin and commit are the caller's. Each event is a row of that transaction, or the
/// handler has returned `Err`. Methods of `#[async_trait]` can join, and cannot open.
///
/// | option | what it does | default |
/// |---|---|---|
/// | `savepoint` | all or nothing inside the caller's transaction: on `Err`, a panic or a dropped future what the handler did is rolled back, and the transaction goes on. Costs four round trips. Not for an owned transaction. | what was done stays until the caller decides |
///
/// # Both forms
///
/// | option | what it does | default |
/// |---|---|---|
/// | `crate = path` | the path of this crate in generated code, for re-exports. | the name it is linked under, renames included |
/// | `allow(raw_kafka, reason = "…")` | lets raw sends through. | they do not compile |
/// | `allow(outside_tx, reason = "…")` | lets statements beside the transaction through. | they do not compile |
///
/// In the body `emit!(event)` is an insert into `tx`, with the `?` implied. `#[instrument]` stands above or below;
/// `#[axum::debug_handler]` below.
///
/// # What does not compile in a handler
///
/// * A raw send: through a producer of any Kafka client that the crate depends on (rdkafka, rskafka, kafka, krafka,
///   samsa and others, under whatever name), or through what [`deny_raw!`](macro@deny_raw) names. Also a parameter of
///   such a type, and handing one to a helper. `allow(raw_kafka, reason = "…")` lets it through.
/// * A statement beside the transaction: `.execute(pool)`, `.fetch_one(&self.pool)`, `pool.begin()`, `pool.acquire()`,
///   where the pool or connection comes from a parameter, from `self`, or is the `tx =` expression.
///   `allow(outside_tx, reason = "…")` lets it through.
/// * A commit of one's own: `tx.commit()`, `tx.rollback()`, literal SQL such as `COMMIT`. (An owned transaction
///   may be committed by its handler.)
///
/// # What it cannot see
///
/// * The checks decide by type, and look at the handler's own body only: not at a send or a statement inside a function that
///   the handler calls, behind a trait that was not denied, on a local `&Producer` inside a macro that it does not know, on
///   an executor whose type is generic, or on a pool that comes from a static.
/// * What a joining handler's caller does afterwards: a plain `sqlx::Transaction` says `Ok` to a COMMIT that PostgreSQL
///   answered with a rollback. `outbox::Tx` does not.
/// * An opens-handler called in the body of another one on a *different* task or thread: it counts as independent.
/// * A savepoint of the body's own on a plain `Transaction`, whose `begin()` is dropped half way: sqlx then rolls back one
///   level too many. The handler notices, and returns `Error::Aborted`.
#[proc_macro_attribute]
pub fn transactional_event(args: TokenStream, item: TokenStream) -> TokenStream {
    let item = proc_macro2::TokenStream::from(item);
    let unharmed = item.clone();
    shell::run("transactional_event", unharmed, || expand::transactional_event(args.into(), item)).into()
}

/// Stores events in a transaction: in the handler's, inside `#[transactional_event]`, or in one that it names.
#[proc_macro]
pub fn emit(input: TokenStream) -> TokenStream {
    shell::run("emit", Default::default(), || emit::expand(input.into())).into()
}

/// Implements `outbox::Event` for a struct, or for an enum of events.
///
/// ```ignore
/// #[derive(serde::Serialize, outbox::Event)]
/// #[event(name = "bank.funds-withdrawn", version = 1, topic = "bank.accounts", key = account)]
/// struct FundsWithdrawn { account: i64, amount: i64 }
/// ```
///
/// # Options
/// `name`, `version` and `topic` are needed, the others may be left out. They may be spread over several `#[event(…)]`.
///
/// | Option | Default | |
/// |---|---|---|
/// | `name = "bank.opened"` | | What consumers know the event by, in the header `ce_type`: a text without spaces. |
/// | `version = 1` | | Version of its schema, from 1, in the header `ce_dataschema`. |
/// | `topic = "bank.accounts"` | | Kafka topic. A text is checked when it is compiled: 1 to 249 of `a–z A–Z 0–9 . _ -`, not `.` or `..`. Any other value is checked when it is emitted (`Error::InvalidTopic`). |
/// | `key = account` | no key | The message's key: events of one topic with equal keys keep their order. Text, integers, UUIDs, bytes, or an `Option` of these; any `outbox::EventKey`. |
/// | `headers(tenant = tenant, "x-region" = "eu")` | none | Headers of the message, beside those that outbox writes. Text, numbers, UUIDs, bytes, or an `Option` (`None` is a header whose value is null); any `outbox::event::HeaderValue`. Reserved: `id`, `content-type`, `tracestate`, and what starts with `ce_`, `traceparent`, `__connect.`, `kafka_` or `outbox-`. |
/// | `tombstone` | off | The payload is null: on a compacted topic this removes the key's records. Needs a key, and no `Serialize`. A key that is `None` at run time is an error of `emit!`. |
/// | `content_type = "…"` | `application/json`; with `encode_with` `application/octet-stream` | MIME type of the payload, in the header `content-type`. |
/// | `encode_with = path` | JSON by `serde::Serialize` | A function from `&Self` to `Vec<u8>`, `String`, an `Option` of these (`None` is a tombstone), or a `Result` of one of these with any error: `encode_with = prost::Message::encode_to_vec`. `Serialize` is not needed then. |
/// | `transparent` | off | The event is its only field, which is an event itself. |
/// | `schema_lock` | off | A test in your crate that fails when old consumers could not read a change: see below. |
/// | `crate = path` | `::outbox` | Where the crate is, when it is re-exported. |
///
/// # Values
/// In `topic`, `key` and `headers`:
/// * one word is a **field**, `key = account`; a number is a field of a tuple, `key = 0`; that it exists is checked. A word in
///   capitals is a constant, `topic = TOPIC`.
/// * anything else is an **expression**, which may use `self`, and the fields by their names (those of a tuple as
///   `_0`, `_1`), as references: `key = self.owner.id`, `key = owner.id`, `topic = topic_of(self)`.
/// * several fields are no key by themselves, because nothing says how they are joined:
///   `key = format!("{tenant}/{account}")`.
///
/// # Enums
/// Each variant is an event. What a variant does not say, the enum says; headers of both are put together, the
/// variant's win. A field that the enum names must be in each variant that does not say otherwise.
///
/// ```ignore
/// #[derive(serde::Serialize, outbox::Event)]
/// #[event(topic = "bank.accounts", key = account)]
/// #[serde(untagged)]
/// enum Account {
///     #[event(name = "bank.opened", version = 2, headers(owner = owner))]
///     Opened { account: i64, owner: String },
///     #[event(name = "bank.closed", version = 1, tombstone)]
///     Closed { account: i64 },
///     #[event(name = "bank.audited", version = 1, key = "all")]
///     Audited,
///     #[event(transparent)]
///     Frozen(AccountFrozen),
/// }
/// ```
///
/// * The payload is what the enum's `Serialize` writes: `{"Opened": {…}}` as it stands. `#[serde(untagged)]` writes the
///   variant's fields alone, and consumers tell events apart by the header `ce_type`, as they do for structs.
/// * `#[event(transparent)]` above the enum is for enums of events that exist: `enum Bank { Opened(Opened), Closed(Closed) }`
///   needs nothing else, not even `Serialize`.
/// * With `name` and `version` above the enum all variants are one event.
/// * A variant without a key, where the enum has one: `key = None::<i64>`.
///
/// # Generics
/// Types, lifetimes, constants and `where` clauses are kept. A generic event is an event for those types for which
/// it is `Serialize` and its key and headers are what they have to be; so of a type that is never `Serialize` the
/// error is at `emit!`.
///
/// # `schema_lock`
/// Writes a test `schema_lock_…` beside the event, which compares the JSON schema of what serde writes with the file
/// `events.lock` beside your `Cargo.toml`. A change that consumers of the old schema cannot read (a field removed or renamed,
/// another type, a field that may be missing now, a new variant inside of the payload) fails `cargo test` with
/// a diff, unless `version` is raised. What passes is written to the file, except with the environment variable `CI`, where
/// a file that is not up to date fails. Rules, reasons and remedies: the module `outbox::schema_lock`.
///
/// ```toml
/// [dev-dependencies]
/// outbox = { version = "0.1", features = ["schema"] }
/// schemars = "1"
/// ```
/// ```ignore
/// #[derive(serde::Serialize, outbox::Event)]
/// #[cfg_attr(test, derive(schemars::JsonSchema))]
/// #[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account, schema_lock)]
/// struct Opened { account: i64 }
/// ```
///
/// The event must be `schemars::JsonSchema` (of an enum: the types in its fields), not generic, without `encode_with`,
/// and stand in a module: a test inside of a function is not run by Rust.
#[proc_macro_derive(Event, attributes(event))]
pub fn derive_event(input: TokenStream) -> TokenStream {
    shell::run("derive(Event)", Default::default(), || derive::expand(input.into())).into()
}

/// Says what else sends to a broker, so that no handler uses it: most services send through a publisher of their own.
///
/// At module level: `outbox::deny_raw!(KafkaPublisher, dyn Publish, trait Publish);`
/// * `Type`, with its generics in front if it has any: `<T: Serialize> Topic<T>`;
/// * `dyn Trait`: behind any pointer, with and without `Send` and `Sync`;
/// * `trait Trait`: everything that implements it, `dyn Trait` and generic parameters bounded by it included.
///
/// Handlers of this crate, and of crates that depend on it, then cannot take one, or use one that they reach through a
/// parameter or `self`, whatever method they call. A handler that has to says `allow(raw_kafka, reason = "…")`.
#[proc_macro]
pub fn deny_raw(input: TokenStream) -> TokenStream {
    shell::run("deny_raw", Default::default(), || deny::expand(input.into())).into()
}
