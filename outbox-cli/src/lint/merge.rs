//! Puts the presets into a user's files without touching what is there: comments, order and own entries stay.
//!
//! Every function changes a document and tells what it added, one line each; on a second run it adds nothing.

use anyhow::{Result, bail};
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value};

use super::preset;

/// Adds what is missing to `clippy.toml`.
pub(crate) fn clippy(document: &mut DocumentMut) -> Result<Vec<String>> {
    let shipped = preset::clippy();
    let mut added = Vec::new();
    for (list, _) in preset::LISTS {
        let Some(item) = shipped.get(list) else { continue };
        let new = merge(document.as_table_mut(), list, item, |entry| preset::path(entry).map(str::to_owned))?;
        added.extend(new.into_iter().map(|path| format!("{list}: {path}")));
    }
    Ok(added)
}

/// Adds what is missing to `deny.toml`; each of `relays` is a crate and the clients that it may depend on.
pub(crate) fn deny(document: &mut DocumentMut, relays: &[(String, Vec<&str>)]) -> Result<Vec<String>> {
    let shipped = preset::deny();
    let Some(item) = shipped.get("bans").and_then(|bans| bans.get("deny")) else { return Ok(Vec::new()) };
    let bans = table(document.as_table_mut(), "bans")?;
    let new = merge(bans, "deny", item, |entry| preset::banned(entry).map(str::to_owned))?;
    let mut added: Vec<_> = new.into_iter().map(|name| format!("bans.deny: {name}")).collect();
    for (relay, clients) in relays {
        for client in clients {
            if allow(bans, client, relay) {
                added.push(format!("bans.deny: {client}: wrapper {relay}"));
            }
        }
    }
    Ok(added)
}

/// Turns the lints on for the workspace, or for the only package there is.
pub(crate) fn levels(manifest: &mut DocumentMut) -> Result<Vec<String>> {
    // A package that is its whole workspace has lints of its own, unless it takes the workspace's.
    let is_workspace = manifest.contains_key("workspace")
        && (super::levels::inherits(manifest)
            || !manifest.contains_key("package")
            || manifest.get("workspace").is_some_and(|workspace| workspace.get("members").is_some()));
    let mut place: &mut dyn TableLike = manifest.as_table_mut();
    let path: &[&str] = if is_workspace { &["workspace", "lints", "clippy"] } else { &["lints", "clippy"] };
    for key in path {
        place = table(place, key)?;
    }
    let mut added = Vec::new();
    for (_, lint) in preset::LISTS {
        if place.get(lint).is_none() {
            place.insert(lint, toml_edit::value("deny"));
            added.push(format!("[{}] {lint} = \"deny\"", path.join(".")));
        }
    }
    Ok(added)
}

/// The table under `key`, made if it is not there.
fn table<'t>(parent: &'t mut dyn TableLike, key: &str) -> Result<&'t mut dyn TableLike> {
    if parent.get(key).is_none() {
        let mut new = Table::new();
        new.set_implicit(true);
        parent.insert(key, Item::Table(new));
    }
    match parent.get_mut(key).and_then(Item::as_table_like_mut) {
        Some(table) => Ok(table),
        None => bail!("`{key}` is no table; make it one, then run this again"),
    }
}

/// Adds those entries of `shipped` to the list under `key` that it does not have. Tells their names.
fn merge(
    parent: &mut dyn TableLike,
    key: &str,
    shipped: &Item,
    name: impl Fn(&Value) -> Option<String>,
) -> Result<Vec<String>> {
    let there: Vec<_> = preset::entries(parent.get(key)).iter().filter_map(&name).collect();
    let missing: Vec<_> = preset::entries(Some(shipped))
        .into_iter()
        .filter(|entry| name(entry).is_some_and(|name| !there.contains(&name)))
        .collect();
    let names = missing.iter().filter_map(&name).collect();
    match parent.get_mut(key) {
        None => {
            parent.insert(key, shipped.clone());
        }
        Some(Item::Value(Value::Array(array))) => append(array, missing),
        Some(Item::ArrayOfTables(tables)) => {
            tables.extend(missing.into_iter().filter_map(|entry| match entry {
                Value::InlineTable(table) => Some(table.into_table()),
                _ => None,
            }));
        }
        Some(_) => bail!("`{key}` is no list; make it one, then run this again"),
    }
    Ok(names)
}

