//! About handlers and the arguments of `#[transactional_event]`.

pub(crate) const NOT_A_FUNCTION: &str =
    "`#[transactional_event]` goes on an `async fn` with a body, not on other items [OBX-001]";
pub(crate) const NOT_ASYNC: &str =
    "a `#[transactional_event]` handler is an `async fn`; write `async` before `fn` [OBX-002]";
pub(crate) const CONST_FN: &str =
    "a `#[transactional_event]` handler cannot be `const`: it talks to a database [OBX-002]";
pub(crate) const NO_RESULT: &str =
    "a `#[transactional_event]` handler returns a `Result`: `Ok` commits, `Err` rolls back [OBX-003]";
pub(crate) const NO_TX: &str = "this handler has no transaction; open one with `#[transactional_event(tx = pool)]`, \
     or take the caller's as a parameter `tx: &mut sqlx::Transaction<'_, DB>` [OBX-004]";
pub(crate) const TWO_TX: &str =
    "this handler takes two transactions, and events go to one: rename the parameter that takes them to `tx` [OBX-005]";
pub(crate) const POOL_AS_TX: &str = "a pool is no transaction: each statement on it commits alone; open one with `#[transactional_event(tx = pool)]` [OBX-006]";
pub(crate) const EXECUTOR_AS_TX: &str = "an executor may be a pool, or a connection without a transaction; take `tx: &mut sqlx::Transaction<'_, DB>`, \
     or open one with `#[transactional_event(tx = pool)]` [OBX-007]";
pub(crate) const CONNECTION_AS_TX: &str = "a connection may have no transaction open; take `tx: &mut sqlx::Transaction<'_, DB>`, \
     or open one with `#[transactional_event(tx = pool)]` [OBX-007]";
pub(crate) const TX_NOT_MUT: &str = "an owned transaction has to be `mut` for `emit!`; write `mut` before it [OBX-009]";
pub(crate) const TX_SHARED: &str = "a transaction behind `&` can run nothing; take it by `&mut` [OBX-009]";
pub(crate) const TX_TWICE: &str =
    "this handler opens `tx` and has a parameter `tx` too; rename the parameter [OBX-010]";
pub(crate) const ONE_DEREF: &str =
    "`tx` is an `outbox::Tx` here, which is an executor itself; write `&mut *tx` [OBX-011]";
pub(crate) const TWO_DEREFS: &str =
    "`tx` is a reference to an `sqlx::Transaction` here; its connection is the executor: write `&mut **tx` [OBX-011]";
pub(crate) const RETRY_SELF: &str = "`retry` runs the body again, and the first attempt may use `self` up; \
     take `&self`, or call a handler without `retry` [OBX-012]";
pub(crate) const OPENS_LOWERED: &str = "`tx = …` cannot open a transaction in an `#[async_trait]` method; \
     take `tx: &mut Transaction<'_, DB>` as a parameter, or call a free handler from it [OBX-015]";
pub(crate) const UNKNOWN_OPTION: &str = "unknown option; `#[transactional_event]` takes `tx = EXPR`, `isolation`, `retry`, `independent`, `savepoint`, `allow` and `crate` [OBX-016]";
pub(crate) const HANDLER_TWICE: &str =
    "`#[transactional_event]` stands here twice; put all options into the first [OBX-016]";
pub(crate) const DUPLICATE_OPTION: &str = "this option is given twice [OBX-016]";
pub(crate) const OPTION_WITHOUT_VALUE: &str = "this option needs a value: `tx = pool`, `isolation = serializable`, `retry = 3`, `crate = path::to::outbox` [OBX-016]";
pub(crate) const OPTION_MORE: &str = "nothing more belongs to this option; a comma comes before the next one [OBX-016]";
pub(crate) const CRATE_PATH: &str =
    "`crate` takes the path under which this crate is found, without quotes: `crate = my_facade::outbox` [OBX-016]";
pub(crate) const RETRY_NUMBER: &str =
    "`retry` takes how many times the body may run again: a number from 1, or a constant of type `u32` [OBX-016]";
pub(crate) const RETRY_JOINS: &str = "`retry` needs a transaction of the handler's own, and this one joins the caller's, \
     which cannot begin again; put `retry` where `tx = …` opens it [OBX-017]";
pub(crate) const ISOLATION_JOINS: &str = "`isolation` is chosen when a transaction begins, and this handler joins the caller's; \
     put `isolation` where `tx = …` opens it [OBX-017]";
pub(crate) const INDEPENDENT_JOINS: &str = "`independent` lets a handler commit on its own, and this one joins the caller's transaction; \
     open one with `tx = …`, or remove `independent` [OBX-017]";
pub(crate) const SAVEPOINT_OPENS: &str = "`savepoint` is for handlers that join; this one opens a transaction, \
     which is all or nothing already: remove `savepoint` [OBX-017]";
pub(crate) const SAVEPOINT_OWNED: &str = "`savepoint` keeps the caller's transaction alive when the handler fails, and this handler owns it; \
     take `tx: &mut Transaction<'_, DB>`, or remove `savepoint` [OBX-017]";
pub(crate) const ISOLATION_UNKNOWN: &str =
    "`isolation` is `serializable`, `repeatable_read` or `read_committed` [OBX-018]";

/// A macro of ours panicked.
pub(crate) fn panicked(name: &str) -> String {
    format!(
        "`{name}` panicked, which is a bug of outbox {}: please report it, with the code that it stands at [OBX-000]",
        env!("CARGO_PKG_VERSION"),
    )
}
