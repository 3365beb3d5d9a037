//! `outbox doctor`: each thing is broken, in a schema, cluster or broker of the test's own, and found.

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

use crate::broker::{Access, Broker};
use crate::cluster::Cluster;
use crate::support::{Run, outbox, outbox_without, server};

/// Looks at no broker but those that are named.
fn doctor(args: &[&str]) -> Run {
    outbox_without(&["KAFKA_BROKERS"], &[&["doctor"], args].concat())
}

/// What the doctor says of `url`, as JSON.
fn findings(url: &str, more: &[&str]) -> Vec<Value> {
    let run = doctor(&[&["--json", "--database-url", url], more].concat());
    let findings: Vec<Value> = run.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(run.code, i32::from(!findings.is_empty()), "{}{}", run.out, run.err);
    for finding in &findings {
        assert!(["error", "warning"].contains(&finding["severity"].as_str().expect("a severity")), "{finding}");
        assert!(
            ["what", "remedy"].iter().all(|it| finding[it].as_str().is_some_and(|text| text.len() > 10)),
            "{finding}"
        );
    }
    findings
}

fn codes(findings: &[Value]) -> Vec<String> {
    let mut codes: Vec<_> =
        findings.iter().map(|finding| finding["code"].as_str().expect("a code").replace("OBX-", "")).collect();
    codes.sort();
    codes.dedup();
    codes
}

async fn sql(pool: &PgPool, text: &str) {
    let done = sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(pool).await;
    done.unwrap_or_else(|error| panic!("{text}: {error}"));
}

/// A new schema with the outbox tables: its name, its URL, and a pool in it.
async fn schema() -> (String, String, PgPool) {
    let name = format!("doctor_{}", Uuid::now_v7().simple());
    let base = server("DATABASE_URL");
    let admin = PgPool::connect(&base).await.expect("DATABASE_URL can be reached");
    sql(&admin, &format!("CREATE SCHEMA {name}")).await;
    let url = format!("{base}{}options[search_path]={name}", if base.contains('?') { '&' } else { '?' });
    assert_eq!(outbox(&["migrate", "--database-url", &url]).code, 0);
    let pool = PgPool::connect(&url).await.expect("the schema's pool");
    (name, url, pool)
}

/// Breaks one thing, looks, and mends it again.
async fn each(url: &str, pool: &PgPool, cases: &[(&str, &str, &str)]) {
    // Old transactions of other tests are no matter here.
    let young = ["--old-seconds", "3600"];
    assert_eq!(codes(&findings(url, &young)), [""; 0], "a fresh log has nothing");
    for (code, breaks, mends) in cases {
        sql(pool, breaks).await;
        let found = findings(url, &young);
        assert_eq!(codes(&found), [*code], "{breaks}: {found:#?}");
        sql(pool, mends).await;
    }
    assert_eq!(codes(&findings(url, &young)), [""; 0], "all is mended");
}

