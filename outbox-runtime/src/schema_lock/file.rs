//! `events.lock`: read, compared and written under a lock on the file itself.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::EventSchema;
use super::compare::problems;
use super::diff::diff;
use super::schema::sort;

const ABOUT: &str =
    "Schemas of this crate's events, written by `cargo test` for `#[event(schema_lock)]`. Commit this file.";
/// Version of the file's layout.
const FORMAT: u64 = 1;

/// What may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Whatever old consumers can read, and new events.
    Write,
    /// Nothing: a file that is not up to date is an error.
    Frozen,
    /// As [`Mode::Write`], and new names of known events.
    Accept,
}

impl Mode {
    /// [`Mode::Accept`] with `OUTBOX_UPDATE_LOCK`, else [`Mode::Frozen`] with `CI`, else [`Mode::Write`].
    pub fn from_env() -> Self {
        let is_set = |name| std::env::var(name).is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
        match (is_set("OUTBOX_UPDATE_LOCK"), is_set("CI")) {
            (true, _) => Self::Accept,
            (false, true) => Self::Frozen,
            (false, false) => Self::Write,
        }
    }
}

/// Why the check failed: what, where, and what to do next.
#[derive(Debug)]
pub struct LockError(String);

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LockError {}

/// Checks `events` against the file at `path`, and writes what `mode` allows. The file stays locked from its reading to
/// its writing, so that any number of threads and programs may do this at once.
///
/// # Errors
/// A change that old consumers cannot read; with [`Mode::Frozen`] any change; a file that cannot be read or written.
pub fn check_file(path: &Path, mode: Mode, events: &[EventSchema]) -> Result<(), LockError> {
    let failed = |what: &str, error: io::Error| LockError(format!("{} cannot be {what}: {error}", path.display()));
    let opened = OpenOptions::new().read(true).write(mode != Mode::Frozen).create(mode != Mode::Frozen).open(path);
    let mut file = match opened {
        Ok(file) => Some(file),
        Err(error) if mode == Mode::Frozen && error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed("opened", error)),
    };
    let mut text = String::new();
    if let Some(file) = &mut file {
        if mode == Mode::Frozen { file.lock_shared() } else { file.lock() }.map_err(|error| failed("locked", error))?;
        file.read_to_string(&mut text).map_err(|error| failed("read", error))?;
    }
    let mut lock = Lock::parse(&text, path)?;
    lock.take(events, mode)?;
    let new = lock.print();
    if new == text {
        return Ok(());
    }
    match (mode, file) {
        (Mode::Frozen, _) | (_, None) => Err(lock.outdated(&text, &new)),
        (_, Some(file)) => write(file, &new).map_err(|error| failed("written", error)),
    }
}

fn write(mut file: File, text: &str) -> io::Result<()> {
    file.rewind()?;
    file.set_len(0)?;
    file.write_all(text.as_bytes())?;
    file.flush()
}

/// One entry of the file.
struct Entry {
    name: String,
    version: u32,
    /// None where the type has another event now.
    type_path: Option<String>,
    schema: Value,
}

struct Lock {
    path: PathBuf,
    entries: Vec<Entry>,
}

impl Lock {
    fn parse(text: &str, path: &Path) -> Result<Self, LockError> {
        let mut lock = Self { path: path.to_owned(), entries: Vec::new() };
        if text.trim().is_empty() {
            return Ok(lock);
        }
        let damaged = |problem: String| {
            let path = path.display();
            LockError(format!(
                "{path} is damaged ({problem}): take it from version control, or resolve the conflict in it"
            ))
        };
        let document: Value = serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?;
        if document.get("format").and_then(Value::as_u64).is_none_or(|format| format > FORMAT) {
            return Err(damaged(format!("`format` is not {FORMAT}; a newer `outbox` may have written it")));
        }
        for entry in document.get("events").and_then(Value::as_array).into_iter().flatten() {
            let read = || {
                Some(Entry {
                    name: entry.get("name")?.as_str()?.to_owned(),
                    version: entry.get("version")?.as_u64()?.try_into().ok()?,
                    type_path: entry.get("type").and_then(Value::as_str).map(str::to_owned),
                    schema: entry.get("schema")?.clone(),
                })
            };
            lock.entries.push(read().ok_or_else(|| damaged(format!("this is no event: {entry}")))?);
        }
        Ok(lock)
    }

