//! Whether the presets of clippy and cargo-deny are in the workspace's files, whole and where they are read.

use anyhow::Result;
use toml_edit::{DocumentMut, Value};

use super::document;
use crate::lint::clients::{self, CLIENTS};
use crate::lint::findings::Report;
use crate::lint::workspace::Workspace;
use crate::lint::{init, preset};

const INIT: &str = "run `outbox lint init`";

/// Net 2: every line of the preset is in the file that clippy reads.
pub(super) fn clippy(workspace: &Workspace, report: &mut Report) -> Result<()> {
    let path = init::clippy_file(&workspace.root);
    let name = workspace.relative(&path);
    if !path.exists() {
        report.find("preset", (&name, 0), "there is no clippy.toml: clippy knows no Kafka client", INIT);
        return Ok(());
    }
    let (own, shipped) = (document(&path)?, preset::clippy());
    for (list, _) in preset::LISTS {
        let there = preset::entries(own.get(list));
        let there: Vec<_> = there.iter().filter_map(preset::path).collect();
        let entries = preset::entries(shipped.get(list));
        let wanted: Vec<_> = entries.iter().filter_map(preset::path).collect();
        let missing: Vec<_> = wanted.iter().copied().filter(|path| !there.contains(path)).collect();
        lacks(report, &name, list, &missing);
        for path in there.iter().filter(|path| list == "disallowed-methods" && !wanted.contains(path)) {
            if let Some(defining) = defining_path(path, &wanted) {
                report.find(
                    "reexport",
                    (&name, 0),
                    format!("`{path}` does nothing: clippy knows a method by the path that defines it"),
                    format!("remove it; the preset has `{defining}`"),
                );
            }
        }
    }
    for member in &workspace.members {
        let Some(directory) = member.manifest.parent().filter(|directory| *directory != workspace.root) else {
            continue;
        };
        // Clippy takes the first file on the way up, and that one alone.
        let places = directory.ancestors().take_while(|place| *place != workspace.root);
        let hiding =
            places.flat_map(|place| [place.join("clippy.toml"), place.join(".clippy.toml")]).find(|p| p.exists());
        if let Some(hiding) = hiding {
            let message = format!("this file hides the workspace's {name} from `{}`", member.name);
            report.find("hidden", (&workspace.relative(&hiding), 0), message, "move its lines there");
        }
    }
    Ok(())
}

/// One finding for all lines that a list lacks.
fn lacks(report: &mut Report, file: &str, list: &str, missing: &[&str]) {
    let named: Vec<_> = missing.iter().take(3).map(|line| format!("`{line}`")).collect();
    let more = missing.len().saturating_sub(named.len());
    let more = if more == 0 { String::new() } else { format!(" and {more} more lines") };
    if !missing.is_empty() {
        report.find("preset", (file, 0), format!("`{list}` lacks {}{more}", named.join(", ")), INIT);
    }
}

/// The clients' versions, where they are not those that the presets are proved with.
pub(super) fn versions(workspace: &Workspace, report: &mut Report) -> Result<()> {
    let path = workspace.root.join("Cargo.lock");
    if !path.exists() {
        return Ok(());
    }
    let lock = document(&path)?;
    let packages = lock.get("package").and_then(|packages| packages.as_array_of_tables());
    for package in packages.into_iter().flatten() {
        let text = |key| package.get(key).and_then(|item| item.as_str()).unwrap_or_default();
        let client = CLIENTS.iter().find(|client| client.package == text("name"));
        if let Some(client) = client.filter(|client| !client.is_proved(text("version"))) {
            report.note(format!(
                "the presets are proved with {} {}, this workspace has {}: look whether clippy warns that a path \
                 \"does not refer to a reachable function\"",
                client.package,
                client.proved,
                text("version"),
            ));
        }
    }
    Ok(())
}

/// The shipped path that `path` was meant to be, if it differs in the modules between crate and type only.
fn defining_path<'w>(path: &str, wanted: &[&'w str]) -> Option<&'w str> {
    let ends = |path: &str| {
        let parts: Vec<_> = path.split("::").map(str::to_owned).collect();
        let [first, .., kind, method] = parts.as_slice() else { return None };
        Some((first.clone(), kind.clone(), method.clone()))
    };
    let meant = ends(path)?;
    wanted.iter().find(|wanted| ends(wanted).as_ref() == Some(&meant)).copied()
}

/// The crates that `deny.toml` lets depend on a client; `None` if the client is not banned or anyone may.
fn wrappers(entries: &[Value], client: &str) -> Option<Vec<String>> {
    let entry = entries.iter().find(|entry| preset::banned(entry) == Some(client))?;
    Some(preset::wrappers(entry).unwrap_or_default().into_iter().map(str::to_owned).collect())
}

/// Net 3: every client is banned, and who depends on one is listed.
pub(super) fn deny(workspace: &Workspace, report: &mut Report) -> Result<()> {
    let path = workspace.root.join("deny.toml");
    if !path.exists() {
        report.find("preset", ("deny.toml", 0), "there is no deny.toml: any crate may depend on a Kafka client", INIT);
        return Ok(());
    }
    let list = |document: &DocumentMut| preset::entries(document.get("bans").and_then(|bans| bans.get("deny")));
    let entries = list(&document(&path)?);
    let mut missing = Vec::new();
    for shipped in list(&preset::deny()) {
        let Some(client) = preset::banned(&shipped) else { continue };
        let Some(wrappers) = wrappers(&entries, client) else {
            missing.extend(clients::banned(client));
            continue;
        };
        for member in &workspace.members {
            let depends = member.banned.contains(&client);
            match (depends, wrappers.contains(&member.name)) {
                (true, false) => report.find(
                    "dependency",
                    (&workspace.relative(&member.manifest), 0),
                    format!("`{}` depends on `{client}`, and deny.toml does not let it", member.name),
                    format!(
                        "emit events and drop the dependency; or, for the relay and for consumers, \
                         `outbox lint init --allow {}`",
                        member.name
                    ),
                ),
                (true, true) => report.note(format!("`{}` may depend on `{client}` (deny.toml)", member.name)),
                (false, _) => {}
            }
        }
    }
    lacks(report, "deny.toml", "bans.deny", &missing);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reexported_path_is_recognised() {
        let wanted = ["rdkafka::producer::future_producer::FutureProducer::send"];
        assert_eq!(defining_path("rdkafka::producer::FutureProducer::send", &wanted), Some(wanted[0]));
        assert_eq!(defining_path("rdkafka::FutureProducer::send", &wanted), Some(wanted[0]));
        assert_eq!(defining_path("std::sync::mpsc::Sender::send", &wanted), None);
        assert_eq!(defining_path("std::drop", &wanted), None);
    }
}
