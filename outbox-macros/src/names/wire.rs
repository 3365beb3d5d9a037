//! What stands on the wire: topics, versions and names of headers, with the rules that the runtime has for them too.

use syn::LitInt;

/// Kafka's rules for a topic.
pub(crate) fn is_topic(topic: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=249).contains(&topic.len()) && topic.bytes().all(legal) && topic != "." && topic != ".."
}

/// Whether `version` is one of an event: from 1.
pub(crate) fn is_version(version: &LitInt) -> bool {
    version.base10_parse::<u32>().is_ok_and(|version| version > 0)
}

/// What is wrong with a header's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HeaderProblem {
    /// No name, or one of another length or with other characters than Kafka's tools take.
    Name,
    /// It is `content-type`, for which there is an option.
    ContentType,
    /// Others write it.
    Reserved,
}

/// The names that the runtime's `event::header_problem` refuses.
pub(crate) fn header_problem(name: &str) -> Option<HeaderProblem> {
    let starts = |prefix: &&str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let is = |word: &&str| name.eq_ignore_ascii_case(word);
    if name.is_empty() || name.len() > 255 || name.chars().any(char::is_control) {
        Some(HeaderProblem::Name)
    } else if is(&"content-type") {
        Some(HeaderProblem::ContentType)
    } else if ["ce_", "traceparent", "__connect.", "kafka_", "outbox-"].iter().any(starts)
        || ["id", "tracestate"].iter().any(is)
    {
        Some(HeaderProblem::Reserved)
    } else {
        None
    }
}
