#[transactional_event(tx = self.pool)]
async fn beside(&self, other: &PgPool) -> Result<(), AppError> {
    sqlx::query("SELECT 1").execute(&self.pool).await?;
    sqlx::query("SELECT 1").fetch_one(other).await?;
    let connection = other.acquire().await?;
    Ok(())
}
