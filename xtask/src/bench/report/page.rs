//! `docs/bench`: the findings of a run that are shown to others, with the machine that they come from.

use std::path::Path;

use anyhow::{Context, Result};

use super::{Findings, files, machine, table};

/// Replaces what is in `directory`; `command` made the findings, `servers` ran them.
pub(crate) fn publish(findings: &Findings, directory: &Path, command: &str, servers: &[String]) -> Result<()> {
    if directory.exists() {
        std::fs::remove_dir_all(directory).with_context(|| format!("cannot clear {}", directory.display()))?;
    }
    let plots = files::write(findings, directory)?;
    let page = directory.join("README.md");
    let text = text(findings, &plots, command, servers);
    std::fs::remove_file(directory.join("table.md"))?;
    std::fs::write(&page, text).with_context(|| format!("cannot write {}", page.display()))
}

fn text(findings: &Findings, plots: &[String], command: &str, servers: &[String]) -> String {
    let plots: String = plots.iter().map(|plot| format!("![{}]({plot})\n\n", plot.trim_end_matches(".svg"))).collect();
    let servers: String = servers.iter().map(|server| format!("- {server}\n")).collect();
    format!(
        "# Bench\n\nMade by `{command}`. Ratios are taken inside of a repetition and their median is shown: rates alone do not \
         last, since both sides share the machine with the servers. A run whose consumer finds an event missing, \
         doubled or out of its key's order has no number.\n\n{plots}{}\nEvery sample: [`samples.csv`](samples.csv). \
         The same as JSON: [`results.jsonl`](results.jsonl).\n\n## Machine\n\n{}{servers}",
        table::markdown(findings),
        machine::describe(),
    )
}

#[cfg(test)]
mod tests {
    use super::{Findings, publish};

    #[test]
    fn a_page_shows_table_plots_and_machine() {
        let directory = std::env::temp_dir().join(format!("outbox-bench-page-{}", std::process::id()));
        let mut findings = Findings::default();
        findings.sample("drain", "ceiling", "events/s", 90.0, 100.0);
        publish(&findings, &directory, "cargo xtask bench", &["PostgreSQL 15".to_owned()]).unwrap();
        let page = std::fs::read_to_string(directory.join("README.md")).unwrap();
        for part in ["`cargo xtask bench`", "| drain | ceiling |", "(ratios.svg)", "- cores: ", "- PostgreSQL 15"] {
            assert!(page.contains(part), "{part} is not in {page}");
        }
        let names = ["ratios.svg", "samples.csv", "results.jsonl"];
        assert!(names.iter().all(|name| directory.join(name).exists()));
        std::fs::remove_dir_all(directory).unwrap();
    }
}
