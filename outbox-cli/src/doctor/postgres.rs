//! What a PostgreSQL database can have. Each check is one statement; those of the catalog come first, because they need no
//! rights on the tables.

use std::time::Duration;

use outbox_runtime::migrate::check_schema;
use sqlx::{PgExecutor, PgPool, Postgres};

use super::finding::Finding;
use super::sqlite::schema;

/// Whether rows may be looked at.
pub(super) async fn examine(pool: &PgPool, old: Duration, findings: &mut Vec<Finding>) -> bool {
    match is_standby(pool).await {
        Ok(false) => {}
        Ok(true) => {
            findings.push(Finding::error(
                "OBX-125",
                "this server is a standby: snapshots there are not safe to read from",
                "connect to the primary, or to the name that follows it",
            ));
            return false;
        }
        Err(error) => findings.push(Finding::unknown("whether this is the primary", &error)),
    }
    let found = rights(pool).await;
    let lacking = matches!(&found, Ok(lacking) if !lacking.is_empty());
    note(findings, "the rights", found.map(|lacking| rights_finding(&lacking)));
    if !lacking && let Err(error) = check_schema::<Postgres>(pool).await {
        findings.push(schema(&error));
        return false;
    }
    note(findings, "the default of outbox_log.position", position(pool).await.map(position_finding));
    note(findings, "primary keys", without_key(pool).await.map(|tables| key_finding(&tables)));
    note(findings, "outbox_incarnation", persistence(pool).await.map(persistence_finding));
    note(findings, "row-level security", hidden(pool).await.map(|tables| hidden_finding(&tables)));
    note(findings, "what commits wait for", unsafe_commits(pool).await.map(|places| commit_finding(&places)));
    note(findings, "the age of the tables", frozen(pool).await.map(frozen_finding));
    note(findings, "open transactions", transactions(pool, old).await.map(transaction_findings));
    note(findings, "prepared transactions", prepared(pool, old).await.map(prepared_findings));
    if lacking {
        return false;
    }
    note(findings, "the sequence", sequence(pool).await.map(sequence_finding));
    note(findings, "the cluster", clusters(pool).await.map(cluster_finding));
    true
}

fn note(findings: &mut Vec<Finding>, subject: &str, found: sqlx::Result<impl IntoIterator<Item = Finding>>) {
    match found {
        Ok(found) => findings.extend(found),
        Err(error) => findings.push(Finding::unknown(subject, &error)),
    }
}

async fn is_standby(executor: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT pg_is_in_recovery()").fetch_one(executor).await
}

/// What a relay needs and this role does not have; nothing of tables that are not there.
async fn rights(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT r.privilege || ' on ' || r.name
         FROM (VALUES ('outbox_log', 'SELECT'), ('outbox_log', 'INSERT'), ('outbox_log', 'DELETE'),
                      ('outbox_cursor', 'SELECT'), ('outbox_cursor', 'UPDATE'),
                      ('outbox_incarnation', 'SELECT'), ('outbox_incarnation', 'INSERT'),
                      ('outbox_parked', 'SELECT'), ('outbox_parked', 'INSERT'), ('outbox_parked', 'UPDATE'),
                      ('outbox_parked', 'DELETE'), ('outbox_skipped', 'INSERT'),
                      ('outbox_delayed', 'SELECT'), ('outbox_delayed', 'DELETE')) r(name, privilege)
         WHERE to_regclass(r.name) IS NOT NULL AND NOT has_table_privilege(to_regclass(r.name), r.privilege)
         UNION ALL
         SELECT r.privilege || ' on ' || r.name
         FROM (SELECT c.oid, c.relname::text, p FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid,
                      unnest(ARRAY['SELECT', 'TRUNCATE']) p
               WHERE i.inhparent = to_regclass('outbox_log')
               UNION ALL
               SELECT to_regclass(name)::oid, name, p
               FROM (VALUES ('outbox_cursor', 'TRUNCATE'), ('outbox_slot', 'SELECT'), ('outbox_slot', 'INSERT'),
                            ('outbox_slot', 'UPDATE')) v(name, p)
               WHERE to_regclass('outbox_log_slot_seq') IS NOT NULL AND to_regclass(name) IS NOT NULL
              ) r(oid, name, privilege)
         WHERE NOT has_table_privilege(r.oid, r.privilege)
         UNION ALL
         SELECT 'SELECT and UPDATE on sequence outbox_log_slot_seq'
         WHERE to_regclass('outbox_log_slot_seq') IS NOT NULL
           AND NOT (has_sequence_privilege(to_regclass('outbox_log_slot_seq')::oid, 'SELECT')
                    AND has_sequence_privilege(to_regclass('outbox_log_slot_seq')::oid, 'UPDATE'))
         UNION ALL
         SELECT 'SELECT and USAGE on sequence outbox_log_position_seq'
         WHERE to_regclass('outbox_log_position_seq') IS NOT NULL
           AND NOT (has_sequence_privilege('outbox_log_position_seq', 'SELECT')
                    AND has_sequence_privilege('outbox_log_position_seq', 'USAGE'))",
    )
    .fetch_all(executor)
    .await
}

