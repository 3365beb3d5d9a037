impl Bank for Ours {
    #[transactional_event]
    fn open<'life0, 'life1, 'life2, 'async_trait>(
        &'life0 self,
        tx: &'life1 mut Transaction<'life2, Postgres>,
    ) -> ::core::pin::Pin<
        Box<dyn ::core::future::Future<Output = Result<(), sqlx::Error>> + ::core::marker::Send + 'async_trait>,
    >
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            emit!(Opened { account: 1 });
            Ok(())
        })
    }
}
