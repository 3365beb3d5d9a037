use outbox::transactional_event;
use sqlx::{PgPool, Postgres, Transaction};

struct Bank {
    pool: PgPool,
    count: i64,
}

impl Bank {
    #[transactional_event(tx = self.pool)]
    async fn counted(&self) -> Result<(), sqlx::Error> {
        self.count = 1;
        Ok(())
    }
}

#[transactional_event(tx = pool)]
async fn number(pool: &PgPool, number: i64) -> Result<i64, sqlx::Error> {
    number += 1;
    Ok(number)
}

#[transactional_event(tx = pool, retry = 2)]
async fn names(pool: &PgPool, names: Vec<String>) -> Result<usize, sqlx::Error> {
    names.push(String::new());
    Ok(names.len())
}

#[transactional_event(tx = pool)]
async fn borrowed(pool: &PgPool, names: &Vec<String>) -> Result<(), sqlx::Error> {
    names.clear();
    Ok(())
}

#[transactional_event(savepoint)]
async fn joined(tx: &mut Transaction<'_, Postgres>, (first, second): (i64, i64)) -> Result<i64, sqlx::Error> {
    first += second;
    Ok(first)
}

fn main() {}
