//! Everything that sqlx users write with `&mut *tx`.

use futures_util::TryStreamExt;
use sqlx::{Acquire, Executor, PgConnection, Postgres, QueryBuilder, Row, Transaction};

use crate::support::{STATE, changed, emit, handler, postgres};

#[tokio::test]
async fn every_form_of_query_runs() {
    let db = postgres(1).await;
    let body = handler!(db.pool, tx => {
        let row = sqlx::query("INSERT INTO state (id) VALUES ($1) RETURNING id").bind(1_i64).fetch_one(&mut *tx).await?;
        assert_eq!(row.get::<i64, _>(0), 1);
        let (id,): (i64,) = sqlx::query_as("SELECT id FROM state").fetch_one(&mut *tx).await?;
        assert_eq!(id, 1);
        let none: Option<i64> = sqlx::query_scalar("SELECT id FROM state WHERE id = 9").fetch_optional(&mut *tx).await?;
        assert_eq!(none, None);
        QueryBuilder::<Postgres>::new("INSERT INTO state (id) ")
            .push_values(2..5_i64, |mut row, id| {
                row.push_bind(id);
            })
            .build()
            .execute(&mut *tx)
            .await?;
        let mut sum = 0;
        let mut ids = sqlx::query_scalar::<_, i64>("SELECT id FROM state").fetch(&mut *tx);
        while let Some(id) = ids.try_next().await? {
            sum += id;
        }
        drop(ids);
        assert_eq!(sum, 10);
        let prepared = (&mut *tx).prepare(sqlx::SqlStr::from_static("SELECT id FROM state WHERE id = $1")).await?;
        use sqlx::Statement;
        assert_eq!(prepared.query().bind(4_i64).fetch_all(&mut *tx).await?.len(), 1);
        let described = (&mut *tx).describe(sqlx::SqlStr::from_static("SELECT id FROM state")).await?;
        assert_eq!(described.columns.len(), 1);
        takes_connection(tx).await?;
        takes_transaction(tx).await?;
        takes_acquire(&mut *tx).await?;
        assert_eq!(sqlx::query("DELETE FROM state").execute(&mut *tx).await?.rows_affected(), 4);
        sqlx::query(STATE).bind(1_i64).execute(&mut *tx).await?;
        emit!(tx, changed(1));
        Ok(format!("{tx:?}"))
    });
    fn assert_send<T: Send>(value: T) -> T {
        value
    }
    assert!(assert_send(body).await.unwrap().starts_with("Tx"));
    assert_eq!(db.counts().await, (1, 1, 0));
    db.drop().await;
}

async fn takes_connection(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    conn.execute("SELECT 1").await.map(drop)
}

async fn takes_transaction(tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    tx.execute("SELECT 1").await.map(drop)
}

/// As sqlx's documentation writes it, for a future that is `Send`.
#[expect(clippy::manual_async_fn, reason = "an `async fn` over `impl Acquire` gives a future that is not `Send`")]
fn takes_acquire<'a, 'c, A>(source: A) -> impl Future<Output = Result<(), sqlx::Error>> + Send + 'a
where
    A: Acquire<'c, Database = Postgres> + Send + 'a,
{
    async move { source.acquire().await?.execute("SELECT 1").await.map(drop) }
}

/// A blanket `Executor` impl for `&mut Tx<DB>` would break this with E0275.
async fn generic_helper<DB>(conn: &mut DB::Connection) -> Result<(), sqlx::Error>
where
    DB: sqlx::Database,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    conn.execute("SELECT 1").await.map(drop)
}

#[tokio::test]
async fn t31_a_generic_helper_still_compiles() {
    let db = postgres(1).await;
    handler!(db.pool, tx => { generic_helper::<Postgres>(tx).await }).await.unwrap();
    db.drop().await;
}
