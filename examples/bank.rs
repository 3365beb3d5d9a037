//! A bank over HTTP: axum, PostgreSQL and Kafka, with the relay inside the process.
//!
//! ```text
//! DATABASE_URL=postgres://postgres@localhost/postgres KAFKA_BROKERS=localhost:9092 cargo run --example bank
//! curl -d '{"from":1,"to":2,"amount":5}' -H 'content-type: application/json' localhost:3000/transfers
//! ```
//!
//! Kill it whenever you like: every committed transfer is in the topic, nothing else is, per account in commit order.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use outbox::relay::{Relay, shutdown_signal};
use outbox::sink::KafkaSink;
use outbox::store::PostgresStore;
use outbox::{Event, emit, transactional_event};
use sqlx::PgPool;

/// An account's balance changed. `version` counts the changes of one account without a gap.
#[derive(serde::Serialize, Event)]
#[event(name = "bank.balance-changed", version = 1, topic = "bank.accounts", key = account)]
struct BalanceChanged {
    account: i64,
    version: i64,
    amount: i64,
    balance: i64,
}

#[derive(serde::Deserialize)]
struct Transfer {
    from: i64,
    to: i64,
    amount: i64,
}

#[derive(Debug, thiserror::Error)]
enum BankError {
    #[error("account {0} has not enough money")]
    InsufficientFunds(i64),
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

#[transactional_event(tx = pool)]
async fn transfer(pool: &PgPool, transfer: &Transfer) -> Result<(), BankError> {
    // Rows are locked in the order of their ids, so that two transfers never wait for each other.
    let mut legs = [(transfer.from, -transfer.amount), (transfer.to, transfer.amount)];
    legs.sort_unstable();
    for (account, amount) in legs {
        let (balance, version): (i64, i64) = sqlx::query_as(
            "UPDATE accounts SET balance = balance + $1, version = version + 1 WHERE id = $2 RETURNING balance, version",
        )
        .bind(amount)
        .bind(account)
        .fetch_one(&mut *tx)
        .await?;
        if balance < 0 {
            return Err(BankError::InsufficientFunds(account));
        }
        // After the UPDATE, which serialises the account: events of one account are in commit order.
        emit!(BalanceChanged { account, version, amount, balance });
    }
    Ok(())
}

async fn post_transfer(State(pool): State<PgPool>, Json(body): Json<Transfer>) -> Result<StatusCode, BankError> {
    transfer(&pool, &body).await?;
    Ok(StatusCode::CREATED)
}

impl IntoResponse for BankError {
    fn into_response(self) -> Response {
        let status = match (&self, outbox::Error::find(&self)) {
            (Self::InsufficientFunds(_), _) => StatusCode::CONFLICT,
            // The transfer may have happened: the client has to look before it tries again.
            (_, Some(outbox::Error::CommitUnknown { .. })) => StatusCode::GATEWAY_TIMEOUT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, self.to_string()).into_response()
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let var = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let pool = PgPool::connect(&var("DATABASE_URL", "postgres://postgres@localhost/postgres")).await?;
    outbox::migrate(&pool).await?;
    create_accounts(&pool).await?;

    let sink = KafkaSink::new(var("KAFKA_BROKERS", "localhost:9092"))?;
    let relay = Relay::builder(PostgresStore::new(pool.clone()), sink).lease(Duration::from_secs(2)).build();
    let relay = tokio::spawn(relay.run(shutdown_signal()));

    let router =
        Router::new().route("/transfers", post(post_transfer)).route("/livez", get(|| async { "ok" })).with_state(pool);
    let listener = tokio::net::TcpListener::bind(var("BANK_ADDR", "127.0.0.1:3000")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, router).with_graceful_shutdown(shutdown_signal()).await?;
    relay.await??;
    Ok(())
}

/// A hundred accounts with 1,000 each.
async fn create_accounts(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::raw_sql(
        "CREATE TABLE IF NOT EXISTS accounts (id bigint PRIMARY KEY, balance bigint NOT NULL, version bigint NOT NULL);
         INSERT INTO accounts SELECT id, 1000, 0 FROM generate_series(1, 100) id ON CONFLICT DO NOTHING;",
    )
    .execute(pool)
    .await?;
    Ok(())
}
