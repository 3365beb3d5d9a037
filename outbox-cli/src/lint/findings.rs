//! What a check found, for people and for programs.

use serde::Serialize;

/// One thing for a person to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Finding {
    /// File, relative to the workspace.
    pub(crate) file: String,
    /// Line in it, counted from 1; 0 for the whole file.
    pub(crate) line: usize,
    /// Which check speaks: a stable word.
    pub(crate) check: &'static str,
    /// What is the matter.
    pub(crate) message: String,
    /// What to do, if one thing can be said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) help: String,
}

/// All of a run.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) findings: Vec<Finding>,
    /// What is worth knowing, and nothing to do about.
    pub(crate) notes: Vec<String>,
}

impl Report {
    pub(crate) fn find(
        &mut self,
        check: &'static str,
        (file, line): (&str, usize),
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.push(Finding { file: file.into(), line, check, message: message.into(), help: help.into() });
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    pub(crate) fn print(&mut self, json: bool) -> anyhow::Result<()> {
        self.findings.sort();
        self.findings.dedup();
        if json {
            println!("{}", serde_json::to_string_pretty(self)?);
            return Ok(());
        }
        for finding in &self.findings {
            let line = if finding.line == 0 { String::new() } else { format!(":{}", finding.line) };
            println!("{}{line}: warning: {} [{}]", finding.file, finding.message, finding.check);
            if !finding.help.is_empty() {
                println!("    help: {}", finding.help);
            }
        }
        for note in &self.notes {
            println!("note: {note}");
        }
        match self.findings.len() {
            0 => println!("no findings"),
            1 => println!("1 finding"),
            many => println!("{many} findings"),
        }
        Ok(())
    }
}
