trait Bank {
    #[transactional_event]
    async fn open(&self, tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
        emit!(Opened { account: 1 });
        Ok(())
    }
}
