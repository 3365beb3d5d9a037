//! Every form of `emit!`: what is in the row.

use std::sync::Arc;
use std::time::Duration;

use outbox::record::Headers;
use outbox::{AsTx, Error, Event, Tx, emit, transactional_event};
use sqlx::{Sqlite, SqlitePool, Transaction};
use uuid::Uuid;

use crate::support::{Changed, Db, STATE, broken, db};

#[derive(serde::Serialize, Event)]
#[event(name = "test.removed", version = 3, topic = "test", key = id)]
struct Removed {
    id: i64,
}

/// A row: topic, key, payload, headers.
type Row = (String, Option<String>, Option<String>, Vec<(String, Option<String>)>);

/// The same in the table.
type Stored = (String, Option<Vec<u8>>, Option<Vec<u8>>, Vec<u8>);

async fn rows(db: &Db) -> Vec<Row> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    let all: Vec<Stored> = sqlx::query_as("SELECT topic, key, payload, headers FROM outbox_log ORDER BY position")
        .fetch_all(&db.pool)
        .await
        .expect("rows");
    let headers = |bytes: &[u8]| {
        let headers = Headers::new(bytes);
        let version = headers.event().map(|(_, version)| header("version", &version.to_string()));
        version.into_iter().chain(headers.map(|(name, value)| (name.to_owned(), value.map(text)))).collect::<Vec<_>>()
    };
    let row = |(topic, key, payload, bytes): Stored| {
        (topic, key.as_deref().map(text), payload.as_deref().map(text), headers(&bytes))
    };
    all.into_iter().map(row).collect()
}

fn header(name: &str, value: &str) -> (String, Option<String>) {
    (name.to_owned(), Some(value.to_owned()))
}

fn typed(name: &str, version: u32) -> Vec<(String, Option<String>)> {
    vec![header("version", &version.to_string()), header("ce_type", name)]
}

#[transactional_event(tx = pool)]
async fn options(pool: &SqlitePool, tenant: Option<String>) -> Result<(), sqlx::Error> {
    let more = vec![("a", b"1".to_vec()), ("b", b"2".to_vec())];
    let event = Changed { id: 1 };
    emit!(event, key = "k", topic = format!("topic-{}", event.id));
    sqlx::query(STATE).bind(1).execute(&mut *tx).await?;
    emit!(
        event,
        headers = { "tenant" => tenant, "none" => None, "count" => 3, "bytes" => b"raw", ..more, },
        key = None,
    );
    emit!(event, headers = [(String::from("x"), "y")]);
    emit!(event, topic = "other", delay = None);
    Ok(())
}