    fn print(&self) -> String {
        let events = self.entries.iter().map(|entry| {
            let mut event = json!({ "name": entry.name, "version": entry.version, "schema": entry.schema });
            if let (Some(path), Some(event)) = (&entry.type_path, event.as_object_mut()) {
                event.insert("type".to_owned(), path.as_str().into());
            }
            event
        });
        let events: Vec<_> = events.collect();
        pretty(&sort(json!({ "about": ABOUT, "format": FORMAT, "events": events })))
    }

    /// Compares each event with its entry, and takes over what may be.
    fn take(&mut self, events: &[EventSchema], mode: Mode) -> Result<(), LockError> {
        let mut failures = Vec::new();
        for event in events {
            let schema = sort(event.schema.clone());
            let known =
                self.entries.iter_mut().find(|entry| entry.name == event.name && entry.version == event.version);
            if let Some(entry) = known {
                let problems = problems(&entry.schema, &schema);
                if problems.is_empty() {
                    entry.schema = schema;
                } else {
                    failures.push(incompatible(&self.path, event, &entry.schema, &schema, &problems));
                }
                continue;
            }
            match self.old_name(event) {
                Some(old) if mode != Mode::Accept => failures.push(renamed(&self.path, event, old)),
                _ => self.add(event, schema),
            }
        }
        self.entries.sort_by(|one, other| (&one.name, one.version).cmp(&(&other.name, other.version)));
        if failures.is_empty() { Ok(()) } else { Err(LockError(failures.join("\n"))) }
    }

    /// The name that the event's type had, if it has a name now that the file does not know.
    fn old_name(&self, event: &EventSchema) -> Option<&str> {
        if self.entries.iter().any(|entry| entry.name == event.name) {
            return None;
        }
        let same = self.entries.iter().find(|entry| entry.type_path.as_ref() == Some(&event.type_path));
        same.map(|entry| entry.name.as_str())
    }

    fn add(&mut self, event: &EventSchema, schema: Value) {
        for entry in &mut self.entries {
            if entry.type_path.as_ref() == Some(&event.type_path) && entry.name != event.name {
                entry.type_path = None;
            }
        }
        let EventSchema { type_path, name, version, .. } = event.clone();
        self.entries.push(Entry { name, version, type_path: Some(type_path), schema });
    }

    fn outdated(&self, old: &str, new: &str) -> LockError {
        let path = self.path.display();
        let diff = diff(old, new);
        LockError(format!(
            "{path} is not up to date, and with `CI` set it is not written:\n\n{diff}\n\
             what to do: run `cargo test` on your own machine and commit the file"
        ))
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn incompatible(path: &Path, event: &EventSchema, old: &Value, new: &Value, problems: &[String]) -> String {
    let EventSchema { type_path, name, version, .. } = event;
    let list: String = problems.iter().map(|problem| format!("  * {problem}\n")).collect();
    let (path, diff, next) = (path.display(), diff(&pretty(old), &pretty(new)), version.saturating_add(1));
    format!(
        "event `{name}` version {version} (`{type_path}`) is not what consumers of the schema in {path} can read:\n\
         {list}\n{diff}\n\
         what to do: put the old shape back, or write `version = {next}` on `{type_path}`, so that consumers can tell \
         them apart; if version {version} was never published, delete its entry from the file and run this test again"
    )
}

fn renamed(path: &Path, event: &EventSchema, old: &str) -> String {
    let EventSchema { type_path, name, .. } = event;
    let path = path.display();
    format!(
        "event `{old}` (`{type_path}`) is called `{name}` now, and consumers choose events by name ({path}):\n\n\
        \x20 - \"name\": \"{old}\"\n  + \"name\": \"{name}\"\n\n\
         what to do: write `name = \"{old}\"` again and raise `version` instead; or, if no consumer waits for the old \
         name, accept the new one by `OUTBOX_UPDATE_LOCK=1 cargo test`"
    )
}
