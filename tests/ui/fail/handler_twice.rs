use outbox::transactional_event;
use sqlx::PgPool;

#[transactional_event(tx = pool)]
#[transactional_event(retry = 3)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    Ok(())
}

fn main() {}