#[tokio::test(flavor = "multi_thread")]
async fn w1_w2_r4_r6_what_is_wrong_with_the_tables_is_found() {
    let (_, url, pool) = schema().await;
    let insert = "INSERT INTO outbox_log (id, topic, headers) VALUES (gen_random_uuid(), 't', '')";
    let guarded = "ALTER TABLE outbox_log ALTER position SET DEFAULT \
                   CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('outbox_log_position_seq') END";
    let settled = "UPDATE outbox_cursor SET prev = pg_current_snapshot(), high = 3";
    let passed = format!(
        "{insert}; {insert}; {insert}; {settled}; DELETE FROM outbox_log; SELECT setval('outbox_log_position_seq', 2)"
    );
    let cases = [
        ("143", "ALTER SEQUENCE outbox_log_position_seq CACHE 5", "ALTER SEQUENCE outbox_log_position_seq CACHE 1"),
        ("143", "ALTER TABLE outbox_log ALTER position SET DEFAULT nextval('outbox_log_position_seq')", guarded),
        (
            "143",
            "ALTER TABLE outbox_log ALTER xid DROP DEFAULT",
            "ALTER TABLE outbox_log ALTER xid SET DEFAULT pg_current_xact_id()",
        ),
        (
            "145",
            "ALTER TABLE outbox_parked DROP CONSTRAINT outbox_parked_pkey",
            "ALTER TABLE outbox_parked ADD PRIMARY KEY (position)",
        ),
        ("147", "ALTER TABLE outbox_incarnation SET LOGGED", "ALTER TABLE outbox_incarnation SET UNLOGGED"),
        (
            "126",
            "UPDATE outbox_cursor SET system_identifier = 1",
            "UPDATE outbox_cursor SET system_identifier = (SELECT system_identifier FROM pg_control_system())",
        ),
        ("146", &passed, "SELECT setval('outbox_log_position_seq', 3)"),
        ("146", "UPDATE outbox_cursor SET low = 9", "UPDATE outbox_cursor SET low = 0"),
        (
            "124",
            "INSERT INTO outbox_migrations (version, name) VALUES (99, 'later')",
            "DELETE FROM outbox_migrations WHERE version = 99",
        ),
        (
            "127",
            "DELETE FROM outbox_cursor",
            "INSERT INTO outbox_cursor (system_identifier) SELECT system_identifier FROM pg_control_system()",
        ),
    ];
    // Without its cursor the log at a glance is unknown as well.
    let (last, cases) = cases.split_last().expect("cases");
    each(&url, &pool, cases).await;
    sql(&pool, last.1).await;
    assert_eq!(codes(&findings(&url, &["--old-seconds", "3600"])), ["127", "142"]);
    sql(&pool, "DROP TABLE outbox_delayed").await;
    assert_eq!(codes(&findings(&url, &[])), ["123"]);
}

