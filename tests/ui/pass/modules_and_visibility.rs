#![deny(warnings)]
//! Handlers in modules, by full paths, with every visibility, raw names, `where` clauses, doc comments, `unsafe`.
pub mod inner {
    pub mod events {
        #[derive(serde::Serialize, outbox::Event)]
        #[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = r#type)]
        pub struct Opened {
            pub r#type: i64,
        }
    }

    /// Opens.
    ///
    /// # Errors
    /// The database's.
    #[outbox::transactional_event(tx = r#move)]
    pub(crate) async fn r#match(r#move: &sqlx::PgPool, r#type: i64) -> Result<(), sqlx::Error> {
        outbox::emit!(events::Opened { r#type });
        Ok(())
    }

    #[::outbox::transactional_event(tx = pool)]
    pub(in crate::inner) async fn by_path<T>(pool: T) -> Result<(), sqlx::Error>
    where
        T: std::borrow::Borrow<sqlx::PgPool> + outbox::Begin<Database = sqlx::Postgres> + Send + Sync,
    {
        ::outbox::emit!(self::events::Opened { r#type: i64::from(pool.borrow().size()) });
        Ok(())
    }

    /// # Safety
    /// None is needed.
    #[outbox::transactional_event(tx = pool)]
    pub async unsafe fn r#unsafe(pool: &sqlx::PgPool) -> Result<(), sqlx::Error> {
        crate::inner::nested::once(tx).await
    }

    mod nested {
        #[outbox::transactional_event]
        pub(super) async fn once(tx: &mut outbox::Tx<'_, sqlx::Postgres>) -> Result<(), sqlx::Error> {
            use outbox::emit;
            emit!(super::events::Opened { r#type: 1 });
            Ok(())
        }
    }

    pub async fn all(pool: &sqlx::PgPool) -> Result<(), sqlx::Error> {
        r#match(pool, 1).await?;
        by_path(pool.clone()).await
    }
}

fn main() {}
