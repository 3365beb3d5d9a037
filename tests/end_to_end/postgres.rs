//! A schema for each test on the real PostgreSQL.

use std::str::FromStr;

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// A fresh schema, and how to reach it.
pub(crate) struct Schema {
    pub name: String,
    pub pool: PgPool,
}

impl Schema {
    /// Makes the schema; the outbox tables are not in it yet.
    pub(crate) async fn new() -> Self {
        let name = format!("e2e_{}", uuid::Uuid::now_v7().simple());
        let admin = PgPool::connect(&super::server("DATABASE_URL")).await.expect("DATABASE_URL must be reachable");
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {name}"))).execute(&admin).await.expect("a schema");
        admin.close().await;
        let options = PgConnectOptions::from_str(&super::server("DATABASE_URL"))
            .expect("DATABASE_URL is a PostgreSQL address")
            .options([("search_path", &name)]);
        let pool = PgPoolOptions::new().max_connections(40).connect_with(options).await.expect("the schema's pool");
        Self { name, pool }
    }

    /// With the outbox tables.
    pub(crate) async fn migrated() -> Self {
        let schema = Self::new().await;
        outbox::migrate(&schema.pool).await.expect("migrate");
        schema
    }

    /// An address that another process can use.
    pub(crate) fn url(&self) -> String {
        let url = super::server("DATABASE_URL");
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}options[search_path]={}", self.name)
    }
}
