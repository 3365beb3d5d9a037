//! Whether a literal statement begins or ends a transaction. The runtime looks again, at every text, when it runs.

/// BEGIN, START TRANSACTION, COMMIT, END, ROLLBACK, ABORT, PREPARE TRANSACTION. Savepoints are none of them.
pub(super) fn controls(sql: &str) -> bool {
    let sql = without_comments(sql);
    // Where a `;` may stand in a text or a body, only the first statement is looked at.
    let plain = !sql.contains(['\'', '"', '`', '$']) && !sql.contains("--") && !sql.contains("/*");
    let first = words(sql).next().unwrap_or_default();
    if plain && first != "CREATE" && first != "DO" {
        sql.split(';').any(|statement| statement_controls(without_comments(statement)))
    } else {
        statement_controls(sql)
    }
}

fn statement_controls(sql: &str) -> bool {
    let mut words = words(sql);
    match words.next().as_deref() {
        Some("BEGIN" | "COMMIT" | "END" | "ABORT") => true,
        Some("START" | "PREPARE") => words.next().as_deref() == Some("TRANSACTION"),
        Some("ROLLBACK") => {
            let next = words.find(|word| word != "WORK" && word != "TRANSACTION");
            next.as_deref() != Some("TO")
        }
        _ => false,
    }
}

fn words(sql: &str) -> impl Iterator<Item = String> {
    sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_uppercase)
}

/// From the first word on.
fn without_comments(sql: &str) -> &str {
    let mut rest = sql.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
    loop {
        let after = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, after)| after)
        } else {
            return rest;
        };
        rest = after.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
    }
}

#[cfg(test)]
mod tests {
    use super::controls;

    #[test]
    fn transaction_control_is_found() {
        for sql in [
            "COMMIT",
            " commit;",
            "-- done\n/* all */ ; End",
            "ROLLBACK",
            "rollback work",
            "ROLLBACK AND CHAIN",
            "ABORT",
            "BEGIN ISOLATION LEVEL SERIALIZABLE",
            "start transaction",
            "PREPARE TRANSACTION 'x'",
            "UPDATE a SET b = 1; COMMIT",
            "COMMIT/**/",
        ] {
            assert!(controls(sql), "{sql}");
        }
    }

    #[test]
    fn everything_else_passes() {
        for sql in [
            "",
            "-- COMMIT",
            "SELECT 1",
            "SAVEPOINT a",
            "RELEASE SAVEPOINT a",
            "ROLLBACK TO a",
            "rollback transaction to savepoint a",
            "PREPARE s AS SELECT 1",
            "START REPLICATION",
            "DO $$ BEGIN PERFORM 1; END; $$",
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET c = 1; END",
            "INSERT INTO log VALUES ('; COMMIT')",
            "commitment",
            "SELECT * FROM begins",
        ] {
            assert!(!controls(sql), "{sql}");
        }
    }
}
