//! About raw sends and statements beside the transaction.

pub(crate) const ALLOW_UNKNOWN: &str = "`allow` takes `raw_kafka` or `outside_tx`, and a `reason = \"…\"` [OBX-065]";
pub(crate) const ALLOW_WITHOUT_REASON: &str =
    "this needs its reason: `allow(…, reason = \"why the event may be lost or invented here\")` [OBX-066]";
pub(crate) const COMMIT_OPENED: &str = "the transaction is the handler's: `Ok` commits it and `Err` rolls it back; return one of them, \
     and use `tx.begin()` for a part that may fail [OBX-063]";
pub(crate) const COMMIT_JOINED: &str = "the transaction is the caller's, who commits it or rolls it back; return `Ok` or `Err`, \
     and use `tx.begin()` for a part that may fail [OBX-063]";
pub(crate) const RAW_CONTROL: &str = "this would begin or end a transaction behind the handler's back; return `Ok` to commit and `Err` to roll back, \
     and use `tx.begin()` for a part that may fail [OBX-064]";
pub(crate) const DENY_EMPTY: &str = "`deny_raw!` needs a type: `deny_raw!(Publisher)`, `deny_raw!(dyn Publish)` or `deny_raw!(trait Publish)` [OBX-067]";
pub(crate) const DENY_WHAT: &str = "`deny_raw!` takes types, `dyn Trait` and `trait Trait`, with generics in front: `deny_raw!(<T> Publisher<T>)` [OBX-068]";
pub(crate) const OWNED_DEREF: &str =
    "`tx` is an `sqlx::Transaction` here; its connection is the executor: write `&mut *tx` [OBX-069]";
