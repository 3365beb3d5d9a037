//! A connection as an executor whose statements get their schema.

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use sqlx::postgres::{PgConnection, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Either, Execute, Executor, Postgres, SqlStr};
use sqlx_core::describe::Describe;

use super::Names;
use crate::transaction::Statement;

/// A connection, usually in a transaction, with the schema of a log.
#[derive(Debug)]
pub(crate) struct On<'c> {
    pub(crate) conn: &'c mut PgConnection,
    pub(crate) names: &'c Names,
    /// Statements have no name on the server.
    pub(crate) unprepared: bool,
}

impl On<'_> {
    fn statement<'q>(&self, query: impl Execute<'q, Postgres>) -> Statement<Postgres> {
        Statement::new(query).map(|text| self.names.apply(text), self.unprepared)
    }
}

impl<'c> Executor<'c> for On<'c> {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let statement = self.statement(query);
        self.conn.fetch_many(statement)
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let statement = self.statement(query);
        self.conn.fetch_optional(statement)
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, sqlx::Error>>
    where
        'c: 'e,
    {
        self.conn.prepare_with(self.names.apply(sql), parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, sqlx::Error>>
    where
        'c: 'e,
    {
        self.conn.describe(self.names.apply(sql))
    }
}
