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
#[cfg(test)]
mod snapshots;

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

/// Implements `outbox::Event` for a struct that is `serde::Serialize`; the payload is its JSON.
///
/// `#[event(name = "bank.funds-withdrawn", version = 1, topic = "bank.accounts", key = account)]`: `name`, `version`
/// (from 1) and `topic` are needed; `key` is a field, or an expression of `self`, and may be left out.
#[proc_macro_derive(Event, attributes(event))]
pub fn derive_event(input: TokenStream) -> TokenStream {
    derive::expand(input.into()).into()
}
