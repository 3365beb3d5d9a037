// The expansion of `joins_async_trait.in.rs`.
impl Bank for Ours {
    fn open<'life0, 'life1, 'life2, 'async_trait>(
        &'life0 self,
        tx: &'life1 mut Transaction<'life2, Postgres>,
    ) -> ::core::pin::Pin<
        Box<
            dyn ::core::future::Future<
                Output = Result<(), sqlx::Error>,
            > + ::core::marker::Send + 'async_trait,
        >,
    >
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            match {
                let records = ::outbox::__private::record(&(Opened { account: 1 }))
                    .rows();
                {
                    #[allow(unused_imports)]
                    use ::outbox::__private::Insert as _;
                    tx.__outbox_emit(records)
                }
            }
                .await
            {
                ::core::result::Result::Ok(()) => {}
                ::core::result::Result::Err(error) => {
                    return ::outbox::__private::failed({
                        #[allow(unused_imports)]
                        use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
                        (&&::outbox::__private::Convert::<sqlx::Error>::new())
                            .convert(error)
                    });
                }
            };
            Ok(())
        })
    }
}
