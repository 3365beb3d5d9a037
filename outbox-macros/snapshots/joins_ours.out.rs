// The expansion of `joins_ours.in.rs`.
async fn open<T: Serialize>(tx: &mut Tx<'_, Postgres>, extra: T) -> AppResult<()> {
    #[allow(unused_imports, deprecated, clippy::all, clippy::pedantic)]
    if false {
        use ::outbox::__private::{Accept as _, Refuse as _};
        ::outbox::__private::Ty::<Tx<'_, Postgres>>::new().check();
        ::outbox::__private::Ty::<T>::new().check();
    }
    match {
        let record = ::outbox::__private::record(&(Opened { extra }));
        #[allow(unused_imports)]
        use ::outbox::__private::AsTx as _;
        tx.__outbox_insert(record)
    }
        .await
    {
        ::core::result::Result::Ok(()) => {}
        ::core::result::Result::Err(error) => {
            return ::core::result::Result::Err(
                (|error: ::outbox::Error| {
                    #[allow(unused_imports)]
                    use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
                    (&&::outbox::__private::Convert::<
                        <AppResult<()> as ::outbox::__private::ResultLike>::Err,
                    >::new())
                        .convert(error)
                })(error),
            );
        }
    };
    Ok(())
}
