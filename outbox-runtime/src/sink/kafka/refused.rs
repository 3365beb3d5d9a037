//! Which topic a transaction may not have: librdkafka ends the whole transaction, answers every message with "purged", and
//! names the topic in a line of its log alone.
//!
//! Where that line has other words one day, nothing is found here, and the relay finds the topic by ever smaller
//! transactions (rule 16).

/// The topic that `line` says is closed to us.
pub(super) fn topic<'a>(facility: &str, line: &'a str) -> Option<&'a str> {
    if facility != "ADDPARTS" || !line.contains("Topic authorization failed") {
        return None;
    }
    let (_, behind) = line.split_once("Failed to add partition \"")?;
    behind.split_once("\" [").map(|(topic, _)| topic)
}

/// Whether the line says why a transaction failed.
pub(super) fn is_of_transaction(facility: &str) -> bool {
    facility == "TXNERR"
}

#[cfg(test)]
mod tests {
    use super::topic;

    #[test]
    fn the_topic_is_named_by_the_line_of_a_refused_partition() {
        let line = "[thrd:main]: 127.0.0.1:9092/1: Failed to add partition \"bank.a\" [0] to transaction: Broker: Topic authorization failed";
        assert_eq!(topic("ADDPARTS", line), Some("bank.a"));
        assert_eq!(topic("TXNERR", line), None);
        assert_eq!(topic("ADDPARTS", &line.replace("Topic authorization failed", "Operation not attempted")), None);
    }
}
