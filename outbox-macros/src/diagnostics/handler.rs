//! About handlers and the arguments of `#[transactional_event]`.

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
pub(crate) const UNKNOWN_OPTION: &str = "unknown option; `#[transactional_event]` takes `tx = EXPR`, `isolation`, `retry`, `independent`, `savepoint`, `allow` and `crate`";
pub(crate) const DUPLICATE_OPTION: &str = "this option is given twice";
