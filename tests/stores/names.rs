//! Schemas, and roles, whose names look like something in a statement.

use std::time::Instant;

use outbox_runtime::Ident;
use outbox_runtime::migrate::{Roles, migrate_schema};
use outbox_runtime::store::Store as _;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPoolOptions;
use uuid::Uuid;

use crate::harness::{Harness, notes};
use crate::postgres::Postgres;
use crate::relay::{PATIENCE, Relay, texts};
use crate::schemas::Named;

async fn named(name: &str) -> Named {
    let options = Postgres::server().options([("search_path", "pg_catalog")]);
    let pool = PgPoolOptions::new().max_connections(10).connect_with(options).await.expect("the server answers");
    let named = Named { pool, schema: name.parse().expect("a valid name") };
    named.sql("DROP SCHEMA IF EXISTS NAMED CASCADE").await;
    migrate_schema(&named.pool, &named.schema).await.expect("the schema is made");
    named
}

/// A schema with the name of a table, or with one in its name, is put into each statement once.
#[tokio::test(flavor = "multi_thread")]
async fn a_schema_may_have_the_name_of_a_table() {
    let unique = Uuid::now_v7().simple();
    for name in ["outbox_log", "outbox_cursor", &format!("a-outbox_slot-{unique}"), &format!("$$outbox_log$$-{unique}")]
    {
        let log = named(name).await;
        let prefix: Ident = format!("$$-{unique}").parse().expect("a valid name");
        let roles = Roles::new(&log.schema, &prefix).expect("valid names");
        roles.apply(&log.pool).await.unwrap_or_else(|error| panic!("{name}: {error}"));

        // All of a relay's work, with a slot that is added because none can be emptied.
        let mut reader = log.pool.begin().await.expect("a transaction");
        let look = format!("SELECT FROM \"{name}\".outbox_log");
        sqlx::raw_sql(AssertSqlSafe(look)).execute(&mut *reader).await.expect("a look at all slots");
        let mut relay = Relay::start(&log).await;
        let (start, mut written) = (Instant::now(), 0);
        while log.slots().await < 5 {
            assert!(start.elapsed() < PATIENCE, "{name}: no slot is added");
            log.append(notes(written..written + 1)).await;
            assert_eq!(texts(&relay.read_all(1, 10).await), [written.to_string()], "{name}");
            relay.settle().await;
            relay.store.make_room(&relay.lease).await.unwrap_or_else(|error| panic!("{name}: {error}"));
            written += 1;
        }
        relay.store.move_due(&relay.lease).await.expect("a move");
        relay.store.overview().await.expect("an overview");
        relay.store.adoption().await.expect("a look");
        reader.rollback().await.expect("a rollback");
        for role in [roles.writer(), roles.relay(), roles.admin()] {
            log.sql(&format!("DROP OWNED BY \"{role}\"; DROP ROLE \"{role}\"")).await;
        }
        log.finish().await;
    }
}
