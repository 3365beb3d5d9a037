//! About `emit!`.

pub(crate) const EMIT_OUTSIDE: &str = "`emit!` works only inside a `#[transactional_event]` handler: the event is stored by the handler's transaction; \
     beside `#[axum::debug_handler]`, put `#[transactional_event]` first";
pub(crate) const EMIT_EMPTY: &str = "`emit!` needs an event: `emit!(FundsWithdrawn { account, amount })`";
pub(crate) const EMIT_MANY: &str = "`emit!` takes one event; write one `emit!` for each";
pub(crate) const EMIT_IN_CLOSURE: &str = "`emit!` waits for the database, which a closure that is not async cannot do; emit outside of it, or use `async || …`";
pub(crate) const EMIT_IN_SPAWN: &str = "a spawned task may outlive the handler's transaction; emit in the handler itself, or open a transaction in the task";
