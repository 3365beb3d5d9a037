//! Roles with the least rights, for one log in PostgreSQL: who writes, who relays, who operates.
//!
//! They cannot log in; a service's own user is made a member (`GRANT … TO …`). The tables stay their owner's, who migrates.

use sqlx::{AssertSqlSafe, PgExecutor, PgPool};

use super::rights::{RELAY, Rights};
use super::{MigrateError, shielded};
use crate::qualify::TABLES;
use crate::{Ident, InvalidIdent};

/// `emit!`: records go in, and cannot be seen, changed or taken out again. Where they go is not the writer's to say.
const WRITER: [&str; 3] = [
    "INSERT (id, topic, key, headers, payload) ON outbox_log",
    "INSERT (due, id, topic, key, headers, payload) ON outbox_delayed",
    "USAGE ON SEQUENCE outbox_log_position_seq",
];

/// Operators: looking, marking parked records, adopting the log. No record is made or taken out.
const ADMIN: [&str; 6] = [
    "SELECT ON outbox_log, outbox_slot, outbox_cursor, outbox_incarnation, outbox_parked, outbox_skipped, outbox_delayed, \
     outbox_migrations",
    "SELECT ON SEQUENCE outbox_log_position_seq",
    "UPDATE (mark, sink_transaction) ON outbox_parked",
    "UPDATE (xid) ON outbox_log",
    "INSERT, UPDATE ON outbox_cursor",
    "DELETE ON outbox_incarnation",
];

/// The roles of one log: `…_writer`, `…_relay` and `…_admin`.
#[derive(Debug, Clone)]
pub struct Roles {
    schema: Ident,
    writer: Ident,
    relay: Ident,
    admin: Ident,
}

impl Roles {
    /// Roles for the log in `schema`, named `prefix_writer`, `prefix_relay` and `prefix_admin`. Roles are the cluster's,
    /// not the database's: logs with different writers need different prefixes.
    ///
    /// # Errors
    /// [`InvalidIdent`]: the prefix is too long.
    pub fn new(schema: &Ident, prefix: &Ident) -> Result<Self, InvalidIdent> {
        let role = |name: &str| Ident::new(&format!("{prefix}_{name}"));
        Ok(Self { schema: schema.clone(), writer: role("writer")?, relay: role("relay")?, admin: role("admin")? })
    }

    /// The same for the log in the current schema of `pool`.
    ///
    /// # Errors
    /// [`MigrateError::Database`]; also when there is no current schema, or its name is no [`Ident`].
    pub async fn in_current_schema(pool: &PgPool, prefix: &Ident) -> Result<Self, MigrateError> {
        let schema = current_schema(pool).await?.unwrap_or_default();
        let invalid = |error: InvalidIdent| MigrateError::Database(sqlx::Error::Configuration(error.into()));
        Self::new(&Ident::new(&schema).map_err(invalid)?, prefix).map_err(invalid)
    }

    /// For services that emit.
    pub fn writer(&self) -> &Ident {
        &self.writer
    }

    /// For the relay.
    pub fn relay(&self) -> &Ident {
        &self.relay
    }

    /// For operators, and the commands of `outbox` but `migrate`.
    pub fn admin(&self) -> &Ident {
        &self.admin
    }

