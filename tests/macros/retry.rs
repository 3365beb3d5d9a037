//! `retry = N`: what lost against another transaction runs again, with arguments as fresh as the first ones.

use std::sync::atomic::{AtomicU32, Ordering};

use outbox::{Begin, BeginOptions, Error, Retryable, Tx, emit, transactional_event};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{Executor, PgPool, Sqlite};

use crate::postgres::{LOST, STATE, postgres};
use crate::support::{self, Changed, db};

/// Counts attempts: 1 in the first one.
#[derive(Default)]
struct Attempts(AtomicU32);

impl Attempts {
    fn next(&self) -> u32 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn all(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

#[transactional_event(tx = pool, retry = 2)]
async fn change(
    pool: PgPool,
    attempts: &Attempts,
    (id, mut names): (i64, Vec<String>),
    log: &mut Vec<u32>,
    losses: u32,
) -> Result<Vec<String>, sqlx::Error> {
    let attempt = attempts.next();
    log.push(attempt);
    names.push(format!("{attempt}"));
    sqlx::query(STATE).bind(id).execute(&mut *tx).await?;
    emit!(Changed { id });
    if attempt <= losses {
        tx.execute(LOST).await?;
    }
    drop(pool);
    Ok(names)
}

#[tokio::test]
async fn a_lost_one_runs_again_with_fresh_arguments() {
    let db = postgres().await;
    let (attempts, mut log) = (Attempts::default(), Vec::new());
    let names = change(db.pool.clone(), &attempts, (1, vec!["a".to_owned()]), &mut log, 2).await.unwrap();
    assert_eq!((names, log), (vec!["a".to_owned(), "3".to_owned()], vec![1, 2, 3]));
    assert_eq!(db.rows().await, (vec![1], vec![1]));
    db.drop().await;
}

#[tokio::test]
async fn it_gives_up_with_the_last_error() {
    let db = postgres().await;
    let attempts = Attempts::default();
    let error = change(db.pool.clone(), &attempts, (1, vec![]), &mut Vec::new(), 9).await.unwrap_err();
    assert_eq!((attempts.all(), error.as_database_error().unwrap().message()), (3, "lost"));
    assert_eq!(db.rows().await, (vec![], vec![]));
    db.drop().await;
}

#[tokio::test]
async fn another_error_is_final() {
    let db = postgres().await;
    sqlx::query(STATE).bind(1_i64).execute(&db.pool).await.unwrap();
    let attempts = Attempts::default();
    change(db.pool.clone(), &attempts, (1, vec![]), &mut Vec::new(), 0).await.unwrap_err();
    assert_eq!(attempts.all(), 1);
    db.drop().await;
}

#[transactional_event(tx = pool, retry = 3)]
async fn insert_attempt(pool: &PgPool, attempts: &Attempts) -> Result<i64, sqlx::Error> {
    let id = i64::from(attempts.next());
    sqlx::query(STATE).bind(id).execute(&mut *tx).await?;
    emit!(Changed { id });
    Ok(id)
}

#[tokio::test]
async fn a_failure_at_commit_counts_too() {
    let db = postgres().await;
    let trigger = "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS \
                   $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$; \
                   CREATE CONSTRAINT TRIGGER lose AFTER INSERT ON state DEFERRABLE INITIALLY DEFERRED \
                   FOR EACH ROW WHEN (NEW.id < 3) EXECUTE FUNCTION lose()";
    sqlx::raw_sql(trigger).execute(&db.pool).await.unwrap();
    assert_eq!(insert_attempt(&db.pool, &Attempts::default()).await.unwrap(), 3);
    assert_eq!(db.rows().await, (vec![3], vec![3]));
    db.drop().await;
}

/// Two transactions that each read what the other one writes: one of them really loses.
#[transactional_event(tx = pool, retry = 9, isolation = serializable)]
async fn count_and_insert(pool: &PgPool, both: &tokio::sync::Barrier, attempts: &Attempts) -> Result<i64, sqlx::Error> {
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM state").fetch_one(&mut *tx).await?;
    if attempts.next() <= 2 {
        both.wait().await;
    }
    sqlx::query(STATE).bind(rows).execute(&mut *tx).await?;
    emit!(Changed { id: rows });
    Ok(rows)
}

#[tokio::test]
async fn a_real_serialization_failure_is_won_in_the_end() {
    let db = postgres().await;
    // Without the primary key, which would stop the second one first.
    sqlx::raw_sql("ALTER TABLE state DROP CONSTRAINT state_pkey").execute(&db.pool).await.unwrap();
    let (both, attempts) = (tokio::sync::Barrier::new(2), Attempts::default());
    let (one, two) =
        tokio::join!(count_and_insert(&db.pool, &both, &attempts), count_and_insert(&db.pool, &both, &attempts));
    assert_eq!(one.unwrap() + two.unwrap(), 1);
    assert!(attempts.all() >= 3, "{}", attempts.all());
    assert_eq!(db.rows().await, (vec![0, 1], vec![0, 1]));
    db.drop().await;
}

/// An error of each kind that hides the database's.
async fn lost(pool: &PgPool) -> sqlx::Error {
    sqlx::raw_sql(LOST).execute(pool).await.unwrap_err()
}

#[derive(Debug, thiserror::Error)]
enum Deep {
    #[error("while paying")]
    Paying(#[source] Transparent),
}

#[derive(Debug, thiserror::Error)]
enum Transparent {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<sqlx::Error> for Deep {
    fn from(error: sqlx::Error) -> Self {
        Self::Paying(error.into())
    }
}

/// Says the opposite of what its source says.
#[derive(Debug, thiserror::Error)]
#[error("contrary")]
struct Contrary(#[from] sqlx::Error);

impl Retryable for Contrary {
    fn is_retryable(&self) -> bool {
        self.0.as_database_error().is_none()
    }
}

macro_rules! fails {
    ($($name:ident: $error:ty),+) => {$(
        #[transactional_event(tx = pool, retry = 1)]
        async fn $name(pool: &PgPool, attempts: &Attempts, error: fn() -> Option<sqlx::Error>) -> Result<(), $error> {
            attempts.next();
            emit!(Changed { id: 1 });
            if let Some(error) = error() {
                Err(error)?;
            }
            Err(lost(pool).await)?
        }
    )+};
}
fails!(deep: Deep, transparent: Transparent, any: anyhow::Error, boxed: Box<dyn std::error::Error + Send + Sync>,
    local: Box<dyn std::error::Error>, contrary: Contrary);

#[tokio::test]
async fn it_is_found_in_every_error_type() {
    let db = postgres().await;
    macro_rules! attempts_of {
        ($name:ident, $error:expr) => {{
            let attempts = Attempts::default();
            assert!($name(&db.pool, &attempts, $error).await.is_err());
            attempts.all()
        }};
    }
    assert_eq!(attempts_of!(deep, || None), 2);
    assert_eq!(attempts_of!(transparent, || None), 2);
    assert_eq!(attempts_of!(any, || None), 2);
    assert_eq!(attempts_of!(boxed, || None), 2);
    assert_eq!(attempts_of!(local, || None), 2);
    assert_eq!(attempts_of!(contrary, || None), 1);
    assert_eq!(attempts_of!(contrary, || Some(sqlx::Error::RowNotFound)), 2);
    assert_eq!(attempts_of!(deep, || Some(sqlx::Error::RowNotFound)), 1);
    // The outcome of what is behind this one is unknown: it may be done already.
    let source = lost(&db.pool).await;
    let unknown = sqlx::Error::from(Error::CommitUnknown { source });
    assert!(!outbox::is_transient(&unknown) && outbox::is_transient(&lost(&db.pool).await));
    assert_eq!(db.rows().await, (vec![], vec![]));
    db.drop().await;
}

/// Begins once while another connection writes.
struct Busy {
    pool: SqlitePool,
    attempts: Attempts,
}

impl Begin for Busy {
    type Database = Sqlite;

    async fn begin(&self, options: BeginOptions) -> Result<Tx<'static, Sqlite>, Error> {
        if self.attempts.next() > 1 {
            return Begin::begin(&self.pool, options).await;
        }
        let writer = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let busy = Begin::begin(&self.pool, options).await;
        writer.rollback().await?;
        busy
    }
}

#[transactional_event(tx = busy, retry = 1)]
async fn when_free(busy: &Busy) -> Result<(), sqlx::Error> {
    sqlx::query(support::STATE).bind(1_i64).execute(&mut *tx).await?;
    emit!(Changed { id: 1 });
    Ok(())
}

#[tokio::test]
async fn a_busy_begin_is_tried_again() {
    let db = db().await;
    let options: SqliteConnectOptions = (*db.pool.connect_options()).clone();
    let options = options.busy_timeout(std::time::Duration::ZERO);
    let pool = SqlitePoolOptions::new().max_connections(2).connect_with(options).await.unwrap();
    let busy = Busy { pool, attempts: Attempts::default() };
    when_free(&busy).await.unwrap();
    assert_eq!((busy.attempts.all(), db.counts().await), (2, (1, 1)));
}

struct Bank {
    pool: PgPool,
    runs: u32,
}

impl Bank {
    #[transactional_event(tx = self.pool, retry = 2)]
    async fn run(&mut self) -> Result<u32, sqlx::Error> {
        self.runs += 1;
        emit!(Changed { id: i64::from(self.runs) });
        if self.runs < 3 {
            tx.execute(LOST).await?;
        }
        Ok(self.runs)
    }
}

#[tokio::test]
async fn self_by_reference_is_the_same_in_each_attempt() {
    let db = postgres().await;
    let mut bank = Bank { pool: db.pool.clone(), runs: 0 };
    assert_eq!(bank.run().await.unwrap(), 3);
    assert_eq!(db.rows().await, (vec![], vec![3]));
    db.drop().await;
}
