//! The presets as they are shipped: the files under `lints/`, read as TOML.

use toml_edit::{DocumentMut, Item, Value};

pub(crate) const CLIPPY: &str = include_str!("../../assets/clippy.toml");
pub(crate) const DENY: &str = include_str!("../../assets/deny.toml");

/// The two lists of `clippy.toml`, with the lints that read them.
pub(crate) const LISTS: [(&str, &str); 2] =
    [("disallowed-methods", "disallowed_methods"), ("disallowed-types", "disallowed_types")];

/// The shipped `clippy.toml`.
pub(crate) fn clippy() -> DocumentMut {
    parsed(CLIPPY)
}

/// The shipped `deny.toml`.
pub(crate) fn deny() -> DocumentMut {
    parsed(DENY)
}

fn parsed(text: &'static str) -> DocumentMut {
    // The files are part of the program; a test reads them.
    text.parse().unwrap_or_default()
}

/// The entries of a list, in any of the forms that TOML has for one: `[…]` or `[[…]]`, strings or tables.
pub(crate) fn entries(list: Option<&Item>) -> Vec<Value> {
    match list {
        Some(Item::Value(Value::Array(array))) => array.iter().cloned().collect(),
        Some(Item::ArrayOfTables(tables)) => {
            tables.iter().map(|table| Value::InlineTable(table.clone().into_inline_table())).collect()
        }
        _ => Vec::new(),
    }
}

/// The text of `entry` itself, or of the first of `keys` that it has.
pub(crate) fn text<'e>(entry: &'e Value, keys: &[&str]) -> Option<&'e str> {
    match entry {
        Value::String(text) => Some(text.value()),
        Value::InlineTable(table) => keys.iter().find_map(|key| table.get(key)).and_then(Value::as_str),
        _ => None,
    }
}

/// The path that an entry of `clippy.toml` names.
pub(crate) fn path(entry: &Value) -> Option<&str> {
    text(entry, &["path"])
}

/// The crate that an entry of `deny.toml` names, without its version.
pub(crate) fn banned(entry: &Value) -> Option<&str> {
    let spec = text(entry, &["crate", "name"])?;
    spec.split([':', '@', ' ', '=', '<', '>', '^', '~']).next()
}

/// The crates that an entry of `deny.toml` lets through; `None` if it lists none.
pub(crate) fn wrappers(entry: &Value) -> Option<Vec<&str>> {
    let list = entry.as_inline_table()?.get("wrappers")?.as_array()?;
    Some(list.iter().filter_map(Value::as_str).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::clients::{BY_NAME, CLIENTS};

    #[test]
    fn every_line_says_what_to_do() {
        let document = clippy();
        for (list, _) in LISTS {
            let entries = entries(document.get(list));
            assert!(entries.len() > 10, "{list}");
            for entry in entries {
                let path = path(&entry).expect("a path");
                assert!(path.contains("::"), "{path}");
                assert!(text(&entry, &["reason"]).is_some_and(|reason| reason.contains(": ")), "{path}");
            }
        }
    }

    #[test]
    fn every_client_is_banned_but_for_the_relay() {
        let document = deny();
        let entries = entries(document.get("bans").and_then(|bans| bans.get("deny")));
        let names: Vec<_> = entries.iter().filter_map(banned).collect();
        let known: Vec<_> = CLIENTS.iter().map(|client| client.package).chain(BY_NAME).collect();
        assert_eq!(names, known);
        for entry in &entries {
            assert!(wrappers(entry).is_some(), "{entry}");
            assert!(text(entry, &["reason"]).is_some(), "{entry}");
        }
    }

    #[test]
    fn entries_are_read_in_every_form() {
        let document: DocumentMut = r#"
            a = ["x::y", { path = "x::z" }]
            [[b]]
            path = "x::y"
        "#
        .parse()
        .expect("TOML");
        let paths = |key| entries(document.get(key)).iter().filter_map(path).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(paths("a"), ["x::y", "x::z"]);
        assert_eq!(paths("b"), ["x::y"]);
        let deny: Value = r#"{ crate = "rdkafka:0.39", wrappers = ["relay"] }"#.parse().expect("TOML");
        assert_eq!((banned(&deny), wrappers(&deny)), (Some("rdkafka"), Some(vec!["relay"])));
    }
}