/// Puts `entries` at the end of `array`, one a line. A comment at the end stays with what it follows.
fn append(array: &mut Array, entries: Vec<Value>) {
    if entries.is_empty() {
        return;
    }
    let mut before = array.trailing().as_str().unwrap_or_default().trim_end().to_owned();
    for mut entry in entries {
        entry.decor_mut().set_prefix(format!("{before}\n    "));
        entry.decor_mut().set_suffix("");
        array.push_formatted(entry);
        before.clear();
    }
    array.set_trailing("\n");
    array.set_trailing_comma(true);
}

/// Lets `relay` depend on `client`. Whether that was new.
fn allow(bans: &mut dyn TableLike, client: &str, relay: &str) -> bool {
    let add = |wrappers: Option<&mut Array>| match wrappers {
        Some(wrappers) if wrappers.iter().all(|name| name.as_str() != Some(relay)) => {
            wrappers.push(relay);
            true
        }
        _ => false,
    };
    match bans.get_mut("deny") {
        Some(Item::Value(Value::Array(array))) => array
            .iter_mut()
            .filter(|entry| preset::banned(entry) == Some(client))
            .filter_map(Value::as_inline_table_mut)
            .any(|entry| add(entry.get_mut("wrappers").and_then(Value::as_array_mut))),
        Some(Item::ArrayOfTables(tables)) => tables
            .iter_mut()
            .filter(|entry| preset::banned(&Value::InlineTable((*entry).clone().into_inline_table())) == Some(client))
            .any(|entry| add(entry.get_mut("wrappers").and_then(Item::as_array_mut))),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(text: &str) -> (String, Vec<String>) {
        let mut document: DocumentMut = text.parse().expect("TOML");
        let added = clippy(&mut document).expect("mergeable");
        let written = document.to_string();
        let mut again: DocumentMut = written.parse().expect("what was written is TOML");
        assert_eq!(clippy(&mut again).expect("mergeable"), Vec::<String>::new(), "a second run adds nothing");
        assert_eq!(again.to_string(), written);
        (written, added)
    }

    #[test]
    fn own_entries_and_comments_stay() {
        let own = "# ours\nmsrv = \"1.80\" # pinned\n\ndisallowed-methods = [\n    \"std::env::set_var\", # not safe\n    # the end\n]\n";
        let (written, added) = merged(own);
        assert!(written.starts_with("# ours\nmsrv = \"1.80\" # pinned\n"), "{written}");
        assert!(written.contains("    \"std::env::set_var\", # not safe\n    # the end\n"), "{written}");
        assert!(added.iter().any(|line| line.contains("FutureProducer::send")));
    }

    #[test]
    fn an_own_reason_stays() {
        let path = "rdkafka::producer::future_producer::FutureProducer::send";
        let (written, added) = merged(&format!("disallowed-methods = [{{ path = \"{path}\", reason = \"mine\" }}]\n"));
        assert_eq!(written.matches(&format!("\"{path}\"")).count(), 1);
        assert!(written.contains("reason = \"mine\""));
        assert!(added.iter().all(|line| !line.ends_with(&format!(" {path}"))));
    }

    #[test]
    fn lists_of_tables_are_continued() {
        let (written, _) = merged("[[disallowed-methods]]\npath = \"std::env::set_var\"\n");
        assert!(written.matches("[[disallowed-methods]]").count() > 20, "{written}");
    }

    #[test]
    fn bans_are_added_and_the_relay_is_let_through_once() {
        let own = "[licenses]\nallow = [\"MIT\"]\n\n[bans]\nmultiple-versions = \"warn\" # for now\n";
        let mut document: DocumentMut = own.parse().expect("TOML");
        let relays = [("bank-relay".to_owned(), vec!["rdkafka"])];
        let added = deny(&mut document, &relays).expect("mergeable");
        assert!(added.contains(&"bans.deny: rdkafka: wrapper bank-relay".to_owned()), "{added:?}");
        let written = document.to_string();
        assert!(written.starts_with(own.trim_end()), "{written}");
        assert!(written.contains(r#"crate = "rdkafka", wrappers = ["outbox-runtime", "bank-relay"]"#), "{written}");
        assert_eq!(deny(&mut document, &relays).expect("mergeable"), Vec::<String>::new());
    }

    #[test]
    fn levels_that_are_set_stay() {
        let mut manifest: DocumentMut =
            "[workspace]\nmembers = []\n\n[workspace.lints.clippy]\ndisallowed_methods = \"forbid\"\n"
                .parse()
                .expect("TOML");
        assert_eq!(levels(&mut manifest).expect("a table"), ["[workspace.lints.clippy] disallowed_types = \"deny\""]);
        assert!(manifest.to_string().contains("disallowed_methods = \"forbid\"\ndisallowed_types = \"deny\""));
        assert!(levels(&mut manifest).expect("a table").is_empty());
    }
}