fn rights_finding(lacking: &[String]) -> Option<Finding> {
    (!lacking.is_empty()).then(|| {
        Finding::error(
            "OBX-144",
            format!("this role cannot relay the log, it lacks {}", lacking.join(", ")),
            "GRANT it, or run the relay as the owner of the tables",
        )
    })
}

/// Default of `position`, of `xid`, and the cache of the sequence.
type Position = (Option<String>, Option<String>, Option<i64>);

/// W1.
async fn position(executor: impl PgExecutor<'_>) -> sqlx::Result<Position> {
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

fn position_finding((position, xid, cache): Position) -> Vec<Finding> {
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
async fn without_key(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
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

fn key_finding(tables: &[String]) -> Option<Finding> {
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
async fn persistence(executor: impl PgExecutor<'_>) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("SELECT relpersistence::text FROM pg_class WHERE oid = to_regclass('outbox_incarnation')")
        .fetch_optional(executor)
        .await
}

fn persistence_finding(persistence: Option<String>) -> Option<Finding> {
    (persistence.as_deref() != Some("u")).then(|| {
        Finding::error(
            "OBX-147",
            "outbox_incarnation is not an UNLOGGED table: after a crash of the server events are taken for published that are not",
            "ALTER TABLE outbox_incarnation SET UNLOGGED, while no relay runs",
        )
    })
}

/// T23.
async fn hidden(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
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

fn hidden_finding(tables: &[String]) -> Option<Finding> {
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

/// S4: where commits do not wait for the disk, as far as roles are concerned that may emit.
async fn unsafe_commits(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
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
           AND (s.setrole = 0 OR has_table_privilege(s.setrole, to_regclass('outbox_log'), 'INSERT'))",
    )
    .fetch_all(executor)
    .await
}

fn commit_finding(places: &[String]) -> Option<Finding> {
    (!places.is_empty()).then(|| {
        Finding::warning(
            "OBX-149",
            format!("{}: a crash may undo transactions whose events are published already", places.join(", ")),
            "leave it on where events are emitted",
        )
    })
}

/// M5: the oldest table that vacuum does not get to.
async fn frozen(executor: impl PgExecutor<'_>) -> sqlx::Result<Option<(String, i32)>> {
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

fn frozen_finding(oldest: Option<(String, i32)>) -> Option<Finding> {
    oldest.map(|(table, age)| {
        Finding::warning(
            "OBX-150",
            format!("{table} was not frozen for {age} transactions, more than autovacuum_freeze_max_age: the server stops at 2 billion"),
            format!("VACUUM (FREEZE) {table}; if it does not help, end what holds transactions back"),
        )
    })
}

/// Process, user, state, seconds open, and whether it has written.
type Open = (i32, Option<String>, Option<String>, f64, bool);

/// R7.
async fn transactions(executor: impl PgExecutor<'_>, old: Duration) -> sqlx::Result<Vec<Open>> {
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

fn transaction_findings(open: Vec<Open>) -> Vec<Finding> {
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

async fn prepared(executor: impl PgExecutor<'_>, old: Duration) -> sqlx::Result<Vec<(String, f64)>> {
    sqlx::query_as(
        "SELECT gid, extract(epoch FROM clock_timestamp() - prepared)::float8 FROM pg_prepared_xacts
         WHERE database = current_database() AND prepared < clock_timestamp() - make_interval(secs => $1)
         ORDER BY prepared LIMIT 5",
    )
    .bind(old.as_secs_f64())
    .fetch_all(executor)
    .await
}

fn prepared_findings(prepared: Vec<(String, f64)>) -> Vec<Finding> {
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

/// Last position handed out, newest in the log, `low` and `high` of the cursor.
type Sequence = (i64, i64, i64, i64);

async fn sequence(executor: impl PgExecutor<'_>) -> sqlx::Result<Option<Sequence>> {
    sqlx::query_as(
        "SELECT (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM outbox_log_position_seq),
                (SELECT coalesce(max(position), 0) FROM outbox_log), c.low, c.high
         FROM outbox_cursor c WHERE c.one",
    )
    .fetch_optional(executor)
    .await
}

fn sequence_finding(found: Option<Sequence>) -> Option<Finding> {
    let Some((last, newest, low, high)) = found else {
        let what = "outbox_cursor has no row, and the relay does not know where it stands";
        return Some(Finding::error(
            "OBX-127",
            what,
            "insert one as in `0001_outbox.sql`: it publishes all that is in the log",
        ));
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
async fn clusters(executor: impl PgExecutor<'_>) -> sqlx::Result<Option<(i64, i64)>> {
    sqlx::query_as(
        "SELECT c.system_identifier, s.system_identifier FROM outbox_cursor c, pg_control_system() s WHERE c.one",
    )
    .fetch_optional(executor)
    .await
}

fn cluster_finding(found: Option<(i64, i64)>) -> Option<Finding> {
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
pub(super) async fn topics(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
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
