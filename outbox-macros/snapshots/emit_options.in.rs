#[transactional_event(tx = pool)]
async fn options(pool: &PgPool, events: Vec<Opened>) -> Result<(), AppError> {
    emit!(Opened { account: 1 }, key = "1", topic = "other", headers = { "tenant" => "a" });
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    emit!(Opened { account: 2 }, delay = std::time::Duration::from_secs(1));
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    emit!(..events);
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    emit!([Opened { account: 3 }, Opened { account: 4 }]);
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    emit!(topic = "raw", type = "raw.opened", payload = b"{}".to_vec());
    Ok(())
}
