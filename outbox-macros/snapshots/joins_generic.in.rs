#[transactional_event]
async fn open<DB: outbox::Database>(tx: &mut Transaction<'_, DB>) -> Result<(), sqlx::Error> {
    emit!(Opened { account: 1 });
    Ok(())
}