/// M2: a publication with all slots gets those that are to come.
#[tokio::test(flavor = "multi_thread")]
async fn m2_a_publication_that_gets_new_slots_is_found() {
    let (name, url, pool) = schema().await;
    let drop = format!("DROP PUBLICATION {name}");
    each(&url, &pool, &[("157", &format!("CREATE PUBLICATION {name} FOR TABLE outbox_log"), &drop)]).await;
    let root = format!(
        "CREATE TABLE mine (n int PRIMARY KEY); CREATE PUBLICATION {name} FOR TABLE mine, outbox_log \
         WITH (publish_via_partition_root = true)"
    );
    sql(&pool, &root).await;
    assert_eq!(codes(&findings(&url, &["--old-seconds", "3600"])), [""; 0], "the subscriber needs one table");
    sql(&pool, &drop).await;

    let database = format!("doctor_{}", Uuid::now_v7().simple());
    sql(&pool, &format!("CREATE DATABASE {database}")).await;
    let (server, _) = url.split_once('?').expect("options");
    let (server, _) = server.rsplit_once('/').expect("a database");
    let own = format!("{server}/{database}");
    assert_eq!(outbox(&["migrate", "--database-url", &own]).code, 0);
    let all = PgPool::connect(&own).await.expect("the database");
    sql(&all, "CREATE PUBLICATION everything FOR ALL TABLES").await;
    let found = findings(&own, &["--old-seconds", "3600"]);
    assert_eq!(codes(&found), ["157"], "{found:#?}");
    assert!(found[0]["what"].as_str().is_some_and(|what| what.contains("everything")), "{found:#?}");
    all.close().await;
    sql(&pool, &format!("DROP DATABASE {database} WITH (FORCE)")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_in_the_log_is_found() {
    let (_, url, pool) = schema().await;
    let old = "INSERT INTO outbox_log (id, topic, headers) VALUES ('01900000-0000-7000-8000-000000000001', 't', '')";
    let owned = "UPDATE outbox_cursor SET owner = gen_random_uuid(), lease_until = now() + interval '1 hour'";
    let free = "UPDATE outbox_cursor SET owner = NULL, lease_until = '-infinity'";
    let parked = "INSERT INTO outbox_parked (position, state, cause, id, topic, headers) \
                  VALUES (1, 'failed', 'too large', gen_random_uuid(), 't', '')";
    each(
        &url,
        &pool,
        &[
            ("153", "UPDATE outbox_cursor SET owner = gen_random_uuid(), lease_until = now() - interval '1 s'", free),
            ("154", parked, "DELETE FROM outbox_parked"),
            (
                "155",
                &format!("{owned}; {old}"),
                &format!("UPDATE outbox_cursor SET prev = pg_current_snapshot(), high = 1; {free}"),
            ),
        ],
    )
    .await;
    sql(&pool, "INSERT INTO outbox_log (id, topic, headers) VALUES (gen_random_uuid(), 't', '')").await;
    assert_eq!(codes(&findings(&url, &["--old-seconds", "3600"])), ["153"], "nobody publishes it");
    let text = doctor(&["--database-url", &url, "--old-seconds", "3600"]);
    assert!(text.out.starts_with("OBX-153 error ") && text.out.lines().count() == 1, "{}", text.out);
}

/// The role of the URL's user, as another one.
async fn role(pool: &PgPool, url: &str, schema: &str) -> (String, String) {
    let role = format!("r_{}", Uuid::now_v7().simple());
    sql(pool, &format!("CREATE ROLE {role} LOGIN PASSWORD 's3cret'; GRANT USAGE ON SCHEMA {schema} TO {role}")).await;
    let (_, rest) = url.split_once("://").expect("a URL");
    let rest = rest.split_once('@').map_or(rest, |(_, rest)| rest);
    (format!("postgres://{role}:s3cret@{rest}"), role)
}

#[tokio::test(flavor = "multi_thread")]
async fn t23_s4_what_is_wrong_with_rights_and_roles_is_found() {
    let (name, url, pool) = schema().await;
    let (own, role) = role(&pool, &url, &name).await;
    let young = ["--old-seconds", "3600"];
    let found = findings(&own, &young);
    assert_eq!(codes(&found), ["144"], "{found:#?}");
    for right in [
        "DELETE on outbox_log,",
        "INSERT on outbox_cursor",
        "UPDATE (place) on outbox_delayed",
        "SELECT on outbox_migrations",
        "TRUNCATE on outbox_log_3",
        "UPDATE on sequence outbox_log_slot_seq",
    ] {
        assert!(found[0]["what"].as_str().is_some_and(|what| what.contains(right)), "{right}: {found:#?}");
    }
    sql(
        &pool,
        &format!(
            "GRANT ALL ON ALL TABLES IN SCHEMA {name} TO {role}; GRANT ALL ON ALL SEQUENCES IN SCHEMA {name} TO {role}"
        ),
    )
    .await;
    let found = findings(&own, &young);
    assert_eq!(codes(&found), [""; 0], "{found:#?}");
    sql(&pool, "ALTER TABLE outbox_log ENABLE ROW LEVEL SECURITY").await;
    assert_eq!(codes(&findings(&own, &young)), ["148"]);
    sql(
        &pool,
        &format!("ALTER TABLE outbox_log DISABLE ROW LEVEL SECURITY; ALTER ROLE {role} SET synchronous_commit = off"),
    )
    .await;
    let found = findings(&own, &young);
    assert_eq!(codes(&found), ["149"], "{found:#?}");
    let wrong = findings(&own.replace(":s3cret@", ":wr0ng@"), &young);
    // Where the server trusts this machine, any password is right.
    assert!(!wrong.iter().any(|it| it.to_string().contains("wr0ng")), "{wrong:#?}");
    let nobody = findings("postgres://me:s3cret@127.0.0.1:1/bank", &[]);
    assert!(codes(&nobody) == ["141"] && !nobody[0].to_string().contains("s3cret"), "{nobody:#?}");
    sql(&pool, &format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn r7_m5_r5_transactions_that_hold_the_server_back_are_found() {
    let cluster = Cluster::start(
        "max_prepared_transactions = 2\nautovacuum_freeze_max_age = 100000\nfsync = off\nsynchronous_commit = off",
    );
    let pool = PgPool::connect_with(cluster.options()).await.expect("the cluster answers");
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", cluster.options().get_port());
    assert_eq!(outbox(&["migrate", "--database-url", &url]).code, 0);
    // This cluster may lose what it has committed, and says so.
    assert_eq!(codes(&findings(&url, &[])), ["149"]);
    let mut open = pool.begin().await.expect("a transaction");
    let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *open).await.expect("a pid");
    let found = findings(&url, &["--old-seconds", "0"]);
    assert_eq!(codes(&found), ["149", "151"], "{found:#?}");
    assert!(found.iter().any(|it| it["what"].to_string().contains(&pid.to_string())), "{found:#?}");
    sqlx::query("SELECT pg_current_xact_id()").execute(&mut *open).await.expect("an xid");
    let found = findings(&url, &["--old-seconds", "0"]);
    assert!(found.iter().any(|it| it["what"].to_string().contains("its own events wait")), "{found:#?}");
    drop(open);

    sql(&pool, "BEGIN; INSERT INTO outbox_log (id, topic, headers) VALUES (gen_random_uuid(), 't', ''); PREPARE TRANSACTION 'forgotten'").await;
    let found = findings(&url, &["--old-seconds", "0"]);
    assert_eq!(codes(&found), ["149", "152", "153"], "{found:#?}");
    assert!(found.iter().any(|it| it["remedy"].to_string().contains("ROLLBACK PREPARED 'forgotten'")), "{found:#?}");
    // What is prepared holds the age back: no vacuum helps.
    sql(&pool, "CREATE PROCEDURE age() LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..100100 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$").await;
    sql(&pool, "CALL age()").await;
    let found = findings(&url, &["--old-seconds", "3600"]);
    assert_eq!(codes(&found), ["149", "150", "153"], "{found:#?}");
    pool.close().await;
    cluster.stop();
    cluster.make_standby();
    cluster.up();
    assert_eq!(codes(&findings(&url, &[])), ["125"]);
}

async fn topic(config: &rdkafka::ClientConfig, name: &str, settings: &[(&str, &str)]) {
    let admin: AdminClient<DefaultClientContext> = config.create().expect("an admin client");
    let new = settings
        .iter()
        .fold(NewTopic::new(name, 1, TopicReplication::Fixed(1)), |new, (key, value)| new.set(key, value));
    admin.create_topics([&new], &AdminOptions::new()).await.expect("an answer").remove(0).expect("the topic is made");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_the_broker_and_its_rights_is_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("service.db");
    std::fs::write(&file, "").expect("an empty file");
    let url = format!("sqlite:{}?mode=rw", file.display());
    assert_eq!(outbox(&["migrate", "--database-url", &url]).code, 0);
    let pool = sqlx::SqlitePool::connect(&url).await.expect("the file");
    sqlx::query("PRAGMA journal_mode = WAL").execute(&pool).await.expect("WAL");
    let nobody = findings(&url, &["--brokers", "127.0.0.1:1"]);
    assert_eq!(codes(&nobody), ["161"], "{nobody:#?}");

    let broker = Broker::start(Access::Users, &[("relay", "right")]);
    let admin = broker.admin();
    topic(&admin, "small", &[("max.message.bytes", "2000")]).await;
    topic(&admin, "stuck", &[("min.insync.replicas", "2")]).await;
    topic(&admin, "closed", &[]).await;
    let address = broker.address();
    let as_user = |user: &str, password: &str, more: &[&str]| {
        let (user, password) = (format!("sasl.username={user}"), format!("sasl.password={password}"));
        let settings = ["security.protocol=SASL_PLAINTEXT", "sasl.mechanism=PLAIN", &user, &password];
        let mut all = vec!["--brokers", &address];
        all.extend(settings.iter().flat_map(|setting| ["--kafka", setting]));
        all.extend(more);
        findings(&url, &all)
    };
    let wrong = as_user("relay", "wr0ng", &[]);
    assert_eq!(codes(&wrong), ["161"], "{wrong:#?}");
    assert!(
        wrong[0]["what"].as_str().is_some_and(|it| it.contains("Authentication") && !it.contains("wr0ng")),
        "{wrong:#?}"
    );

    // No right at all, not even to an id.
    let closed = as_user("relay", "right", &["--topic", "closed"]);
    assert_eq!(codes(&closed), ["163", "166"], "{closed:#?}");
    broker.allow("relay", "Write", "small");
    let small = as_user("relay", "right", &["--topic", "small"]);
    assert!(!codes(&small).contains(&"166".to_owned()), "a right to write gives an id: {small:#?}");

    // The topics of the log are looked at by themselves.
    for name in ["stuck", "missing", "small"] {
        sqlx::query("INSERT INTO outbox_log (id, topic, headers) VALUES (?, ?, x'')")
            .bind(Uuid::now_v7())
            .bind(name)
            .execute(&pool)
            .await
            .expect("a record");
    }
    let all = as_user("admin", "admin", &[]);
    assert_eq!(codes(&all), ["153", "162", "164", "165"], "{all:#?}");
    let of = |topic: &str| {
        all.iter().filter(|it| it["what"].to_string().contains(&format!("`{topic}`"))).collect::<Vec<_>>()
    };
    assert_eq!(of("missing")[0]["code"], "OBX-162");
    assert_eq!((&of("stuck")[0]["code"], &of("stuck")[0]["severity"]), (&"OBX-165".into(), &"error".into()));
    assert_eq!(of("small").len(), 2, "its limit, and its one copy: {all:#?}");
}

/// A setting that no client can be made with hides nothing of what was found in the database, and no secret is shown.
#[test]
fn what_is_wrong_with_the_settings_is_said_beside_the_rest() {
    let missing = "sqlite:/nowhere/at/all.db";
    for setting in ["nonsense", "sasl.pasword=s3cret", "acks=s3cret"] {
        let found = findings(missing, &["--brokers", "127.0.0.1:1", "--kafka", setting]);
        assert_eq!(codes(&found), ["141", "161"], "{setting}: {found:#?}");
        let name = setting.split('=').next().expect("a name");
        assert!(found[1]["what"].as_str().is_some_and(|what| what.contains(name)), "{found:#?}");
    }
    let typo = findings(missing, &["--brokers", "127.0.0.1:1", "--kafka", "sasl.pasword=s3cret"]);
    assert!(!format!("{typo:?}").contains("s3cret"), "{typo:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_sqlite_file_is_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("service.db");
    let url = format!("sqlite:{}", file.display());
    assert_eq!(codes(&findings(&url, &[])), ["141"], "there is no file");
    std::fs::write(&file, "").expect("an empty file");
    assert_eq!(codes(&findings(&url, &[])), ["123"]);
    assert_eq!(outbox(&["migrate", "--database-url", &url]).code, 0);
    let pool = sqlx::SqlitePool::connect(&url).await.expect("the file");
    sqlx::query("PRAGMA journal_mode = WAL").execute(&pool).await.expect("WAL");
    let clean = doctor(&["--database-url", &url]);
    assert_eq!((clean.code, &*clean.out), (0, "nothing is wrong\n"), "{}", clean.err);
    sqlx::query("PRAGMA journal_mode = DELETE").execute(&pool).await.expect("no WAL");
    assert_eq!(codes(&findings(&url, &[])), ["156"]);
    sqlx::raw_sql(
        "PRAGMA journal_mode = WAL;
         CREATE TABLE other AS SELECT * FROM outbox_log; DROP TABLE outbox_log;
         CREATE TABLE outbox_log (position INTEGER PRIMARY KEY, id BLOB, topic TEXT, key BLOB, headers BLOB, payload BLOB)",
    )
    .execute(&pool)
    .await
    .expect("another table");
    assert_eq!(codes(&findings(&url, &[])), ["143"]);
}
