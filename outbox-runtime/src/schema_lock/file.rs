//! `events.lock`: read, compared and written under a lock on the file itself.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use super::EventSchema;
use super::lock::Lock;

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
pub struct LockError(pub(super) String);

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
