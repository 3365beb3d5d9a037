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
        #[allow(unused_imports, deprecated, clippy::all, clippy::pedantic)]
        if false {
            use ::outbox::__private::{Accept as _, Refuse as _};
            ::outbox::__private::Ty::<Transaction<'life2, Postgres>>::new().check();
        }
        Box::pin(async move {
            match {
                let record = ::outbox::__private::record(&(Opened { account: 1 }));
                #[allow(unused_imports)]
                use ::outbox::__private::AsTx as _;
                tx.__outbox_insert(record)
            }
                .await
            {
                ::core::result::Result::Ok(()) => {}
                ::core::result::Result::Err(error) => {
                    ::core::result::Result::Err::<
                        (),
                        _,
                    >(::outbox::__private::database_error(error))?
                }
            };
            Ok(())
        })
    }
}
