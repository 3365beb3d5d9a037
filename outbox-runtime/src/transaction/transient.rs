//! Errors after which the same transaction may succeed: it lost against another one, and nothing of it is left.

use std::error::Error as StdError;

use sqlx::error::DatabaseError;

use crate::Error;

/// Says of a handler's error whether `retry = N` runs the handler again.
///
/// Implement it for an error type that is no `std::error::Error`, or to decide differently from
/// [`is_transient`]; an implementation comes first.
pub trait Retryable {
    /// Whether another attempt may succeed.
    fn is_retryable(&self) -> bool;
}

/// Whether `error`, or one in its source chain, is a serialization failure or a deadlock: SQLSTATE 40001 or 40P01, MySQL's
/// 1213 or 1205, SQLite's BUSY (5) or BUSY_SNAPSHOT (517). A COMMIT of unknown outcome never is.
pub fn is_transient(error: &(dyn StdError + 'static)) -> bool {
    if matches!(Error::find(error), Some(Error::CommitUnknown { .. })) {
        return false;
    }
    std::iter::successors(Some(error), |&error| error.source()).any(|error| {
        if let Some(error) = error.downcast_ref::<sqlx::Error>() {
            is_databases(error)
        } else if let Some(Error::Database(error)) = error.downcast_ref::<Error>() {
            is_databases(error)
        } else if let Some(error) = error.downcast_ref::<Box<dyn DatabaseError>>() {
            // The source of an `sqlx::Error` that a transparent error hides.
            lost(&**error)
        } else {
            false
        }
    })
}

/// The same for an error of ours.
pub(super) fn is_ours(error: &Error) -> bool {
    is_transient(error)
}

fn is_databases(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(lost)
}

fn lost(error: &dyn DatabaseError) -> bool {
    match error.code().as_deref() {
        // SQLSTATE 40001 is MySQL's 1213 too.
        Some("40001" | "40P01") => true,
        Some("5" | "517") => true,
        // MySQL's 1205 has no SQLSTATE of its own.
        Some("HY000") => error.message().starts_with("Lock wait timeout exceeded"),
        _ => false,
    }
}
