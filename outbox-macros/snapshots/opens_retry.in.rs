#[transactional_event(tx = pool, retry = 3, isolation = serializable)]
async fn transfer(pool: &PgPool, accounts: Vec<i64>) -> Result<(), BankError> {
    for account in accounts {
        sqlx::query("UPDATE accounts SET seen = now() WHERE id = $1").bind(account).execute(&mut *tx).await?;
    }
    emit!(Transferred);
    Ok(())
}
