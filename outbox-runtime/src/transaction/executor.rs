//! `&mut *tx` as an sqlx executor: every statement is looked at before it runs, and noted when it ends.

use futures_core::stream::BoxStream;
use futures_util::TryStreamExt as _;
use sqlx::{Either, Transaction};

use super::notes::Notes;
use super::statement::Statement;
use super::{Database, control, tx};
use crate::Error;

/// The connection for `statement`, if that may run.
async fn admit<'c, DB: Database>(
    inner: &'c mut Transaction<'_, DB>,
    notes: &Notes,
    statement: &Statement<DB>,
) -> Result<&'c mut DB::Connection, sqlx::Error> {
    admit_text(inner, notes, statement.text()).await
}

/// The same for a bare text.
async fn admit_text<'c, DB: Database>(
    inner: &'c mut Transaction<'_, DB>,
    notes: &Notes,
    text: &str,
) -> Result<&'c mut DB::Connection, sqlx::Error> {
    if let Some(keyword) = control::keyword(text, DB::NESTED_COMMENTS) {
        notes.control(keyword);
        return Err(Error::TransactionControl { keyword: keyword.to_owned() }.into());
    }
    tx::usable::<DB>(inner, notes).await?;
    Ok(inner)
}

/// What sqlx's `execute` makes of the same results, without the two boxed streams that it puts in between: the box of a
/// statement that is looked at costs less than they do.
pub(super) async fn executed<D, R>(mut results: Results<'_, D, R>) -> Result<D, sqlx::Error>
where
    D: Default + Extend<D>,
{
    let mut done = D::default();
    while let Some(result) = results.try_next().await? {
        if let Either::Left(result) = result {
            done.extend([result]);
        }
    }
    Ok(done)
}

/// The same for its `fetch_all`.
async fn fetched<D, R>(mut results: Results<'_, D, R>) -> Result<Vec<R>, sqlx::Error> {
    let mut rows = Vec::new();
    while let Some(result) = results.try_next().await? {
        if let Either::Right(row) = result {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// How many rows each statement has touched, and the rows that came back.
type Results<'e, D, R> = BoxStream<'e, Result<Either<D, R>, sqlx::Error>>;

/// A method that ends in one value: the statement is looked at before, and how it ended is noted.
macro_rules! forwarded {
    ($method:ident -> $output:ty, $db:ty, |$conn:ident, $statement:ident| $run:expr) => {
        fn $method<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<$output, sqlx::Error>>
        where
            'c: 'e,
            E: 'q + Execute<'q, $db>,
        {
            let $statement = Statement::new(query);
            let (inner, notes) = self.parts();
            let mut flight = notes.flight();
            Box::pin(async move {
                let result = match admit(inner, notes, &$statement).await {
                    Ok($conn) => $run.await,
                    Err(error) => Err(error),
                };
                flight.done(result.as_ref().err());
                result
            })
        }
    };
}

// One impl per database: a blanket `impl<DB> Executor for &mut Tx<DB>` compiles too, but makes a user's own helper that
// is generic over the database fail with E0275 as soon as this crate is linked. `describe` is a hidden method behind
// sqlx's feature `macros`; without it here, nothing compiles that has the feature on (T31).
macro_rules! executor {
    ($db:ty) => {
        const _: () = {
            use futures_core::future::BoxFuture;
            use futures_util::stream;
            use sqlx::{Execute, Executor, SqlStr};
            use sqlx_core::describe::Describe;

            use crate::transaction::Tx;
            use crate::transaction::statement::Watched;

            type QueryResult = <$db as sqlx::Database>::QueryResult;
            type Row = <$db as sqlx::Database>::Row;
            type Prepared = <$db as sqlx::Database>::Statement;
            type TypeInfo = <$db as sqlx::Database>::TypeInfo;

            impl<'c, 't: 'c> Executor<'c> for &'c mut Tx<'t, $db> {
                type Database = $db;

                fn fetch_many<'e, 'q: 'e, E>(
                    self,
                    query: E,
                ) -> BoxStream<'e, Result<Either<QueryResult, Row>, sqlx::Error>>
                where
                    'c: 'e,
                    E: 'q + Execute<'q, $db>,
                {
                    let statement = Statement::new(query);
                    let (inner, notes) = self.parts();
                    let started = async move {
                        let conn = admit(inner, notes, &statement).await?;
                        Ok::<_, sqlx::Error>(conn.fetch_many(statement))
                    };
                    let results: BoxStream<'e, _> = Box::pin(stream::once(started).try_flatten());
                    Box::pin(Watched { results, flight: notes.flight() })
                }

                forwarded!(execute -> QueryResult, $db, |conn, statement| executed(conn.fetch_many(statement)));
                forwarded!(fetch_all -> Vec<Row>, $db, |conn, statement| fetched(conn.fetch_many(statement)));
                forwarded!(fetch_optional -> Option<Row>, $db, |conn, statement| conn.fetch_optional(statement));

                fn prepare_with<'e>(
                    self,
                    sql: SqlStr,
                    parameters: &'e [TypeInfo],
                ) -> BoxFuture<'e, Result<Prepared, sqlx::Error>>
                where
                    'c: 'e,
                {
                    let (inner, notes) = self.parts();
                    let mut flight = notes.flight();
                    Box::pin(async move {
                        let result = match admit_text(inner, notes, sql.as_str()).await {
                            Ok(conn) => conn.prepare_with(sql, parameters).await,
                            Err(error) => Err(error),
                        };
                        flight.done(result.as_ref().err());
                        result
                    })
                }

                fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<$db>, sqlx::Error>>
                where
                    'c: 'e,
                {
                    let (inner, notes) = self.parts();
                    let mut flight = notes.flight();
                    Box::pin(async move {
                        let result = match admit_text(inner, notes, sql.as_str()).await {
                            Ok(conn) => conn.describe(sql).await,
                            Err(error) => Err(error),
                        };
                        flight.done(result.as_ref().err());
                        result
                    })
                }
            }
        };
    };
}

#[cfg(feature = "postgres")]
executor!(sqlx::Postgres);
#[cfg(feature = "sqlite")]
executor!(sqlx::Sqlite);
