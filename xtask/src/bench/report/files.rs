//! The files of a run: a table, lines of JSON, every sample as CSV, and the plots.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Findings, json, plot, table};

/// Writes them into `directory`; the names of the plots.
pub(crate) fn write(findings: &Findings, directory: &Path) -> Result<Vec<String>> {
    std::fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
    let write = |name: &str, text: String| {
        let path = directory.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    write("table.md", table::markdown(findings))?;
    write("results.jsonl", json(findings)?)?;
    write("samples.csv", csv(findings))?;
    let mut plots = Vec::new();
    for (name, svg) in plot::all(findings)? {
        write(&name, svg)?;
        plots.push(name);
    }
    Ok(plots)
}

/// Every repetition of everything.
fn csv(findings: &Findings) -> String {
    let mut text = String::from("cell,against,unit,repetition,ours,theirs\n");
    let mut line = |line: std::fmt::Arguments<'_>| {
        let _ = writeln!(text, "{line}");
    };
    for measured in &findings.measured {
        for (repetition, sample) in (1..).zip(&measured.samples) {
            let (cell, against, unit) = (&measured.cell, &measured.against, measured.unit);
            line(format_args!("{cell},{against},{unit},{repetition},{},{}", sample.ours, sample.theirs));
        }
    }
    for figure in &findings.figures {
        for (repetition, value) in (1..).zip(&figure.values) {
            line(format_args!("{},{},{},{repetition},{value},", figure.cell, figure.what, figure.unit));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Findings, csv};

    #[test]
    fn csv_has_every_repetition() {
        let mut findings = Findings::default();
        findings.sample("drain", "ceiling", "events/s", 90.0, 100.0);
        findings.sample("drain", "ceiling", "events/s", 91.0, 100.5);
        findings.figure("memory", "above_idle", "MiB", 12.0);
        assert_eq!(
            csv(&findings),
            "cell,against,unit,repetition,ours,theirs\ndrain,ceiling,events/s,1,90,100\n\
             drain,ceiling,events/s,2,91,100.5\nmemory,above_idle,MiB,1,12,\n"
        );
    }
}
