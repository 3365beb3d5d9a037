//! What `events.lock` says: its entries, and what becomes of them when the events are compared with it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::compare::problems;
use super::diff::diff;
use super::schema::sort;
use super::{EventSchema, LockError, Mode};

const ABOUT: &str =
    "Schemas of this crate's events, written by `cargo test` for `#[event(schema_lock)]`. Commit this file.";
/// Version of the file's layout.
const FORMAT: u64 = 1;

/// One entry of the file.
struct Entry {
    name: String,
    version: u32,
    /// None where the type has another event now.
    type_path: Option<String>,
    schema: Value,
}

pub(super) struct Lock {
    path: PathBuf,
    entries: Vec<Entry>,
}

impl Lock {
    pub(super) fn parse(text: &str, path: &Path) -> Result<Self, LockError> {
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

    pub(super) fn print(&self) -> String {
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
    pub(super) fn take(&mut self, events: &[EventSchema], mode: Mode) -> Result<(), LockError> {
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

    pub(super) fn outdated(&self, old: &str, new: &str) -> LockError {
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
