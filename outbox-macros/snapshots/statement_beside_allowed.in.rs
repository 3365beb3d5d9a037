#[transactional_event(tx = pool, allow(outside_tx, reason = "an audit row that must survive a rollback"))]
async fn beside(pool: &PgPool) -> Result<(), AppError> {
    sqlx::query("SELECT 1").execute(pool).await?;
    Ok(())
}
