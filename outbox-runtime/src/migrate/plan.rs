//! What to do next, from what the database has: the same rules for every database.

use super::{MigrateError, Migration};

/// The tables of the first file that a database without records is looked at for.
pub(super) const TABLES: [&str; 4] = ["outbox_log", "outbox_cursor", "outbox_parked", "outbox_delayed"];

/// A row of `outbox_migrations`: version and checksum.
pub(super) type Applied = (i64, String);

/// What one transaction is to do.
#[derive(Debug)]
pub(super) enum Step {
    /// Run the file and record it.
    Apply(&'static Migration),
    /// The file was applied by hand: record it only.
    Adopt(&'static Migration),
    /// All is there.
    Done,
}

/// The next step. `tables` says which of [`TABLES`] are there.
pub(super) fn next(
    files: &'static [Migration],
    applied: &[Applied],
    tables: [bool; TABLES.len()],
) -> Result<Step, MigrateError> {
    let known = newest(files);
    let found = applied.iter().map(|(version, _)| *version).max().unwrap_or(0);
    if found > known {
        return Err(MigrateError::Newer { found, known });
    }
    for (version, stored) in applied {
        if let Some(file) = files.iter().find(|file| file.version == *version) {
            check_text(file, stored)?;
        }
    }
    match files.iter().find(|file| file.version > found) {
        None => Ok(Step::Done),
        Some(file) if found == 0 && is_made_by_hand(tables)? => Ok(Step::Adopt(file)),
        Some(file) => Ok(Step::Apply(file)),
    }
}

/// Newest version of this program.
pub(super) fn newest(files: &[Migration]) -> i64 {
    files.last().map_or(0, |file| file.version)
}

/// A row without a checksum was written by hand, and is believed.
fn check_text(file: &Migration, stored: &str) -> Result<(), MigrateError> {
    let known = checksum(file.sql);
    if stored.is_empty() || stored == known {
        return Ok(());
    }
    Err(MigrateError::Changed { version: file.version, name: file.name, stored: stored.to_owned(), known })
}

/// All tables are there, or none; anything between needs a person.
fn is_made_by_hand(tables: [bool; TABLES.len()]) -> Result<bool, MigrateError> {
    let named = |there: bool| TABLES.iter().zip(tables).find(|(_, is_there)| *is_there == there).map(|(name, _)| *name);
    match (named(true), named(false)) {
        (Some(found), Some(missing)) => Err(MigrateError::Incomplete { found, missing }),
        (found, _) => Ok(found.is_some()),
    }
}

/// FNV-1a of 64 bits, in hex: it is to notice an edited file, not an attacker. Line ends do not count, since a checkout
/// may change them.
pub(super) fn checksum(text: &str) -> String {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = text.bytes().filter(|byte| *byte != b'\r').fold(0xcbf2_9ce4_8422_2325, mix);
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::{Migration, Step, checksum, next};
    use crate::migrate::MigrateError;

    static FILES: [Migration; 2] =
        [Migration { version: 1, name: "one", sql: "1" }, Migration { version: 2, name: "two", sql: "2" }];
    const NONE: [bool; 4] = [false; 4];
    const ALL: [bool; 4] = [true; 4];

    #[test]
    fn files_come_one_by_one() {
        let one = (1, checksum("1"));
        let two = (2, checksum("2"));
        assert!(matches!(next(&FILES, &[], NONE), Ok(Step::Apply(file)) if file.version == 1));
        assert!(matches!(next(&FILES, &[], ALL), Ok(Step::Adopt(file)) if file.version == 1));
        assert!(matches!(next(&FILES, std::slice::from_ref(&one), ALL), Ok(Step::Apply(file)) if file.version == 2));
        assert!(matches!(next(&FILES, &[one, two], ALL), Ok(Step::Done)));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(matches!(next(&FILES, &[(3, String::new())], ALL), Err(MigrateError::Newer { found: 3, known: 2 })));
        let edited = (1, checksum("other"));
        assert!(matches!(next(&FILES, &[edited], ALL), Err(MigrateError::Changed { version: 1, .. })));
        let some = next(&FILES, &[], [true, false, true, true]);
        assert!(matches!(some, Err(MigrateError::Incomplete { found: "outbox_log", missing: "outbox_cursor" })));
    }

    #[test]
    fn line_ends_do_not_count() {
        assert_eq!(checksum("a\r\nb"), checksum("a\nb"));
        assert_eq!(checksum("a"), "af63dc4c8601ec8c", "published value of FNV-1a");
    }
}
