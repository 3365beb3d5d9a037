#[transactional_event(tx = pool)]
pub async fn withdraw(pool: &sqlx::PgPool, account: i64, amount: i64) -> Result<(), BankError> {
    sqlx::query("UPDATE accounts SET balance = balance - $1 WHERE id = $2")
        .bind(amount)
        .bind(account)
        .execute(&mut *tx)
        .await?;
    emit!(FundsWithdrawn { account, amount });
    Ok(())
}
