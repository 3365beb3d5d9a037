//! What the catalog says of the tables: how positions are handed out, keys, and who sees rows.

use sqlx::PgExecutor;

use crate::doctor::finding::Finding;

/// Default of `position`, of `xid`, and the cache of the sequence.
pub(super) type Position = (Option<String>, Option<String>, Option<i64>);

/// W1.
pub(super) async fn position(executor: impl PgExecutor<'_>) -> sqlx::Result<Position> {
    sqlx::query_as(
        "SELECT (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d JOIN pg_attribute a
                     ON a.attrelid = d.adrelid AND a.attnum = d.adnum
                 WHERE d.adrelid = to_regclass('outbox_log') AND a.attname = 'position'),
                (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d JOIN pg_attribute a
                     ON a.attrelid = d.adrelid AND a.attnum = d.adnum
                 WHERE d.adrelid = to_regclass('outbox_log') AND a.attname = 'xid'),
                (SELECT seqcache FROM pg_sequence WHERE seqrelid = to_regclass('outbox_log_position_seq'))",
    )
    .fetch_one(executor)
    .await
}

pub(super) fn position_finding((position, xid, cache): Position) -> Vec<Finding> {
    let mut findings = Vec::new();
    let guarded = position.as_deref().is_some_and(|expression| {
        let before = expression.find("pg_current_xact_id() IS NOT NULL");
        before.zip(expression.find("nextval(")).is_some_and(|(xid, position)| xid < position)
    });
    if !guarded || xid.as_deref() != Some("pg_current_xact_id()") {
        let shown = position.as_deref().unwrap_or("none");
        findings.push(Finding::error(
            "OBX-143",
            format!("outbox_log.position has the default `{shown}`: a position may be taken before its xid, and the relay then skips events"),
            "set the defaults of `position` and `xid` as in `0001_outbox.sql`",
        ));
    }
    if cache != Some(1) {
        let shown = cache.map_or("is not there".to_owned(), |cache| format!("has CACHE {cache}"));
        findings.push(Finding::error(
            "OBX-143",
            format!("the sequence outbox_log_position_seq {shown}: positions are handed out of order, and events skipped or swapped"),
            "ALTER SEQUENCE outbox_log_position_seq CACHE 1",
        ));
    }
    findings
}

/// W2.
pub(super) async fn without_key(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c
         WHERE (c.oid = ANY (ARRAY[to_regclass('outbox_log'), to_regclass('outbox_slot'), to_regclass('outbox_cursor'),
                                   to_regclass('outbox_incarnation'), to_regclass('outbox_parked'),
                                   to_regclass('outbox_skipped'), to_regclass('outbox_delayed')]::oid[])
                OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass('outbox_log')))
           AND c.relkind = 'r' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
         ORDER BY 1",
    )
    .fetch_all(executor)
    .await
}

pub(super) fn key_finding(tables: &[String]) -> Option<Finding> {
    (!tables.is_empty()).then(|| {
        Finding::error(
            "OBX-145",
            format!(
                "{} without a primary key: under a publication FOR ALL TABLES the relay's writes fail",
                tables.join(", ")
            ),
            "add the primary keys of `0001_outbox.sql`",
        )
    })
}

/// R4.
pub(super) async fn persistence(executor: impl PgExecutor<'_>) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("SELECT relpersistence::text FROM pg_class WHERE oid = to_regclass('outbox_incarnation')")
        .fetch_optional(executor)
        .await
}

pub(super) fn persistence_finding(persistence: Option<String>) -> Option<Finding> {
    (persistence.as_deref() != Some("u")).then(|| {
        Finding::error(
            "OBX-147",
            "outbox_incarnation is not an UNLOGGED table: after a crash of the server events are taken for published that are not",
            "ALTER TABLE outbox_incarnation SET UNLOGGED, while no relay runs",
        )
    })
}

/// T23.
pub(super) async fn hidden(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT t.name FROM unnest(ARRAY['outbox_log', 'outbox_cursor', 'outbox_incarnation', 'outbox_parked',
                                         'outbox_skipped', 'outbox_delayed']) t(name)
         WHERE to_regclass(t.name) IS NOT NULL AND row_security_active(to_regclass(t.name)::oid)
         UNION ALL
         SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
         WHERE i.inhparent = to_regclass('outbox_log') AND row_security_active(c.oid)",
    )
    .fetch_all(executor)
    .await
}

pub(super) fn hidden_finding(tables: &[String]) -> Option<Finding> {
    (!tables.is_empty()).then(|| {
        Finding::error(
            "OBX-148",
            format!(
                "row-level security hides rows of {} from this role: their events are never published",
                tables.join(", ")
            ),
            "take the policies off the outbox tables, or give the relay's role BYPASSRLS",
        )
    })
}
