//! Procedural macros of the [`outbox`](https://docs.rs/outbox) crate; use them through it.
//!
//! The macros are thin shells over functions on `proc_macro2` types, in phases: arguments → model with its checks →
//! rewrite of the body → expansion.

mod args;
mod derefs;
mod derive;
mod diagnostics;
mod emit;
mod expand;
mod guard;
mod model;
mod rewrite;

use proc_macro::TokenStream;

/// Makes an `async fn` a handler whose state change and events commit together.
///
/// * `#[transactional_event(tx = EXPR)]` *opens*: `EXPR` is a pool (`pool`, `self.pool`, `state.db`). The body sees
///   `tx: &mut outbox::Tx<'_, DB>`, an sqlx executor (`&mut *tx`). `Ok` commits, `Err`, a panic or a dropped future
///   rolls back.
/// * `#[transactional_event]` *joins* the caller's transaction: a parameter `tx: &mut Transaction<'_, DB>` (or
///   `&mut outbox::Tx<'_, DB>`, or an owned `mut tx: Transaction`). Begin and commit are the caller's. Methods of `#[async_trait]` can join.
///
/// In the body `emit!(event)` is an insert into that transaction, with the `?` implied, and sending through an rdkafka
/// producer does not compile. The error type needs `From<sqlx::Error>`; `outbox::Error::find` gets our errors back.
///
/// With more than one transaction among the parameters, events go to the one named `tx`.
///
/// It cannot see a send behind a trait, inside a function that the handler calls, or on a local `&Producer` inside a
/// macro that it does not know.
#[proc_macro_attribute]
pub fn transactional_event(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::transactional_event(args.into(), item.into()).into()
}

/// Stores an event in the handler's transaction; only inside `#[transactional_event]`.
///
/// `emit!(event)` inserts at this place of the program; an error leaves the handler as with `?`. Emit after the
/// statement that serialises the event's key (the UPDATE, the INSERT): then per-key order is commit order.
#[proc_macro]
pub fn emit(input: TokenStream) -> TokenStream {
    emit::expand(input.into()).into()
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
    derive::expand(input.into()).into()
}
