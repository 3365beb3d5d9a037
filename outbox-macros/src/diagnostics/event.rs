//! About `#[derive(Event)]`.

pub(crate) const EVENT_NEEDS: &str = "an event says what it is and where it goes; add";
pub(crate) const EVENT_NEEDS_CODE: &str = "[OBX-040]";
pub(crate) const EVENT_VARIANTS_NEED: &str = "each variant of an enum is an event of its own, and none says";
pub(crate) const EVENT_VARIANTS_REMEDY: &str =
    "write `#[event(name = \"…\", version = 1)]` on each variant, and on the enum what they share";
pub(crate) const EVENT_UNKNOWN: &str = "unknown option; an event has `name`, `version`, `topic`, `key`, `headers(…)`, `tombstone`, `content_type`, \
     `encode_with`, `transparent`, `schema_lock` and `crate` [OBX-041]";
pub(crate) const EVENT_FORM: &str =
    "an event's options are written `#[event(name = \"…\", version = 1, topic = \"…\")]` [OBX-041]";
pub(crate) const EVENT_VALUE: &str = "this option takes a value; write `option = value` [OBX-041]";
pub(crate) const EVENT_NO_VALUE: &str = "this option takes no value: its name alone turns it on [OBX-041]";
pub(crate) const EVENT_CRATE: &str =
    "`crate` takes a path without quotation marks; for example `crate = ::my_framework::outbox` [OBX-041]";
pub(crate) const EVENT_COMMA: &str =
    "this does not belong to the option before it; options are separated by `,` [OBX-041]";
pub(crate) const EVENT_ON_FIELD: &str = "`#[event(…)]` goes on the type or on a variant, not on a field; a key is named there: `#[event(key = field)]` [OBX-041]";
pub(crate) const EVENT_NOT_ON_VARIANT: &str = "this option is the whole enum's; write it above the enum [OBX-041]";
pub(crate) const EVENT_TWICE: &str = "this option is given twice, and an event has one of each; remove one [OBX-042]";
pub(crate) const EVENT_SAME_NAME: &str =
    "another variant is the same event: consumers tell events apart by name and version; change one of them [OBX-042]";
pub(crate) const EVENT_NAME: &str =
    "an event's name is a text of 1 to 255 characters without spaces; for example `\"bank.funds-withdrawn\"` [OBX-043]";
pub(crate) const EVENT_VERSION: &str =
    "an event's version is a number from 1 to 4294967295; write `version = 1` [OBX-044]";
pub(crate) const EVENT_TOPIC: &str = "a Kafka topic is 1 to 249 characters of a–z, A–Z, 0–9, `.`, `_`, `-`, and not `.` or `..`; for example `\"bank.accounts\"` [OBX-045]";
pub(crate) const EVENT_QUOTED_KEY: &str = "in quotation marks this is a text, the same key for every event, and there is a field of this name; \
     write the name without them [OBX-046]";
pub(crate) const EVENT_TUPLE_KEY: &str = "several fields are no key by themselves, because nothing says how they are joined; write `format!(\"{}/{}\", self.a, self.b)` [OBX-047]";
pub(crate) const EVENT_HEADERS: &str =
    "headers are written `headers(tenant = self.tenant, \"x-region\" = self.region)` [OBX-048]";
pub(crate) const EVENT_HEADER_NAME: &str =
    "a header's name is 1 to 255 bytes without control characters; for example `\"x-region\"` [OBX-048]";
pub(crate) const EVENT_HEADER_RESERVED: &str = "this header is written by outbox itself or by Kafka's tools; choose another name (reserved: `id`, `content-type`, `tracestate`, and what \
     starts with `ce_`, `traceparent`, `__connect.`, `kafka_`, `outbox-`) [OBX-048]";
pub(crate) const EVENT_HEADER_CONTENT_TYPE: &str =
    "outbox writes this header itself; say `content_type = \"…\"` beside `headers(…)` [OBX-048]";
pub(crate) const EVENT_HEADER_TWICE: &str =
    "this header is given twice, and consumers would read one of them; remove one [OBX-049]";
pub(crate) const EVENT_TOMBSTONE_KEY: &str =
    "a tombstone needs a key: its payload is null, so the key alone says what is gone; add `key = field` [OBX-050]";
pub(crate) const EVENT_TOMBSTONE_PAYLOAD: &str =
    "a tombstone has no payload, so nothing encodes it; remove this or `tombstone` [OBX-051]";
pub(crate) const EVENT_TRANSPARENT_ALONE: &str = "a transparent event is the event inside of it, which says all of this itself; remove `transparent` or the other options [OBX-051]";
pub(crate) const EVENT_TRANSPARENT_SHAPE: &str =
    "`transparent` hands on to the event inside, so there must be exactly one field [OBX-052]";
pub(crate) const EVENT_UNION: &str =
    "`#[derive(Event)]` goes on a struct or an enum; a union has no payload of its own [OBX-052]";
pub(crate) const EVENT_NO_VARIANT: &str =
    "an enum without variants has no value that could be emitted; add a variant [OBX-052]";
pub(crate) const EVENT_ENCODE_WITH: &str = "`encode_with` names a function from `&Self` to the payload's bytes; for example `encode_with = Self::to_protobuf` [OBX-053]";
pub(crate) const EVENT_CONTENT_TYPE: &str =
    "a content type is a MIME type; for example `\"application/protobuf\"` [OBX-053]";
pub(crate) const EVENT_LOCK_GENERIC: &str = "`schema_lock` needs one schema, and a generic event has one for each type; lock an event that names its types [OBX-058]";
pub(crate) const EVENT_LOCK_ENCODER: &str =
    "`schema_lock` describes JSON, and `encode_with` writes something else; remove one of them [OBX-058]";
pub(crate) const EVENT_LOCK_TRANSPARENT: &str =
    "a transparent event has no schema of its own; write `schema_lock` on the event inside [OBX-058]";
