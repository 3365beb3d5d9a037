#[transactional_event(savepoint)]
async fn open(tx: &mut Transaction<'_, Postgres>, account: i64) -> Result<(), sqlx::Error> {
    emit!(Opened { account });
    Ok(())
}
