#[transactional_event(tx = pool)]
async fn run(pool: &PgPool, accounts: &[i64]) -> Result<(), AppError> {
    sqlx::query("SELECT 1").execute(&mut *tx).await?;
    emit!(Opened { account: 1 });
    emit!(Opened { account: 2 });
    for account in accounts {
        emit!(Opened { account: *account });
    }
    sqlx::query("SELECT 2").execute(&mut *tx).await?;
    emit!(Opened { account: 3 });
    Ok(())
}
