//! Transactions that hold the server back.

use std::time::Duration;

use sqlx::PgExecutor;

use crate::doctor::finding::Finding;

/// Process, user, state, seconds open, and whether it has written.
pub(super) type Open = (i32, Option<String>, Option<String>, f64, bool);

/// R7.
pub(super) async fn transactions(executor: impl PgExecutor<'_>, old: Duration) -> sqlx::Result<Vec<Open>> {
    sqlx::query_as(
        "SELECT pid, usename::text, state, extract(epoch FROM clock_timestamp() - xact_start)::float8,
                backend_xid IS NOT NULL
         FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
           AND xact_start < clock_timestamp() - make_interval(secs => $1)
         ORDER BY xact_start LIMIT 5",
    )
    .bind(old.as_secs_f64())
    .fetch_all(executor)
    .await
}

pub(super) fn transaction_findings(open: Vec<Open>) -> Vec<Finding> {
    let finding = |(pid, user, state, seconds, writes): Open| {
        let does = if writes {
            "its own events wait for it, and every read of the log looks again at what came since"
        } else {
            "what it holds back is removed from no table"
        };
        let user = user.unwrap_or_default();
        let state = state.unwrap_or_default();
        Finding::warning(
            "OBX-151",
            format!("process {pid} of {user} ({state}) has a transaction open for {seconds:.0} s: {does}"),
            format!("let it end, or SELECT pg_terminate_backend({pid}); set idle_in_transaction_session_timeout"),
        )
    };
    open.into_iter().map(finding).collect()
}

pub(super) async fn prepared(executor: impl PgExecutor<'_>, old: Duration) -> sqlx::Result<Vec<(String, f64)>> {
    sqlx::query_as(
        "SELECT gid, extract(epoch FROM clock_timestamp() - prepared)::float8 FROM pg_prepared_xacts
         WHERE database = current_database() AND prepared < clock_timestamp() - make_interval(secs => $1)
         ORDER BY prepared LIMIT 5",
    )
    .bind(old.as_secs_f64())
    .fetch_all(executor)
    .await
}

pub(super) fn prepared_findings(prepared: Vec<(String, f64)>) -> Vec<Finding> {
    let finding = |(gid, seconds): (String, f64)| {
        Finding::warning(
            "OBX-152",
            format!(
                "the prepared transaction `{gid}` waits for {seconds:.0} s: nobody may remember it, its events wait, and it survives restarts"
            ),
            format!("COMMIT PREPARED '{gid}', or ROLLBACK PREPARED '{gid}'"),
        )
    };
    prepared.into_iter().map(finding).collect()
}
