//! About `emit!`.

pub(crate) const EMIT_OUTSIDE: &str = "`emit!` works only inside a `#[transactional_event]` handler: the event is stored by the handler's transaction; \
     in other async functions name it, `emit!(tx => event)`; beside `#[axum::debug_handler]`, put `#[transactional_event]` first [OBX-020]";
pub(crate) const EMIT_EMPTY: &str = "`emit!` needs an event: `emit!(FundsWithdrawn { account, amount })` [OBX-021]";
pub(crate) const EMIT_DOTS: &str = "an iterator of events is written with two dots: `emit!(..events)` [OBX-021]";
pub(crate) const EMIT_MANY: &str = "`emit!` takes one event, and then options such as `key = …`; \
     write one `emit!` for each event, or `emit!([a, b])` [OBX-022]";
pub(crate) const EMIT_IN_CLOSURE: &str = "`emit!` waits for the database, which a closure that is not async cannot do, unless its whole statement \
     has no `.await`, `?` or `return` outside of it, no unknown macro, no mention of the transaction, and does not keep the closure; \
     emit outside of the closure, or use `async || …` [OBX-023]";
pub(crate) const EMIT_IN_SPAWN: &str = "a spawned task may outlive the handler's transaction; emit in the handler itself, \
     or open a transaction in the task and name it: `emit!(tx => event)` [OBX-024]";
pub(crate) const EMIT_UNKNOWN: &str = "unknown option; after its event `emit!` takes `key`, `topic`, `headers` and `delay`, each with ` = …`; \
     without an event it takes `type`, `version`, `content_type` and `payload` or `json` too [OBX-025]";
pub(crate) const EMIT_DUPLICATE: &str =
    "this is given twice, and only one of them could count; leave one out (`json` is a `payload` too) [OBX-026]";
pub(crate) const EMIT_HEADER_RESERVED: &str = "this header is written by outbox itself or by Kafka's tools; choose another name (reserved: `id`, `content-type`, `tracestate`, and what \
     starts with `ce_`, `traceparent`, `__connect.`, `kafka_`, `outbox-`) [OBX-027]";
pub(crate) const EMIT_HEADER_CONTENT_TYPE: &str = "outbox writes this header itself; say `content_type = \"…\"` in the event's `#[event(…)]`, or as an option where there is no event [OBX-027]";
pub(crate) const EMIT_HEADER_NAME: &str =
    "a header's name is 1 to 255 bytes without control characters; choose another name [OBX-027]";
pub(crate) const EMIT_HEADERS: &str =
    "headers are written `headers = { \"name\" => value, ..pairs }`, with commas between them [OBX-028]";
pub(crate) const EMIT_INCOMPLETE: &str = "an event without a type needs `topic`, `type` and `payload` (or `json`): \
     `emit!(topic = \"bank.accounts\", type = \"bank.opened\", payload = bytes)`; one of them is missing [OBX-029]";
pub(crate) const EMIT_NO_PLACE: &str = "before `=>` stands the transaction, by its name or as a field: `emit!(tx => event)`; \
     bind it to a name first [OBX-030]";
pub(crate) const EMIT_TOPIC: &str = "a Kafka topic is 1 to 249 characters of a–z, A–Z, 0–9, `.`, `_`, `-`, and not `.` or `..`; correct this name [OBX-031]";
pub(crate) const EMIT_CLOSURE_ESCAPES: &str = "this closure emits, and is called after an `.await`, a way out, an unknown macro or a mention of the transaction: \
     events of a closure that is not async are stored before that; \
     make and call it between two awaits, or emit where it is called [OBX-039]";
pub(crate) const EMIT_NAME: &str =
    "an event's type must not be empty; give it a name such as `bank.funds-withdrawn` [OBX-031]";
pub(crate) const EMIT_VERSION: &str = "an event's version is a number from 1 to 4294967295; correct it [OBX-031]";
