//! A relay whose host vanishes in the middle of a transaction: no packet comes any more, and no end of the connection.

use std::sync::Arc;
use std::time::{Duration, Instant};

use outbox_runtime::store::{PostgresStore, Store as _};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::support::{PATIENCE, Relay, Schema, insert, sql};

/// Options for a server that hears nothing of a client any more when that is to commit what has `last` in it.
async fn vanishing(options: &PgConnectOptions, last: &'static str) -> (PgConnectOptions, Arc<Notify>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let through = options.clone().host("127.0.0.1").port(listener.local_addr().unwrap().port());
    let server = (options.get_host().to_owned(), options.get_port());
    let vanished = Arc::new(Notify::new());
    let notify = Arc::clone(&vanished);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect((server.0.as_str(), server.1)).await.unwrap();
            tokio::spawn(carry(client, server, last, Arc::clone(&notify)));
        }
    });
    (through.ssl_mode(PgSslMode::Disable), vanished)
}

async fn carry(client: TcpStream, server: TcpStream, last: &'static str, vanished: Arc<Notify>) {
    let (mut requests, mut answered) = client.into_split();
    let (mut answers, mut asked) = server.into_split();
    let down = tokio::spawn(async move { tokio::io::copy(&mut answers, &mut answered).await });
    let (mut buffer, mut is_near) = (vec![0; 64 << 10], false);
    while let Ok(length @ 1..) = requests.read(&mut buffer).await {
        let has = |text: &str| buffer[..length].windows(text.len()).any(|part| part == text.as_bytes());
        if is_near && has("COMMIT") {
            vanished.notify_one();
            std::future::pending::<()>().await;
        }
        is_near |= has(last);
        asked.write_all(&buffer[..length]).await.unwrap();
    }
    down.abort();
}

/// A6: what it has locked is free again soon, without a time-out of TCP.
async fn lets_go(last: &'static str, transaction_pooler: bool, wanted: &str) {
    let schema = Schema::new().await;
    let (through, vanished) = vanishing(&schema.options, last).await;
    let pool = PgPoolOptions::new().max_connections(5).connect_with(through).await.unwrap();
    let store = PostgresStore::builder(pool.clone()).slot_bytes(1).transaction_pooler(transaction_pooler).build();
    let mut relay = Relay::with(store, schema.pool.clone()).await.unwrap();
    insert(&schema.pool, "k", "0").await;
    relay.deliver().await;
    let bloat = "DO $$ BEGIN FOR i IN 1..4000 LOOP UPDATE outbox_cursor SET epoch = epoch; END LOOP; END $$";
    sql(&schema.pool, bloat).await;
    let working = tokio::spawn(async move { relay.store.make_room(&relay.lease).await });
    tokio::time::timeout(PATIENCE, vanished.notified()).await.expect("the relay gets that far");
    let start = Instant::now();
    sql(&schema.pool, format!("BEGIN; SET LOCAL lock_timeout = '20s'; {wanted}; ROLLBACK")).await;
    let time = start.elapsed();
    assert!(time > Duration::from_millis(100), "it was locked: free after {time:?}");
    working.abort();
    schema.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a6_a_slot_is_let_go_when_the_relays_host_vanishes() {
    let wanted = "LOCK TABLE outbox_log_0 IN ACCESS SHARE MODE";
    lets_go("LOCK TABLE outbox_log_0", false, wanted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a6_the_cursor_is_let_go_when_the_relays_host_vanishes() {
    lets_go("LOCK TABLE outbox_cursor", false, "SELECT FROM outbox_cursor").await;
}

/// Where each statement is a transaction: the one that moves rows on has the cursor's row.
#[tokio::test(flavor = "multi_thread")]
async fn a6_the_cursors_row_is_let_go_by_a_transaction_of_one_statement() {
    lets_go("FOR NO KEY UPDATE OF c", true, "SELECT FROM outbox_cursor FOR UPDATE").await;
}
