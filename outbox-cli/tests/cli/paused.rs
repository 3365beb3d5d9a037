//! A relay that is stopped by SIGSTOP past its lease, and continued, settles nothing: the database itself writes down whose
//! updates of the cursor it has taken.

use std::collections::{BTreeMap, HashSet};
use std::process::Command;
use std::time::Instant;

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Headers as _, Message as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use sqlx::{AssertSqlSafe, PgPool};

use crate::serve::{PATIENCE, create_topic, free_port, get, relay, until};
use crate::support::{outbox, server};

const RECORDS: i64 = 60_000;

fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args([name, &pid.to_string()]).status().expect("kill runs");
    assert!(sent.success(), "{name}");
}

/// The value of a metric.
fn metric(port: u16, name: &str) -> Option<u64> {
    let (_, text) = get(port, "/metrics")?;
    let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    found.parse().ok()
}

/// Ids in the order in which they landed.
fn ids(topic: &str) -> Vec<Vec<u8>> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", server("KAFKA_BROKERS"))
        .set("group.id", topic)
        .create()
        .expect("a consumer");
    let end = consumer.fetch_watermarks(topic, 0, PATIENCE).expect("watermarks").1;
    let mut all = TopicPartitionList::new();
    all.add_partition_offset(topic, 0, Offset::Beginning).expect("an offset");
    consumer.assign(&all).expect("assigned");
    let (mut ids, began) = (Vec::new(), Instant::now());
    while (ids.len() as i64) < end {
        assert!(began.elapsed() < PATIENCE, "{} of {end} are read", ids.len());
        let Some(message) = consumer.poll(PATIENCE) else { continue };
        let message = message.expect("a message");
        let headers = message.headers().expect("headers");
        let id = headers.iter().find(|header| header.key == "id").and_then(|header| header.value).expect("an id");
        ids.push(id.to_vec());
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_a_relay_paused_past_its_lease_settles_nothing() {
    let schema = format!("paused_{}", uuid::Uuid::now_v7().simple());
    let base = server("DATABASE_URL");
    let admin = PgPool::connect(&base).await.expect("DATABASE_URL can be reached");
    let sql = async |text: String| {
        sqlx::raw_sql(AssertSqlSafe(text.clone()))
            .execute(&admin)
            .await
            .unwrap_or_else(|error| panic!("{text}: {error}"));
    };
    sql(format!("CREATE SCHEMA {schema}")).await;
    // Each relay's sessions say who they are.
    let separator = if base.contains('?') { '&' } else { '?' };
    let url = |who: &str| format!("{base}{separator}options[search_path]={schema}&options[outbox.who]={who}");
    assert_eq!(outbox(&["migrate", "--database-url", &url("nobody")]).code, 0);
    sql(format!(
        "CREATE TABLE {schema}.written (place bigint GENERATED ALWAYS AS IDENTITY, who text, epoch bigint);
         CREATE FUNCTION {schema}.note() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN INSERT INTO {schema}.written (who, epoch) VALUES (current_setting('outbox.who', true), NEW.epoch);
                RETURN NULL; END $$;
         CREATE TRIGGER note AFTER UPDATE ON {schema}.outbox_cursor FOR EACH ROW EXECUTE FUNCTION {schema}.note()"
    ))
    .await;
    let topic = format!("paused.{schema}");
    create_topic(&topic).await;
    sql(format!(
        "INSERT INTO {schema}.outbox_log (id, topic, key, headers, payload)
         SELECT gen_random_uuid(), '{topic}', 'k', '', convert_to(repeat('x', 200), 'UTF8') FROM generate_series(1, {RECORDS})"
    ))
    .await;

    let directory = tempfile::tempdir().expect("a directory");
    let (ports, brokers) = ([free_port(), free_port()], server("KAFKA_BROKERS"));
    let start = |who: &str, port: u16| {
        let file = directory.path().join(format!("{who}.toml"));
        let text = format!("database-url = '{}'\nbrokers = '{brokers}'\nlisten = {port}\nlease-seconds = 4", url(who));
        std::fs::write(&file, text).expect("a file");
        relay(&file, &[])
    };
    let published = format!("outbox_published_total{{topic=\"{topic}\"}}");
    let first = start("first", ports[0]);
    let began = Instant::now();
    while metric(ports[0], &published).is_none_or(|count| count < 1_000) {
        assert!(began.elapsed() < PATIENCE, "it does not publish");
    }
    signal(first.0.id(), "-STOP");
    let second = start("second", ports[1]);
    until(ports[1], "/readyz", |_, body| body.contains("running"));
    signal(first.0.id(), "-CONT");
    until(ports[0], "/readyz", |status, body| status == 200 && body.contains("standby"));
    assert!(metric(ports[0], "outbox_lease_lost_total") >= Some(1), "it has noticed");
    until(ports[1], "/metrics", |_, body| body.contains("outbox_backlog_records 0\n") && body.contains(&published));
    // Both end in an orderly way.
    for mut running in [first, second] {
        signal(running.0.id(), "-TERM");
        assert!(running.0.wait().expect("it ends").success());
    }

    let written: Vec<(String, i64)> =
        sqlx::query_as(AssertSqlSafe(format!("SELECT who, epoch FROM {schema}.written ORDER BY place")))
            .fetch_all(&admin)
            .await
            .expect("what was written");
    let first = written.iter().filter(|(who, epoch)| (who.as_str(), *epoch) == ("first", 1)).count();
    assert!(first > 1, "it has settled something before: {written:?}");
    // The row has the epoch of the owner of that time: each is written by one relay only, also by a busy machine's, on which
    // they may take the log from one another once more.
    let mut owners = BTreeMap::<i64, &str>::new();
    for (who, epoch) in &written {
        assert_eq!(owners.entry(*epoch).or_insert(who), who, "epoch {epoch} is another one's: {written:?}");
    }
    assert!(written.is_sorted_by_key(|(_, epoch)| epoch) && owners.get(&2) == Some(&"second"), "{written:?}");
    let (mut seen, all) = (HashSet::new(), ids(&topic));
    let firsts = all.iter().filter(|id| seen.insert(*id)).count();
    assert_eq!(firsts as i64, RECORDS, "nothing is lost");
    println!(
        "{} writes of the cursor, {first} of them by the paused one; {} duplicates",
        written.len(),
        all.len() - firsts
    );
}
