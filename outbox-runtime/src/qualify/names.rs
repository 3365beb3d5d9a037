//! The names of the tables in a text, put into their schema.

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::Ident;

const PREFIX: &str = "outbox_";

/// Tables of the migrations; segments of the log (`outbox_log_0`) are known by their number. An index is in its table's schema
/// and is never qualified.
pub(crate) const TABLES: [&str; 8] = [
    "outbox_log",
    "outbox_slot",
    "outbox_cursor",
    "outbox_incarnation",
    "outbox_parked",
    "outbox_skipped",
    "outbox_delayed",
    "outbox_migrations",
];

/// Sequences of the migrations.
const SEQUENCES: [&str; 2] = ["outbox_log_position_seq", "outbox_log_slot_seq"];

/// Where the tables are: in a schema, or wherever the search path says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Names(Option<Ident>);

impl Names {
    pub(crate) fn new(schema: Option<Ident>) -> Self {
        Self(schema)
    }

    /// `text` for this schema. Without one it is handed on as it is. With one, it is a scan of a text that the server
    /// has prepared long ago: nothing beside the round trip.
    pub(crate) fn apply(&self, text: SqlStr) -> SqlStr {
        match &self.0 {
            None => text,
            // A schema is an `Ident`, and the rest was a statement before.
            Some(schema) => AssertSqlSafe(qualified(text.as_str(), schema)).into_sql_str(),
        }
    }
}

fn qualified(text: &str, schema: &Ident) -> String {
    let mut out = String::with_capacity(text.len() + 16 * (schema.as_str().len() + 3));
    let mut rest = text;
    while let Some(at) = rest.find(PREFIX) {
        let (before, found) = rest.split_at(at);
        let end = found.find(|c: char| !is_part(c)).unwrap_or(found.len());
        let (name, after) = found.split_at(end);
        out.push_str(before);
        // `x.outbox_log` has its schema, `my_outbox_log` is something else.
        let is_whole = !out.ends_with(|c: char| is_part(c) || c == '.' || c == '"');
        if is_whole && is_known(name) {
            out.extend(["\"", schema.as_str(), "\"."]);
        }
        out.push_str(name);
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn is_known(name: &str) -> bool {
    let is_segment = |number: &str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    TABLES.contains(&name) || SEQUENCES.contains(&name) || name.strip_prefix("outbox_log_").is_some_and(is_segment)
}

#[cfg(test)]
mod tests {
    use sqlx::{SqlSafeStr as _, SqlStr};

    use super::{Names, is_known};

    fn apply(text: &'static str) -> String {
        let names = Names::new(Some("Tenant-1".parse().unwrap()));
        names.apply(text.into_sql_str()).as_str().to_owned()
    }

    #[test]
    fn tables_are_put_into_the_schema_and_nothing_else_is() {
        assert_eq!(apply("SELECT FROM outbox_log l, outbox_cursor"), {
            "SELECT FROM \"Tenant-1\".outbox_log l, \"Tenant-1\".outbox_cursor"
        });
        assert_eq!(apply("to_regclass('outbox_log_12')"), "to_regclass('\"Tenant-1\".outbox_log_12')");
        assert_eq!(apply("outbox_parked.state"), "\"Tenant-1\".outbox_parked.state");
        for text in ["my_outbox_log", "a.outbox_log", "\"outbox_log\"", "outbox_parked_mark", "outbox_logs", "outbox_"]
        {
            assert_eq!(apply(text), text);
        }
    }

    #[test]
    fn without_a_schema_the_text_is_the_same_one() {
        let text = "SELECT FROM outbox_log";
        let applied: SqlStr = Names::default().apply(text.into_sql_str());
        assert!(std::ptr::eq(applied.as_str(), text));
    }

    #[test]
    fn every_table_of_the_migrations_is_known() {
        let sql = include_str!("../../migrations/postgres/0001_outbox.sql");
        let mut known = 0;
        for line in sql.lines().filter(|line| line.starts_with("CREATE ") && !line.contains(" INDEX ")) {
            let name = line.split_whitespace().find(|word| word.starts_with("outbox_")).expect("a name");
            let name = name.trim_end_matches(|c: char| !super::is_part(c));
            assert!(is_known(name), "{line}: put `{name}` into TABLES or SEQUENCES");
            known += 1;
        }
        assert!(known >= 7, "only {known}: the test looks at nothing");
    }
}
