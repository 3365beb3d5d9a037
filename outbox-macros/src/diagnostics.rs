//! What the macros say, in one place: rule; reason or remedy.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Error;

pub(crate) const EMIT_OUTSIDE: &str = "`emit!` works only inside a `#[transactional_event]` handler: the event is stored by the handler's transaction; \
     beside `#[axum::debug_handler]`, put `#[transactional_event]` first";
pub(crate) const EMIT_EMPTY: &str = "`emit!` needs an event: `emit!(FundsWithdrawn { account, amount })`";
pub(crate) const EMIT_MANY: &str = "`emit!` takes one event; write one `emit!` for each";
pub(crate) const EMIT_IN_CLOSURE: &str = "`emit!` waits for the database, which a closure that is not async cannot do; emit outside of it, or use `async || …`";
pub(crate) const EMIT_IN_SPAWN: &str = "a spawned task may outlive the handler's transaction; emit in the handler itself, or open a transaction in the task";
pub(crate) const NOT_A_FUNCTION: &str =
    "`#[transactional_event]` goes on an `async fn` with a body, not on other items";
pub(crate) const NOT_ASYNC: &str = "a `#[transactional_event]` handler is an `async fn`; write `async` before `fn`";
pub(crate) const CONST_FN: &str = "a `#[transactional_event]` handler cannot be `const`: it talks to a database";
pub(crate) const NO_RESULT: &str =
    "a `#[transactional_event]` handler returns a `Result`: `Ok` commits, `Err` rolls back";
pub(crate) const NO_TX: &str = "this handler has no transaction; open one with `#[transactional_event(tx = pool)]`, \
     or take the caller's as a parameter `tx: &mut sqlx::Transaction<'_, DB>`";
pub(crate) const TWO_TX: &str =
    "this handler takes two transactions, and events go to one: rename the parameter that takes them to `tx`";
pub(crate) const POOL_AS_TX: &str =
    "a pool is no transaction: each statement on it commits alone; open one with `#[transactional_event(tx = pool)]`";
pub(crate) const CONNECTION_AS_TX: &str = "a connection may have no transaction open; take `tx: &mut sqlx::Transaction<'_, DB>`, \
     or open one with `#[transactional_event(tx = pool)]`";
pub(crate) const TX_NOT_MUT: &str = "an owned transaction has to be `mut` for `emit!`; write `mut` before it";
pub(crate) const TX_TWICE: &str = "this handler opens `tx` and has a parameter `tx` too; rename the parameter";
pub(crate) const ONE_DEREF: &str = "`tx` is an `outbox::Tx` here, which is an executor itself; write `&mut *tx`";
pub(crate) const TWO_DEREFS: &str =
    "`tx` is a reference to an `sqlx::Transaction` here; its connection is the executor: write `&mut **tx`";
pub(crate) const OPENS_LOWERED: &str = "`tx = …` cannot open a transaction in an `#[async_trait]` method; \
     take `tx: &mut Transaction<'_, DB>` as a parameter, or call a free handler from it";
pub(crate) const UNKNOWN_OPTION: &str = "unknown option; `#[transactional_event]` takes `tx = EXPR`";
pub(crate) const DUPLICATE_OPTION: &str = "this option is given twice";

pub(crate) const EVENT_NOT_STRUCT: &str = "`#[derive(Event)]` goes on a struct: one struct for each event";
pub(crate) const EVENT_UNKNOWN: &str = "unknown option; an event has `name`, `version`, `topic` and `key`";
pub(crate) const EVENT_TOPIC: &str =
    "a Kafka topic is 1 to 249 characters of a–z, A–Z, 0–9, `.`, `_`, `-`, and not `.` or `..`";
pub(crate) const EVENT_NAME: &str = "an event's name must not be empty; for example `bank.funds-withdrawn`";
pub(crate) const EVENT_VERSION: &str = "an event's version is a number from 1 to 4294967295";

/// Collects errors, so that all mistakes are told in one run.
#[derive(Default)]
pub(crate) struct Sink(Option<Error>);

impl Sink {
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: &str) {
        self.push(Error::new_spanned(tokens, message));
    }

    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// All errors, if there were any.
    pub(crate) fn into_error(self) -> Option<Error> {
        self.0
    }
}

pub(crate) fn compile_error(error: &Error) -> TokenStream {
    error.to_compile_error()
}
