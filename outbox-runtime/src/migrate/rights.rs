//! What a relay needs: the one list of it, for those who grant it and for those who look what is missing.

use sqlx::PgExecutor;

/// Rights on one table or sequence.
pub(super) struct Rights {
    /// Its name; empty: each slot of the ring.
    pub(super) on: &'static str,
    /// As GRANT takes them, a column in parentheses behind.
    pub(super) rights: &'static [&'static str],
    pub(super) is_sequence: bool,
    /// Of a ring only: with a plain log nothing of it is used.
    pub(super) is_of_ring: bool,
}

/// The relay: what a [`Store`](crate::store::Store) does. UPDATE on `place`, which nobody can change, is what SELECT …
/// FOR UPDATE asks for.
pub(super) const RELAY: [Rights; 12] = [
    table("outbox_log", &["SELECT", "INSERT", "DELETE"]),
    table("outbox_cursor", &["SELECT", "INSERT", "UPDATE"]),
    of_ring(table("outbox_cursor", &["TRUNCATE"])),
    of_ring(table("outbox_slot", &["SELECT", "INSERT", "UPDATE"])),
    of_ring(table("", &["SELECT", "TRUNCATE"])),
    of_ring(sequence("outbox_log_slot_seq", &["SELECT", "UPDATE"])),
    table("outbox_incarnation", &["SELECT", "INSERT"]),
    table("outbox_parked", &["SELECT", "INSERT", "UPDATE", "DELETE"]),
    table("outbox_skipped", &["INSERT"]),
    table("outbox_delayed", &["SELECT", "UPDATE (place)", "DELETE"]),
    table("outbox_migrations", &["SELECT"]),
    sequence("outbox_log_position_seq", &["SELECT", "USAGE"]),
];

const fn table(on: &'static str, rights: &'static [&'static str]) -> Rights {
    Rights { on, rights, is_sequence: false, is_of_ring: false }
}

const fn sequence(on: &'static str, rights: &'static [&'static str]) -> Rights {
    Rights { is_sequence: true, ..table(on, rights) }
}

const fn of_ring(rights: Rights) -> Rights {
    Rights { is_of_ring: true, ..rights }
}

/// What a relay needs of the PostgreSQL log in the search path and the current role does not have, such as `DELETE on
/// outbox_log`. Nothing is said of tables that are not there.
///
/// # Errors
/// What the database says.
pub async fn missing_rights(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
    let all = || RELAY.iter().flat_map(|on| on.rights.iter().map(move |right| (on, *right)));
    let column = |right: &'static str| right.split_once(" (").map(|(_, column)| column.trim_end_matches(')'));
    let names: Vec<_> = all().map(|(on, _)| on.on).collect();
    let rights: Vec<_> = all().map(|(_, right)| right).collect();
    let columns: Vec<_> = all().map(|(_, right)| column(right)).collect();
    let are_sequences: Vec<_> = all().map(|(on, _)| on.is_sequence).collect();
    let are_of_ring: Vec<_> = all().map(|(on, _)| on.is_of_ring).collect();
    sqlx::query_scalar(
        "WITH needed AS (
             SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bool[], $5::bool[])
                           WITH ORDINALITY n (name, privilege, col, is_sequence, is_of_ring, place)),
         there AS (
             SELECT place, name, to_regclass(name)::oid AS oid, privilege, col, is_sequence FROM needed
             WHERE name <> '' AND (NOT is_of_ring OR to_regclass('outbox_log_slot_seq') IS NOT NULL)
             UNION ALL
             SELECT place, c.relname::text, c.oid, privilege, col, is_sequence
             FROM needed, pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
             WHERE name = '' AND i.inhparent = to_regclass('outbox_log'))
         SELECT missing FROM (
             SELECT place, privilege || ' on ' || CASE WHEN is_sequence THEN 'sequence ' ELSE '' END || name AS missing
             FROM there
             WHERE oid IS NOT NULL AND NOT CASE
                 WHEN is_sequence THEN has_sequence_privilege(oid, privilege)
                 WHEN col IS NOT NULL THEN has_column_privilege(oid, col, split_part(privilege, ' ', 1))
                 ELSE has_table_privilege(oid, privilege) END
             UNION ALL
             SELECT 1000, 'EXECUTE on function pg_control_system()'
             WHERE NOT has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')) m
         ORDER BY place, missing",
    )
    .bind(names)
    .bind(rights)
    .bind(columns)
    .bind(are_sequences)
    .bind(are_of_ring)
    .fetch_all(executor)
    .await
}
