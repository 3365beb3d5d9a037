//! What the server is set to do: what commits wait for, what vacuum leaves behind, what is published.

use sqlx::PgExecutor;

use crate::doctor::finding::Finding;

/// S4: where commits do not wait for the disk, as far as roles are concerned that may emit.
pub(super) async fn unsafe_commits(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT 'this session has ' || name || ' = off' FROM pg_settings
         WHERE name IN ('synchronous_commit', 'fsync', 'full_page_writes') AND setting = 'off'
         UNION ALL
         SELECT coalesce('role ' || r.rolname, 'every role') || coalesce(' in database ' || d.datname, '') || ' has ' || c
         FROM pg_db_role_setting s
              LEFT JOIN pg_database d ON d.oid = s.setdatabase
              LEFT JOIN pg_roles r ON r.oid = s.setrole,
              unnest(s.setconfig) c
         WHERE c = 'synchronous_commit=off' AND (s.setdatabase = 0 OR d.datname = current_database())
           AND (s.setrole = 0 OR has_any_column_privilege(s.setrole, to_regclass('outbox_log'), 'INSERT'))",
    )
    .fetch_all(executor)
    .await
}

pub(super) fn commit_finding(places: &[String]) -> Option<Finding> {
    (!places.is_empty()).then(|| {
        Finding::warning(
            "OBX-149",
            format!("{}: a crash may undo transactions whose events are published already", places.join(", ")),
            "leave it on where events are emitted",
        )
    })
}

/// M5: the oldest table that vacuum does not get to.
pub(super) async fn frozen(executor: impl PgExecutor<'_>) -> sqlx::Result<Option<(String, i32)>> {
    sqlx::query_as(
        "SELECT c.relname::text, age(c.relfrozenxid) FROM pg_class c
         WHERE c.relkind = 'r' AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('outbox_log'))
           AND c.relname LIKE 'outbox\\_%'
           AND age(c.relfrozenxid) > current_setting('autovacuum_freeze_max_age')::int
         ORDER BY 2 DESC LIMIT 1",
    )
    .fetch_optional(executor)
    .await
}

pub(super) fn frozen_finding(oldest: Option<(String, i32)>) -> Option<Finding> {
    oldest.map(|(table, age)| {
        Finding::warning(
            "OBX-150",
            format!("{table} was not frozen for {age} transactions, more than autovacuum_freeze_max_age: the server stops at 2 billion"),
            format!("VACUUM (FREEZE) {table}; if it does not help, end what holds transactions back"),
        )
    })
}

/// Publications with every slot of the ring, each under its own name.
pub(super) async fn publications(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        // One that names the slots gets no new one.
        "SELECT t.pubname::text
         FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_publication_tables t ON (t.schemaname, t.tablename) = (n.nspname, c.relname)
              JOIN pg_publication p ON p.pubname = t.pubname
         WHERE i.inhparent = to_regclass('outbox_log')
           AND NOT EXISTS (SELECT FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = c.oid)
         GROUP BY t.pubname
         HAVING count(*) = (SELECT count(*) FROM pg_inherits WHERE inhparent = to_regclass('outbox_log'))
         ORDER BY 1",
    )
    .fetch_all(executor)
    .await
}

/// M2: the log must grow rather than wrap, whoever follows.
pub(super) fn publication_finding(publications: &[String]) -> Option<Finding> {
    (!publications.is_empty()).then(|| {
        Finding::warning(
            "OBX-157",
            format!(
                "publication {} has the log's slots, and gets each slot that the log grows by: a subscriber without a table of that name stops",
                publications.join(", ")
            ),
            "publish the tables that are meant, or set `publish_via_partition_root`, or make the next slots at the subscriber beforehand",
        )
    })
}
