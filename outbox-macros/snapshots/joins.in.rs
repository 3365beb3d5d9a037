#[transactional_event]
async fn open(tx: &mut Transaction<'_, Postgres>, account: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO accounts VALUES ($1)").bind(account).execute(&mut **tx).await?;
    emit!(Opened { account });
    Ok(())
}
