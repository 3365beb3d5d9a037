//! About `#[derive(Event)]`.

pub(crate) const EVENT_NOT_STRUCT: &str = "`#[derive(Event)]` goes on a struct: one struct for each event";
pub(crate) const EVENT_UNKNOWN: &str = "unknown option; an event has `name`, `version`, `topic` and `key`";
pub(crate) const EVENT_TOPIC: &str =
    "a Kafka topic is 1 to 249 characters of a–z, A–Z, 0–9, `.`, `_`, `-`, and not `.` or `..`";
pub(crate) const EVENT_NAME: &str = "an event's name must not be empty; for example `bank.funds-withdrawn`";
pub(crate) const EVENT_VERSION: &str = "an event's version is a number from 1 to 4294967295";