#[tokio::test]
async fn options_change_the_record() {
    let db = db().await;
    options(&db.pool, Some("t".into())).await.unwrap();
    let payload = || Some(r#"{"id":1}"#.to_owned());
    let mut with = typed("test.changed", 1);
    with.extend([header("tenant", "t"), ("none".into(), None), header("count", "3"), header("bytes", "raw")]);
    with.extend([header("a", "1"), header("b", "2")]);
    let mut short = typed("test.changed", 1);
    short.push(header("x", "y"));
    let expected = [
        ("topic-1".into(), Some("k".into()), payload(), typed("test.changed", 1)),
        ("test".into(), None, payload(), with),
        ("test".into(), Some("1".into()), payload(), short),
        ("other".into(), Some("1".into()), payload(), typed("test.changed", 1)),
    ];
    assert_eq!(rows(&db).await, expected);
}

#[transactional_event(tx = pool)]
async fn several(pool: &SqlitePool, ids: &[i64]) -> Result<(), sqlx::Error> {
    emit!([Changed { id: 1 }, Removed { id: 2 }], topic = "both");
    sqlx::query(STATE).bind(1).execute(&mut *tx).await?;
    emit!(..ids.iter().map(|id| Changed { id: *id }), key = "same");
    sqlx::query(STATE).bind(2).execute(&mut *tx).await?;
    let events = [Removed { id: 9 }];
    emit!(..&events);
    emit!(..Vec::<Changed>::new());
    Ok(())
}

#[tokio::test]
async fn arrays_and_iterators() {
    let db = db().await;
    several(&db.pool, &[5, 6]).await.unwrap();
    let got: Vec<_> = rows(&db).await.into_iter().map(|row| (row.0, row.1.unwrap(), row.2.unwrap())).collect();
    let expected = [("both", "1", 1), ("both", "2", 2), ("test", "same", 5), ("test", "same", 6), ("test", "9", 9)]
        .map(|(topic, key, id)| (topic.to_owned(), key.to_owned(), format!(r#"{{"id":{id}}}"#)));
    assert_eq!(got, expected);
}

#[transactional_event(tx = pool)]
async fn raw(pool: &SqlitePool, kind: String, bytes: Arc<Vec<u8>>) -> Result<(), sqlx::Error> {
    emit!(topic = "raw", type = "raw.text", payload = "text", content_type = "text/plain", version = 7, key = 4);
    emit!(type = kind, topic = String::from("raw"), payload = &*bytes, headers = { "h" => "v" });
    sqlx::query(STATE).bind(1).execute(&mut *tx).await?;
    emit!(topic = "raw", type = "raw.json", json = serde_json::json!({ "a": 1 }));
    emit!(topic = "raw", type = "raw.gone", payload = None, key = Uuid::nil());
    emit!(topic = "raw", type = "raw.option", payload = Some(vec![b'x']));
    Ok(())
}

#[tokio::test]
async fn events_without_a_type() {
    let db = db().await;
    raw(&db.pool, "raw.kind".into(), Arc::new(b"bytes".to_vec())).await.unwrap();
    let with = |name: &str, version: u32, more: &[(&str, &str)]| {
        let mut all = typed(name, version);
        all.extend(more.iter().map(|(name, value)| header(name, value)));
        all
    };
    let stream = ("content-type", "application/octet-stream");
    let topic = || "raw".to_owned();
    let expected = [
        (topic(), Some("4".into()), Some("text".into()), with("raw.text", 7, &[("content-type", "text/plain")])),
        (topic(), None, Some("bytes".into()), with("raw.kind", 1, &[stream, ("h", "v")])),
        (topic(), None, Some(r#"{"a":1}"#.into()), with("raw.json", 1, &[])),
        (topic(), Some(Uuid::nil().to_string()), None, with("raw.gone", 1, &[])),
        (topic(), None, Some("x".into()), with("raw.option", 1, &[stream])),
    ];
    assert_eq!(rows(&db).await, expected);
}

/// Holders of a transaction.
struct Work<'t> {
    tx: Transaction<'t, Sqlite>,
}

async fn helper(tx: &mut Transaction<'_, Sqlite>) -> Result<(), sqlx::Error> {
    emit!(tx => Changed { id: 1 }, headers = { "h" => "v" });
    emit!(tx => [Changed { id: 2 }, Removed { id: 3 }]);
    Ok(())
}

async fn helper_ours(tx: &mut Tx<'_, Sqlite>) -> anyhow::Result<()> {
    emit!(&mut *tx => ..[Changed { id: 4 }]);
    Ok(())
}

async fn helper_owned(mut tx: Transaction<'_, Sqlite>) -> Result<(), sqlx::Error> {
    emit!(tx => topic = "test", type = "raw", payload = "p", key = 5);
    tx.commit().await
}

async fn helper_generic(tx: &mut impl AsTx) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    emit!(tx => Changed { id: 6 });
    emit!(*tx => Changed { id: 7 });
    Ok(())
}

impl Work<'_> {
    async fn helper(&mut self) -> Result<(), sqlx::Error> {
        emit!(self.tx => Changed { id: 8 });
        Ok(())
    }
}

#[transactional_event(tx = pool)]
async fn through_helpers(pool: &SqlitePool) -> anyhow::Result<()> {
    helper(tx).await?;
    helper_ours(tx).await?;
    helper_owned(tx.begin().await?).await?;
    helper_generic(tx).await.map_err(|error| anyhow::anyhow!(error))?;
    let mut savepoint = tx.begin().await?;
    helper_generic(&mut savepoint).await.map_err(|error| anyhow::anyhow!(error))?;
    savepoint.rollback().await?;
    {
        let mut work = Work { tx: tx.begin().await? };
        work.helper().await?;
        let Work { tx } = work;
        tx.commit().await?;
    }
    let mut sp = tx.begin().await?;
    emit!(sp => Changed { id: 9 });
    sp.commit().await?;
    emit!(Changed { id: 10 });
    Ok(())
}

#[tokio::test]
async fn a_named_transaction_gets_the_event() {
    let db = db().await;
    through_helpers(&db.pool).await.unwrap();
    assert_eq!(db.keys().await, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
}

#[transactional_event(tx = pool)]
async fn delayed(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    sqlx::query(STATE).bind(1).execute(&mut *tx).await?;
    emit!(Changed { id: 1 }, delay = Duration::from_secs(60));
    Ok(())
}

#[tokio::test]
async fn a_delayed_event_waits_beside_the_log() {
    let db = db().await;
    delayed(&db.pool).await.unwrap();
    assert_eq!(db.counts().await, (1, 0), "not in the log yet");
    let due = "SELECT count(*) FROM outbox_delayed WHERE due - unixepoch('subsec') BETWEEN 50 AND 60";
    let waiting: i64 = sqlx::query_scalar(due).fetch_one(&db.pool).await.unwrap();
    assert_eq!(waiting, 1);
}

#[transactional_event(tx = pool)]
async fn with_names(pool: &SqlitePool, topic: &str, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query(STATE).bind(1).execute(&mut *tx).await?;
    emit!(Changed { id: 1 }, topic = topic, headers = { name => "v" });
    Ok(())
}

#[tokio::test]
async fn names_made_at_run_time_are_checked() {
    let db = db().await;
    let error = with_names(&db.pool, "no topic", "h").await.unwrap_err();
    assert!(matches!(Error::find(&error), Some(Error::InvalidTopic { topic, .. }) if topic == "no topic"), "{error:?}");
    let error = with_names(&db.pool, "topic", "ce_id").await.unwrap_err();
    assert!(matches!(Error::find(&error), Some(Error::InvalidHeader { name, .. }) if name == "ce_id"), "{error:?}");
    assert_eq!(db.counts().await, (0, 0));
}

#[derive(Debug, thiserror::Error)]
enum Direct {
    #[error("database")]
    Database(#[from] sqlx::Error),
    #[error("outbox")]
    Outbox(#[from] Error),
}

/// The error type of these blocks is written somewhere.
#[async_trait::async_trait]
trait Service {
    async fn change(&self, tx: &mut Transaction<'_, Sqlite>) -> Result<(), Direct>;
}

struct Ours;

#[async_trait::async_trait]
impl Service for Ours {
    #[transactional_event]
    async fn change(&self, tx: &mut Transaction<'_, Sqlite>) -> Result<(), Direct> {
        emit!(broken());
        Ok(())
    }
}

#[tracing::instrument(skip_all)]
#[transactional_event(tx = pool)]
async fn instrumented_above(pool: &SqlitePool) -> Result<(), Direct> {
    emit!(broken());
    Ok(())
}

#[transactional_event(tx = pool)]
#[tracing::instrument(skip_all, err(Debug))]
async fn instrumented_below(pool: &SqlitePool) -> Result<(), Direct> {
    emit!(broken());
    Ok(())
}

#[transactional_event(tx = pool)]
async fn in_a_block(pool: &SqlitePool) -> Result<(), Direct> {
    let block = async {
        emit!(broken());
        Ok::<_, Direct>(())
    };
    block.await
}

#[tokio::test]
async fn from_of_our_error_is_preferred_in_blocks_too() {
    let db = db().await;
    let mut tx = db.pool.begin().await.unwrap();
    let error = Ours.change(&mut tx).await.unwrap_err();
    assert!(matches!(error, Direct::Outbox(Error::Encode { .. })), "{error:?}");
    tx.rollback().await.unwrap();
    for error in [
        instrumented_above(&db.pool).await.unwrap_err(),
        instrumented_below(&db.pool).await.unwrap_err(),
        in_a_block(&db.pool).await.unwrap_err(),
    ] {
        assert!(matches!(error, Direct::Outbox(Error::Encode { .. })), "{error:?}");
    }
}