    /// The statements: roles that are missing are made, and each has exactly these rights on the tables of the log after
    /// them. Run them as the owner of the tables, in one transaction; making roles needs CREATEROLE.
    pub fn sql(&self) -> String {
        let Self { schema, writer, relay, admin } = self;
        let mut sql = String::new();
        for role in [writer, relay, admin] {
            sql += &block(&format!("BEGIN CREATE ROLE \"{role}\" NOLOGIN; EXCEPTION WHEN duplicate_object THEN END"));
        }
        let all = format!("\"{writer}\", \"{relay}\", \"{admin}\"");
        let tables = TABLES.map(|table| format!("\"{schema}\".{table}")).join(", ");
        sql += &format!("GRANT USAGE ON SCHEMA \"{schema}\" TO {all};\n");
        sql += &format!("REVOKE ALL ON {tables} FROM {all};\n");
        sql += &format!("REVOKE ALL ON SEQUENCE \"{schema}\".outbox_log_position_seq FROM {all};\n");
        // Slots, and where rows go, may not be there: `ring`.
        let of_ring = |rights: &&Rights| rights.on.is_empty() || (rights.is_sequence && rights.is_of_ring);
        let always: Vec<_> = RELAY.iter().filter(|rights| !of_ring(rights)).map(granted).collect();
        let relays = always.iter().map(String::as_str).collect::<Vec<_>>();
        for (role, rights) in [(writer, &WRITER[..]), (relay, &relays[..]), (admin, &ADMIN[..])] {
            for right in rights {
                let right = right.replace("outbox_", &format!("\"{schema}\".outbox_"));
                sql += &format!("GRANT {right} TO \"{role}\";\n");
            }
        }
        sql += &self.ring();
        // Everybody may call it, unless the server was hardened.
        for role in [relay, admin] {
            sql += &block(&format!(
                "BEGIN IF NOT has_function_privilege('{role}', 'pg_control_system()', 'EXECUTE') THEN \
                 GRANT EXECUTE ON FUNCTION pg_control_system() TO \"{role}\"; END IF; END"
            ));
        }
        sql
    }

    /// Where the log is a ring: slots by their own names, and where new rows go. A role that owns none of this adds no slot.
    fn ring(&self) -> String {
        let Self { schema, writer, relay, admin } = self;
        let sequence = format!("\"{schema}\".outbox_log_slot_seq");
        let of =
            |on: &'static str| RELAY.iter().filter(move |rights| rights.on == on).map(move |it| it.rights.join(", "));
        let places: String = of("outbox_log_slot_seq")
            .map(|rights| format!("        GRANT {rights} ON SEQUENCE {sequence} TO \"{relay}\";\n"))
            .collect();
        let slots: String = of("")
            .map(|rights| format!("        EXECUTE 'GRANT {rights} ON ' || slot || ' TO \"{relay}\"';\n"))
            .collect();
        block(&format!(
            "DECLARE slot text; BEGIN
    IF to_regclass('{sequence}') IS NOT NULL THEN
        REVOKE ALL ON SEQUENCE {sequence} FROM \"{writer}\", \"{relay}\", \"{admin}\";
        GRANT SELECT ON SEQUENCE {sequence} TO \"{writer}\";
{places}        GRANT SELECT ON SEQUENCE {sequence} TO \"{admin}\";
    END IF;
    FOR slot IN SELECT inhrelid::regclass FROM pg_catalog.pg_inherits
                WHERE inhparent = '\"{schema}\".outbox_log'::regclass LOOP
        EXECUTE 'REVOKE ALL ON ' || slot || ' FROM \"{writer}\", \"{relay}\", \"{admin}\"';
{slots}    END LOOP;
END"
        ))
    }

    /// Runs [`Roles::sql`] in one transaction. Dropped, it goes on by itself.
    ///
    /// # Errors
    /// [`MigrateError::Database`]; nothing was changed then.
    pub async fn apply(&self, pool: &PgPool) -> Result<(), MigrateError> {
        let (sql, pool) = (self.sql(), pool.clone());
        shielded(async move {
            let mut tx = pool.begin().await?;
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *tx).await?;
            Ok(tx.commit().await?)
        })
        .await
    }
}

/// As GRANT takes them.
fn granted(rights: &Rights) -> String {
    let kind = if rights.is_sequence { "SEQUENCE " } else { "" };
    format!("{} ON {kind}{}", rights.rights.join(", "), rights.on)
}

/// A block of code, in dollars that are not in it: names may have some.
fn block(code: &str) -> String {
    let mut tag = "$".to_owned();
    while code.contains(&format!("{tag}$")) {
        tag.push('_');
    }
    format!("DO {tag}$ {code} {tag}$;\n")
}

async fn current_schema(executor: impl PgExecutor<'_>) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("SELECT current_schema()::text").persistent(false).fetch_one(executor).await
}
