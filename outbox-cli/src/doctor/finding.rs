//! What was found, and how it is said.

use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Severity {
    /// Events are not published, or may be lost.
    Error,
    /// It works, and there is a risk in it.
    Warning,
}

/// One thing that is wrong.
#[derive(Debug)]
pub(super) struct Finding {
    code: &'static str,
    severity: Severity,
    what: String,
    remedy: String,
}

impl Finding {
    pub(super) fn error(code: &'static str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, what: line(what), remedy: line(remedy) }
    }

    pub(super) fn warning(code: &'static str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { code, severity: Severity::Warning, what: line(what), remedy: line(remedy) }
    }

    /// A check that could not be made.
    pub(super) fn unknown(subject: &str, error: &dyn fmt::Display) -> Self {
        let what = format!("{subject} could not be looked at: {error}");
        Self::warning("OBX-142", what, "run `outbox doctor` as the relay's user, or as one who may look")
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "code": self.code,
            "severity": self.severity(),
            "what": self.what,
            "remedy": self.remedy,
        })
    }

    fn severity(&self) -> &'static str {
        match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// A finding is one line, whatever a server said.
fn line(text: impl Into<String>) -> String {
    let text = text.into();
    if text.contains('\n') { text.split_whitespace().collect::<Vec<_>>().join(" ") } else { text }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:7} {}; {}", self.code, self.severity(), self.what, self.remedy)
    }
}
