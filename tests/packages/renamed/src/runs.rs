//! What the macros generate runs in a crate where `outbox` is called `events`.

use events::{Event, Tx, emit, transactional_event};
use sqlx::{Sqlite, SqlitePool};

/// Something happened.
#[derive(serde::Serialize, Event)]
#[event(name = "renamed.happened", version = 1, topic = "renamed", key = id)]
pub struct Happened {
    /// To whom.
    pub id: i64,
}

/// Opens.
///
/// # Errors
/// What the database says.
#[transactional_event(tx = pool, retry = 1)]
pub async fn opens(pool: &SqlitePool, ids: Vec<i64>) -> Result<(), sqlx::Error> {
    for id in ids {
        emit!(Happened { id });
    }
    joins(tx, 9).await
}

/// Joins.
///
/// # Errors
/// What the database says.
#[transactional_event(savepoint)]
pub async fn joins(tx: &mut Tx<'_, Sqlite>, id: i64) -> Result<(), sqlx::Error> {
    let block = async {
        emit!(Happened { id });
        Ok::<_, sqlx::Error>(())
    };
    block.await
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::SqlitePoolOptions;

    #[tokio::test]
    async fn it_runs() {
        let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
        events::migrate(&pool).await.unwrap();
        super::opens(&pool, vec![1, 2]).await.unwrap();
        let events: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox_log").fetch_one(&pool).await.unwrap();
        assert_eq!(events, 3);
    }
}
