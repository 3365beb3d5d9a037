use outbox::{Event, emit, transactional_event};

#[derive(Event)]
#[event(name = "changed", version = 1, topic = "t")]
struct Changed<T>(T);

#[transactional_event(tx = pool)]
async fn change(pool: &sqlx::PgPool) -> Result<(), sqlx::Error> {
    emit!(Changed(1));
    Ok(())
}

fn main() {}
