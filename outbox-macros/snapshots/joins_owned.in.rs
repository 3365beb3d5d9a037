#[transactional_event]
async fn open(mut tx: PgTransaction<'_>, account: i64) -> Result<(), sqlx::Error> {
    emit!(Opened { account });
    tx.commit().await
}
