use outbox::transactional_event;
use sqlx::PgPool;

#[transactional_event(tx = pool, allow(everything, reason = "none"))]
async fn unknown(pool: &PgPool) -> Result<(), sqlx::Error> {
    Ok(())
}

#[transactional_event(tx = pool, allow("raw_kafka", reason = "text"))]
async fn text(pool: &PgPool) -> Result<(), sqlx::Error> {
    Ok(())
}

#[transactional_event(tx = pool, allow = raw_kafka)]
async fn value(pool: &PgPool) -> Result<(), sqlx::Error> {
    Ok(())
}

#[transactional_event(tx = pool, allow(raw_kafka, reason = "a"), allow(raw_kafka, reason = "b"))]
async fn twice(pool: &PgPool) -> Result<(), sqlx::Error> {
    Ok(())
}

fn main() {}
