//! A new slot (M2): made as a table of its own and attached, which takes no lock that a writer waits for. It gets the owner
//! and the rights of those before it: the next relay may be another role.

use sqlx::PgExecutor;

use super::{BEGIN, LOCK_TIMEOUT, run};
use crate::qualify::LogPool;

/// Adds slot `slot`, in the schema that the log is in.
pub(super) async fn add(pool: LogPool, slot: i16) -> sqlx::Result<()> {
    let mut tx = pool.pool.begin_with(BEGIN).await?;
    run(pool.on(&mut tx), LOCK_TIMEOUT).await?;
    let schema = schema(pool.on(&mut tx)).await?;
    let name = format!("{schema}.outbox_log_{slot}");
    // These texts name the schema themselves; it may have the name of a table, and must not be put in twice.
    run(&mut *tx, create(&schema, slot)).await?;
    for statement in rights(pool.on(&mut tx), &name).await? {
        run(&mut *tx, statement).await?;
    }
    run(&mut *tx, format!("ALTER TABLE {schema}.outbox_log ATTACH PARTITION {name} FOR VALUES IN ({slot})")).await?;
    run(&mut *tx, format!("INSERT INTO {schema}.outbox_slot (slot) VALUES ({slot}) ON CONFLICT DO NOTHING")).await?;
    tx.commit().await
}

/// The CHECK saves ATTACH from looking at rows.
fn create(schema: &str, slot: i16) -> String {
    format!(
        "CREATE TABLE {schema}.outbox_log_{slot} (
             LIKE {schema}.outbox_log INCLUDING DEFAULTS, PRIMARY KEY (position), CHECK (slot = {slot}))
         WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false)"
    )
}

/// The log's schema, quoted where it must be.
async fn schema(executor: impl PgExecutor<'_>) -> sqlx::Result<String> {
    sqlx::query_scalar(
        "SELECT relnamespace::regnamespace::text FROM pg_catalog.pg_class WHERE oid = 'outbox_log'::regclass",
    )
    .fetch_one(executor)
    .await
}

/// Statements after which the new table has the owner, where we may give it away, and the rights of the first slot, and none
/// that the schema's default privileges give.
async fn rights(executor: impl PgExecutor<'_>, name: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "WITH new AS (SELECT relowner, relacl, relnamespace FROM pg_catalog.pg_class WHERE oid = $1::regclass),
         first AS (
             SELECT l.relowner, l.relacl FROM pg_catalog.pg_inherits JOIN pg_catalog.pg_class l ON l.oid = inhrelid
             WHERE inhparent = 'outbox_log'::regclass ORDER BY length(l.relname), l.relname LIMIT 1),
         acl AS (
             SELECT 1 AS step, a.* FROM new, aclexplode(new.relacl) a
             UNION ALL SELECT 2, a.* FROM first, aclexplode(first.relacl) a),
         given AS (
             SELECT step, privilege_type, is_grantable,
                    CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS role
             FROM acl, first, new WHERE grantee NOT IN (first.relowner, new.relowner))
         SELECT text FROM (
             SELECT 0 AS step, format('ALTER TABLE %s OWNER TO %I', $1, pg_get_userbyid(first.relowner)) AS text
             FROM new, first
             WHERE new.relowner <> first.relowner
               AND ((SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
                    OR pg_has_role(first.relowner, 'MEMBER')
                   AND has_schema_privilege(first.relowner, new.relnamespace, 'CREATE'))
             UNION ALL SELECT DISTINCT step, format('REVOKE ALL ON %s FROM %s', $1, role) FROM given WHERE step = 1
             UNION ALL SELECT step, format('GRANT %s ON %s TO %s', privilege_type, $1, role)
                                    || CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
             FROM given WHERE step = 2) s
         ORDER BY step",
    )
    .bind(name)
    .fetch_all(executor)
    .await
}

/// Transactions that have written to the log, or are about to.
pub(super) async fn writers(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT DISTINCT virtualtransaction FROM pg_catalog.pg_locks
         WHERE locktype = 'relation' AND relation = 'outbox_log'::regclass AND mode = 'RowExclusiveLock'
           AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())",
    )
    .fetch_all(executor)
    .await
}
