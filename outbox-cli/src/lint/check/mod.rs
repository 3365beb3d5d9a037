//! `outbox lint check`: the presets are there, complete, in force; and what no lint sees, the audit looks for.

mod presets;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use toml_edit::DocumentMut;

use super::findings::Report;
use super::levels::{self, Level};
use super::workspace::{Member, Workspace};
use super::{audit, preset};
use crate::Outcome;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A directory of the workspace.
    #[arg(long, default_value = ".")]
    path: PathBuf,
    /// Print one JSON object: `findings` (file, line, check, message, help) and `notes`.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    let workspace = Workspace::read(&args.path)?;
    let mut report = Report::default();
    presets::clippy(&workspace, &mut report)?;
    presets::deny(&workspace, &mut report)?;
    crates(&workspace, &mut report)?;
    presets::versions(&workspace, &mut report)?;
    audit::run(&workspace, &mut report)?;
    report.print(args.json)?;
    Ok(if report.findings.is_empty() { Outcome::Clean } else { Outcome::Found })
}

fn document(path: &Path) -> Result<DocumentMut> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    text.parse().with_context(|| format!("{}", path.display()))
}

/// Net 2 again: the lints are on in each crate that depends on a client, or it says why not.
fn crates(workspace: &Workspace, report: &mut Report) -> Result<()> {
    let root = document(&workspace.root.join("Cargo.toml"))?;
    for member in workspace.members.iter().filter(|member| !member.clients.is_empty()) {
        let manifest = document(&member.manifest)?;
        for source in &member.roots {
            let levels = preset::LISTS.map(|(_, lint)| {
                let by_source = levels::by_source(&source.file, lint);
                (lint, by_source.unwrap_or_else(|| levels::by_manifest(&manifest, &root, lint)))
            });
            judge(workspace, member, &workspace.relative(&source.file), levels, report);
        }
    }
    Ok(())
}

fn judge(workspace: &Workspace, member: &Member, source: &str, levels: [(&str, Level); 2], report: &mut Report) {
    let name = &member.name;
    let those = |wanted: &dyn Fn(Level) -> bool| {
        let lints = levels.iter().filter(|(_, level)| wanted(*level)).map(|(lint, _)| format!("clippy::{lint}"));
        lints.collect::<Vec<_>>().join(", ")
    };
    let weak = those(&|level| level == Level::Weak);
    if !weak.is_empty() {
        report.find(
            "level",
            (&workspace.relative(&member.manifest), 0),
            format!("`{name}` depends on a Kafka client, and no error in {source}: {weak}"),
            format!(
                "`[lints] workspace = true` here, and in the workspace \"deny\"; or `#![forbid({weak})]` in {source}"
            ),
        );
    }
    let silenced = those(&|level| matches!(level, Level::Silenced(_)));
    let line = levels.iter().find_map(|(_, level)| match level {
        Level::Silenced(line) | Level::Excused(line) => Some(*line),
        _ => None,
    });
    if !silenced.is_empty() {
        report.find(
            "reason",
            (source, line.unwrap_or_default()),
            format!("`{name}` allows without a reason: {silenced}"),
            "say why this crate may send: `#![allow(…, reason = \"…\")]`",
        );
    }
    let excused = those(&|level| matches!(level, Level::Excused(_)));
    if !excused.is_empty() {
        report.note(format!("`{name}` allows with a reason: {excused} ({source}:{})", line.unwrap_or_default()));
    }
}
