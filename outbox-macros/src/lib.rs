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
/// In the body `emit!(event)` is an insert into that transaction, with the `?` implied. The error type needs
/// `From<sqlx::Error>`; `outbox::Error::find` gets our errors back.
///
/// # What does not compile in a handler
/// * A raw send: through a producer of any Kafka client that the crate depends on (rdkafka, rskafka, kafka, krafka,
///   samsa and others, under whatever name), or through what [`deny_raw!`](macro@deny_raw) names. Also a parameter of
///   such a type, and handing one to a helper. `allow(raw_kafka, reason = "…")` lets it through.
/// * A statement beside the transaction: `.execute(pool)`, `.fetch_one(&self.pool)`, `pool.begin()`, `pool.acquire()`,
///   where the pool or connection comes from a parameter, from `self`, or is the `tx =` expression.
///   `allow(outside_tx, reason = "…")` lets it through.
/// * A commit of one's own: `tx.commit()`, `tx.rollback()`, literal SQL such as `COMMIT`. (An owned transaction
///   may be committed by its handler.)
///
/// With more than one transaction among the parameters, events go to the one named `tx`.
///
/// It decides by type, and looks at the handler's own body only. It cannot see a send or a statement inside a function
/// that the handler calls, behind a trait that was not denied, on a local `&Producer` inside a macro that it does not
/// know, on an executor whose type is generic, or on a pool that comes from a static.
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

/// Implements `outbox::Event` for a struct that is `serde::Serialize`; the payload is its JSON.
///
/// `#[event(name = "bank.funds-withdrawn", version = 1, topic = "bank.accounts", key = account)]`: `name`, `version`
/// (from 1) and `topic` are needed; `key` is a field, or an expression of `self`, and may be left out.
#[proc_macro_derive(Event, attributes(event))]
pub fn derive_event(input: TokenStream) -> TokenStream {
    derive::expand(input.into()).into()
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
    deny::expand(input.into()).into()
}
