impl Bank {
    #[transactional_event(tx = self.pool)]
    #[tracing::instrument(skip_all)]
    pub async fn open(&mut self, account: i64) -> Result<i64, sqlx::Error> {
        self.opened += 1;
        emit!(Opened { account });
        Ok(self.opened)
    }
}
