// The expansion of `joins_savepoint.in.rs`.
async fn open(
    tx: &mut Transaction<'_, Postgres>,
    account: i64,
) -> Result<(), sqlx::Error> {
    #[allow(unused_imports, deprecated, clippy::all, clippy::pedantic)]
    if false {
        use ::outbox::__private::{Accept as _, Refuse as _};
        ::outbox::__private::Ty::<Transaction<'_, Postgres>>::new().check();
        ::outbox::__private::Ty::<i64>::new().check();
    }
    match {
        let record = ::outbox::__private::record(&(Opened { account }));
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
                    (&&::outbox::__private::Convert::<sqlx::Error>::new()).convert(error)
                })(error),
            );
        }
    };
    Ok(())
}
