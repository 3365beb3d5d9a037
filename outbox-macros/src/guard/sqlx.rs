//! sqlx's methods and types, by their names.

use proc_macro2::Ident;

/// Whether a method of this name takes an executor, or is one of an executor.
pub(crate) fn executes(method: &Ident) -> bool {
    STATEMENTS.iter().any(|name| method == name)
}

/// Whether a method of this name begins something of its own, on a pool or a connection.
pub(super) fn opens(method: &Ident) -> bool {
    OPENINGS.iter().any(|name| method == name)
}

/// Whether a type or trait of this name has those, as written before `::`.
pub(super) fn is_executor(owner: &Ident) -> bool {
    EXECUTORS.iter().any(|name| owner == name)
}

/// Whether a type of this name is a statement, as written before `::`.
pub(super) fn is_query(owner: &Ident) -> bool {
    ["Query", "QueryAs", "QueryScalar", "Map", "RawSql"].iter().any(|name| owner == name)
}

const STATEMENTS: [&str; 7] =
    ["execute", "execute_many", "fetch", "fetch_many", "fetch_all", "fetch_one", "fetch_optional"];

const OPENINGS: [&str; 9] = [
    "begin",
    "begin_with",
    "try_begin",
    "try_begin_with",
    "acquire",
    "try_acquire",
    "prepare",
    "copy_in_raw",
    "copy_out_raw",
];

const EXECUTORS: [&str; 12] = [
    "Executor",
    "Acquire",
    "Connection",
    "Pool",
    "PgPool",
    "SqlitePool",
    "MySqlPool",
    "AnyPool",
    "PgConnection",
    "SqliteConnection",
    "MySqlConnection",
    "PoolConnection",
];
