// The expansion of `joins_owned.in.rs`.
async fn open(mut tx: PgTransaction<'_>, account: i64) -> Result<(), sqlx::Error> {
    #[allow(deprecated, unused_must_use, clippy::all, clippy::pedantic)]
    if false {
        #[allow(unused_imports)]
        use ::outbox::__private::{
            Beside as _, Pooled as _, Raw as _, Statement as _, TyOf as _, Within as _,
        };
        #[allow(clippy::all, clippy::pedantic)]
        {
            ::outbox::__private::Ty::<PgTransaction<'_>>::new()
                .__outbox_held()
                .__outbox_judge();
        }
        ::outbox::__private::never()
    }
    match {
        let records = ::outbox::__private::record(&(Opened { account })).rows();
        #[allow(unused_imports)]
        use ::outbox::__private::Insert as _;
        tx.__outbox_emit(records)
    }
        .await
    {
        ::core::result::Result::Ok(()) => {}
        ::core::result::Result::Err(error) => {
            return ::outbox::__private::failed({
                #[allow(unused_imports)]
                use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
                (&&::outbox::__private::Convert::<sqlx::Error>::new()).convert(error)
            });
        }
    };
    tx.commit().await
}
