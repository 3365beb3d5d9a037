//! About raw sends and statements beside the transaction.

pub(crate) const ALLOW_UNKNOWN: &str = "`allow` takes `raw_kafka` or `outside_tx`, and a `reason = \"…\"`";
pub(crate) const ALLOW_WITHOUT_REASON: &str =
    "this needs its reason: `allow(…, reason = \"why the event may be lost or invented here\")`";
