//! A pool as an executor for one log: its schema, and how statements have to travel.

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::TryStreamExt;
use sqlx::postgres::{PgPool, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Either, Execute, Executor, Postgres, SqlStr, Transaction};
use sqlx_core::describe::Describe;
use sqlx_core::ext::async_stream::TryAsyncStream;

use super::{Names, On};
use crate::transaction::Statement;

/// Statements on `&LogPool` commit by themselves; several in one transaction go through [`LogPool::begin`] and [`LogPool::on`].
#[derive(Debug, Clone)]
pub(crate) struct LogPool {
    pub(crate) pool: PgPool,
    pub(crate) names: Names,
    /// Between us and the server is a transaction pooler that knows nothing of prepared statements: sqlx prepares and
    /// executes in two messages, which may reach two servers. So each statement is a transaction, and has no name.
    pub(crate) unprepared: bool,
}

impl LogPool {
    /// A log in the search path of `pool`.
    pub(crate) fn new(pool: PgPool) -> Self {
        Self { pool, names: Names::default(), unprepared: false }
    }

    /// A transaction, for statements through [`LogPool::on`]. Not cancel-safe (T1). Where each statement is one, the server
    /// ends those of a client that has gone: its locks would be in the way of who takes over.
    pub(crate) async fn begin(&self) -> sqlx::Result<Transaction<'static, Postgres>> {
        if self.unprepared {
            return self.pool.begin_with("BEGIN; SET LOCAL idle_in_transaction_session_timeout = '5s'").await;
        }
        self.pool.begin().await
    }

    /// A transaction of this log as an executor.
    pub(crate) fn on<'c>(&'c self, tx: &'c mut Transaction<'_, Postgres>) -> On<'c> {
        On { conn: tx, names: &self.names, unprepared: self.unprepared }
    }
}

impl<'c> Executor<'c> for &'c LogPool {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let statement = Statement::new(query);
        if !self.unprepared {
            return (&self.pool).fetch_many(statement.map(|text| self.names.apply(text), false));
        }
        Box::pin(TryAsyncStream::new(move |rows| async move {
            let mut tx = self.begin().await?;
            let mut results = self.on(&mut tx).fetch_many(statement);
            while let Some(row) = results.try_next().await? {
                rows.r#yield(row).await;
            }
            drop(results);
            tx.commit().await
        }))
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let statement = Statement::new(query);
        if !self.unprepared {
            return (&self.pool).fetch_optional(statement.map(|text| self.names.apply(text), false));
        }
        Box::pin(async move {
            let mut tx = self.begin().await?;
            let row = self.on(&mut tx).fetch_optional(statement).await?;
            tx.commit().await?;
            Ok(row)
        })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, sqlx::Error>>
    where
        'c: 'e,
    {
        (&self.pool).prepare_with(self.names.apply(sql), parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, sqlx::Error>>
    where
        'c: 'e,
    {
        (&self.pool).describe(self.names.apply(sql))
    }
}
