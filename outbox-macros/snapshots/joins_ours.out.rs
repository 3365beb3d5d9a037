// The expansion of `joins_ours.in.rs`.
async fn open<T: Serialize>(tx: &mut Tx<'_, Postgres>, extra: T) -> AppResult<()> {
    #[allow(clippy::all, clippy::pedantic)]
    if false {
        let _ = ::outbox::__private::Convert::<
            <AppResult<()> as ::outbox::__private::ResultLike>::Err,
        >::new();
    }
    #[allow(deprecated, unused_must_use, clippy::all, clippy::pedantic)]
    if false {
        #[allow(unused_imports)]
        use ::outbox::__private::probes::*;
        #[allow(clippy::all, clippy::pedantic)]
        {
            extra.__outbox_ty().__outbox_held().__outbox_judge();
        }
        ::outbox::__private::never()
    }
    match {
        let records = ::outbox::__private::record(&(Opened { extra })).rows();
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
                (&&::outbox::__private::Convert::<
                    <AppResult<()> as ::outbox::__private::ResultLike>::Err,
                >::new())
                    .convert(error)
            });
        }
    };
    Ok(())
}
