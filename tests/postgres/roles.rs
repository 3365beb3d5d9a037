//! Roles: what a writer, a relay and an operator can do with their rights alone, and what they cannot.

use std::time::{Duration, Instant};

use outbox_runtime::Ident;
use outbox_runtime::Record;
use outbox_runtime::event::BoxError;
use outbox_runtime::migrate::{Roles, migrate_schema, missing_rights};
use outbox_runtime::store::{Acquired, Mark, ParkedRecord, ParkedState, PostgresStore, Settle, Store};
use outbox_runtime::transaction::Database as _;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

use crate::support::{LEASE, PATIENCE, Relay, payloads, server, sql};

/// A log with its roles, and a user in each of them.
struct Log {
    owner: PgPool,
    schema: Ident,
    roles: Roles,
    writer: PgPool,
    relay: PgPool,
    admin: PgPool,
}

impl Log {
    async fn new() -> Self {
        let owner = PgPoolOptions::new().max_connections(2).connect_with(server()).await.unwrap();
        let schema: Ident = format!("roles_{}", Uuid::now_v7().simple()).parse().unwrap();
        migrate_schema(&owner, &schema).await.unwrap();
        let roles = Roles::new(&schema, &schema).unwrap();
        // Twice: what is there already is put right.
        for _ in 0..2 {
            roles.apply(&owner).await.unwrap();
        }
        let user = async |role: &Ident| {
            let name = format!("{role}_user");
            sql(&owner, format!("CREATE ROLE {name} LOGIN IN ROLE \"{role}\"")).await;
            let options = server().username(&name).options([("search_path", schema.as_str())]);
            PgPoolOptions::new().max_connections(4).connect_with(options).await.unwrap()
        };
        let (writer, relay, admin) = (user(roles.writer()).await, user(roles.relay()).await, user(roles.admin()).await);
        Self { owner, schema, roles, writer, relay, admin }
    }

    fn store(&self, pool: &PgPool) -> PostgresStore {
        PostgresStore::builder(pool.clone()).schema(self.schema.clone()).slot_bytes(1).build()
    }

    /// Refused for want of a right, and nothing else.
    async fn refused(&self, pool: &PgPool, texts: &[&str]) {
        for text in texts {
            let error = sqlx::raw_sql(AssertSqlSafe((*text).to_owned())).execute(pool).await.expect_err(text);
            let code = error.as_database_error().and_then(|error| error.code());
            assert_eq!(code.as_deref(), Some("42501"), "{text}: {error}");
        }
    }

    async fn finish(self) {
        for pool in [&self.writer, &self.relay, &self.admin] {
            pool.close().await;
        }
        sql(&self.owner, format!("DROP SCHEMA \"{}\" CASCADE", self.schema)).await;
        for role in [self.roles.writer(), self.roles.relay(), self.roles.admin()] {
            sql(&self.owner, format!("DROP OWNED BY \"{role}\"; DROP ROLE \"{role}_user\", \"{role}\"")).await;
        }
    }
}

struct Note(u32);

impl outbox_runtime::Event for Note {
    fn name(&self) -> &'static str {
        "test.note"
    }
    fn version(&self) -> u32 {
        1
    }
    fn topic(&self) -> std::borrow::Cow<'_, str> {
        "notes".into()
    }
    fn key(&self) -> Option<Vec<u8>> {
        Some(b"k".to_vec())
    }
    fn encode(&self) -> Result<Option<Vec<u8>>, BoxError> {
        Ok(Some(self.0.to_string().into_bytes()))
    }
}

fn note(number: u32, delay: Option<Duration>) -> Record {
    let mut record = Record::new(&Note(number)).unwrap();
    record.delay = delay;
    record
}

