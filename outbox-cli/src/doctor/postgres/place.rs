//! Where the log stands: its sequence, its cursor and its cluster, and the topics of its records.

use sqlx::PgExecutor;

use crate::doctor::finding::Finding;

/// Last position handed out, newest in the log, `low` and `high` of the cursor.
pub(super) type Sequence = (i64, i64, i64, i64);

pub(super) async fn sequence(executor: impl PgExecutor<'_>) -> sqlx::Result<Option<Sequence>> {
    sqlx::query_as(
        "SELECT (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM outbox_log_position_seq),
                (SELECT coalesce(max(position), 0) FROM outbox_log), c.low, c.high
         FROM outbox_cursor c WHERE c.one",
    )
    .fetch_optional(executor)
    .await
}

pub(super) fn sequence_finding(found: Option<Sequence>) -> Option<Finding> {
    let Some((last, newest, low, high)) = found else {
        let what = "outbox_cursor has no row, and the relay does not know where it stands";
        return Some(Finding::error("OBX-127", what, "`outbox adopt` makes one, and publishes all that is in the log"));
    };
    let reached = newest.max(low).max(high);
    (last < reached).then(|| {
        Finding::error(
            "OBX-146",
            format!("the sequence outbox_log_position_seq stands at {last}, and positions up to {reached} were used: new events come behind the relay and are not published (logical replication carries no sequences)"),
            format!("SELECT setval('outbox_log_position_seq', {reached}), before anything is emitted"),
        )
    })
}

/// R6: of the cursor, and of this server.
pub(super) async fn clusters(executor: impl PgExecutor<'_>) -> sqlx::Result<Option<(i64, i64)>> {
    sqlx::query_as(
        "SELECT c.system_identifier, s.system_identifier FROM outbox_cursor c, pg_control_system() s WHERE c.one",
    )
    .fetch_optional(executor)
    .await
}

pub(super) fn cluster_finding(found: Option<(i64, i64)>) -> Option<Finding> {
    let (stored, actual) = found.filter(|(stored, actual)| stored != actual)?;
    Some(Finding::error(
        "OBX-126",
        format!(
            "the cursor was written on cluster {stored}, this is {actual}: a copy, which would publish its origin's backlog"
        ),
        "start no relay on a copy; if this database replaces its origin, adopt the log",
    ))
}

/// Topics of the newest records, and of those beside the log; a bounded number.
pub(in crate::doctor) async fn topics(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT DISTINCT topic FROM (
             (SELECT topic FROM outbox_log ORDER BY position DESC LIMIT 10000)
             UNION ALL (SELECT topic FROM outbox_parked ORDER BY position LIMIT 1000)
             UNION ALL (SELECT topic FROM outbox_delayed ORDER BY due LIMIT 1000)) t
         LIMIT 50",
    )
    .fetch_all(executor)
    .await
}
