#[transactional_event(db = pool)]
async fn wrong(pool: &PgPool) -> sqlx::Result<()> {
    Ok(())
}