async fn write(pool: &PgPool, records: &[Record]) {
    let mut tx = pool.begin().await.unwrap();
    sqlx::Postgres::insert(&mut tx, records).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_writes_and_nothing_else() {
    let log = Log::new().await;
    write(&log.writer, &[note(0, None), note(1, Some(Duration::from_secs(9)))]).await;
    let rows: (i64, i64) = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT (SELECT count(*) FROM {0}.outbox_log), (SELECT count(*) FROM {0}.outbox_delayed)",
        log.schema
    )))
    .fetch_one(&log.owner)
    .await
    .unwrap();
    assert_eq!(rows, (1, 1));
    let texts = [
        "SELECT FROM outbox_log",
        "SELECT FROM outbox_delayed",
        "UPDATE outbox_log SET topic = 'x'",
        "DELETE FROM outbox_log",
        "DELETE FROM outbox_delayed",
        "TRUNCATE outbox_log",
        "SELECT FROM outbox_cursor",
        "UPDATE outbox_cursor SET owner = NULL",
        "SELECT FROM outbox_parked",
        "INSERT INTO outbox_incarnation (id) VALUES (gen_random_uuid())",
        "SELECT setval('outbox_log_position_seq', 1)",
        "SELECT nextval('outbox_log_slot_seq')",
        "INSERT INTO outbox_log (xid, id, topic, headers) VALUES ('1', gen_random_uuid(), 't', '')",
        "INSERT INTO outbox_log (position, id, topic, headers) VALUES (7, gen_random_uuid(), 't', '')",
        "INSERT INTO outbox_log (slot, id, topic, headers) VALUES (3, gen_random_uuid(), 't', '')",
        "CREATE TABLE outbox_mine ()",
        "DROP TABLE outbox_log",
    ];
    log.refused(&log.writer, &texts).await;
    log.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_does_all_of_its_work_and_nothing_else() {
    let log = Log::new().await;
    assert_eq!(missing_rights(&log.relay).await.unwrap(), [""; 0], "who looks and who grants have one list");
    sql(&log.owner, format!("REVOKE UPDATE ON {0}.outbox_slot FROM {0}_relay", log.schema)).await;
    assert_eq!(missing_rights(&log.relay).await.unwrap(), ["UPDATE on outbox_slot"]);
    log.roles.apply(&log.owner).await.unwrap();
    // As a copy of the schema alone has it: the relay puts the cursor there.
    sql(&log.owner, format!("DELETE FROM {}.outbox_cursor", log.schema)).await;
    let store = log.store(&log.relay);
    let Acquired::Taken(lease) = store.acquire(Uuid::now_v7(), LEASE).await.unwrap() else { panic!("it is free") };
    write(&log.writer, &[note(0, None), note(1, None), note(2, Some(Duration::ZERO))]).await;
    let cursor = store.load(&lease).await.unwrap().cursor;
    assert_eq!(store.move_due(&lease).await.unwrap(), 1);
    let page = store.read(&lease, &cursor, 10).await.unwrap();
    assert_eq!(payloads(&page.records), ["0", "1", "2"]);
    let parked = |record: &outbox_runtime::store::StoredRecord, state| ParkedRecord {
        record: record.clone(),
        state,
        cause: "a test".to_owned(),
    };
    let park = page.records.iter().map(|record| parked(record, ParkedState::Failed)).collect();
    store.settle(&lease, Settle { cursor: Some(page.end.clone()), park, unpark: vec![] }).await.unwrap();
    store.settle(&lease, Settle { cursor: Some(page.end), park: vec![], unpark: vec![] }).await.unwrap();
    store.renew(&lease, LEASE).await.unwrap();

    let admin = log.store(&log.admin);
    let ids: Vec<Uuid> = page.records.iter().map(|record| record.id).collect();
    assert_eq!(admin.mark(&ids[..1], Mark::Skip).await.unwrap(), 1);
    assert_eq!(admin.mark(&ids[1..2], Mark::Retry).await.unwrap(), 1);
    let commands = store.take_commands(&lease).await.unwrap();
    assert_eq!((commands.skip.len(), payloads(&commands.retried)), (1, vec!["1".to_owned()]));
    assert!(store.skip(&lease, commands.skip[0]).await.unwrap());
    let again = vec![parked(&page.records[1], ParkedState::Failed)];
    store.settle(&lease, Settle { cursor: None, park: again, unpark: vec![page.records[2].position] }).await.unwrap();
    assert_eq!(store.make_room(&lease).await.unwrap(), 3);
    store.overview().await.unwrap();
    store.release(&lease).await.unwrap();

    let texts = [
        "UPDATE outbox_log SET topic = 'x'",
        "TRUNCATE outbox_log",
        "DELETE FROM outbox_cursor",
        "DELETE FROM outbox_incarnation",
        "SELECT FROM outbox_skipped",
        "DELETE FROM outbox_skipped",
        "UPDATE outbox_delayed SET topic = 'x'",
        "INSERT INTO outbox_delayed (due, id, topic, headers) VALUES (now(), gen_random_uuid(), 't', '')",
        "INSERT INTO outbox_migrations (version, name) VALUES (9, 'x')",
        "SELECT setval('outbox_log_position_seq', 1)",
        "CREATE TABLE outbox_mine ()",
        "DROP TABLE outbox_parked",
    ];
    log.refused(&log.relay, &texts).await;
    log.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_looks_marks_and_adopts_and_nothing_else() {
    let log = Log::new().await;
    write(&log.writer, &[note(0, None)]).await;
    let store = log.store(&log.admin);
    assert_eq!(store.overview().await.unwrap().backlog_records, 1);
    assert!(store.parked(0, 10).await.unwrap().is_empty());
    sql(&log.owner, format!("UPDATE {}.outbox_cursor SET system_identifier = 7", log.schema)).await;
    assert!(store.adoption().await.unwrap().is_needed());
    assert_eq!(store.adopt().await.unwrap().records, 1);
    assert!(!store.adoption().await.unwrap().is_needed());
    let texts = [
        "INSERT INTO outbox_log (id, topic, headers) VALUES (gen_random_uuid(), 't', '')",
        "UPDATE outbox_log SET payload = NULL",
        "DELETE FROM outbox_log",
        "TRUNCATE outbox_log",
        "UPDATE outbox_parked SET state = 'auto'",
        "DELETE FROM outbox_parked",
        "DELETE FROM outbox_skipped",
        "DELETE FROM outbox_cursor",
        "SELECT setval('outbox_log_position_seq', 1)",
        "DROP TABLE outbox_log",
    ];
    log.refused(&log.admin, &texts).await;
    log.finish().await;
}

/// Rights that somebody gave by hand are taken back.
#[tokio::test(flavor = "multi_thread")]
async fn applied_again_the_rights_are_exact() {
    let log = Log::new().await;
    sql(&log.owner, format!("GRANT SELECT ON {}.outbox_log TO \"{}\"", log.schema, log.roles.writer())).await;
    let select = "SELECT FROM outbox_log";
    sql(&log.writer, select).await;
    log.roles.apply(&log.owner).await.unwrap();
    log.refused(&log.writer, &[select]).await;
    log.finish().await;
}

/// M2: a slot that the owner's relay has added is one for the relay's role as well, and for nobody who has no right to the
/// others.
#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_was_added_has_the_rights_of_those_before() {
    let log = Log::new().await;
    let (schema, owner) = (&log.schema, format!("{}_owner", log.schema));
    sql(&log.owner, format!("ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO {schema}_writer"))
        .await;
    sql(&log.owner, format!("CREATE ROLE {owner}")).await;
    for table in ["", "_0", "_1", "_2", "_3"] {
        sql(&log.owner, format!("ALTER TABLE {schema}.outbox_log{table} OWNER TO {owner}")).await;
    }
    // It keeps all slots from being emptied.
    let mut reader = log.admin.begin().await.unwrap();
    sql(&mut *reader, "SELECT FROM outbox_log").await;
    let relay = Relay::with(log.store(&log.owner), log.relay.clone()).await.unwrap();
    let (start, mut written) = (Instant::now(), 0);
    let count = format!("SELECT count(*) FROM {schema}.outbox_log WHERE slot = 4");
    while sqlx::query_scalar::<_, i64>(AssertSqlSafe(count.clone())).fetch_one(&log.owner).await.unwrap() == 0 {
        assert!(start.elapsed() < PATIENCE, "no slot was added");
        write(&log.writer, &[note(written, None)]).await;
        written += 1;
        relay.make_room().await;
    }
    reader.rollback().await.unwrap();
    relay.store.release(&relay.lease).await.unwrap();

    let rights = async |slot: i16| -> (String, Vec<String>) {
        sqlx::query_as(AssertSqlSafe(format!(
            "SELECT relowner::regrole::text, array(SELECT concat_ws(' ', grantee::regrole, privilege_type, is_grantable)
                    FROM aclexplode(relacl) ORDER BY 1)
             FROM pg_class WHERE oid = '{schema}.outbox_log_{slot}'::regclass"
        )))
        .fetch_one(&log.owner)
        .await
        .unwrap()
    };
    assert_eq!(rights(4).await, rights(0).await);
    assert_eq!(rights(4).await.0, owner);

    let mut relay = Relay::with(log.store(&log.relay), log.relay.clone()).await.unwrap();
    let all: Vec<_> = (0..written).map(|number| number.to_string()).collect();
    assert_eq!(relay.deliver().await, all, "the slot that was added is read");
    while sqlx::query_scalar::<_, i64>(AssertSqlSafe(count.clone())).fetch_one(&log.owner).await.unwrap() > 0 {
        assert!(start.elapsed() < PATIENCE, "the slot that was added is not emptied");
        relay.make_room().await;
        write(&log.writer, &[note(written, None)]).await;
        relay.deliver().await;
    }
    relay.store.release(&relay.lease).await.unwrap();
    let admin = log.owner.clone();
    log.finish().await;
    sql(&admin, format!("DROP ROLE {owner}")).await;
}
