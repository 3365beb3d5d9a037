// The expansion of `joins_savepoint.in.rs`.
async fn open(
    tx: &mut Transaction<'_, Postgres>,
    account: i64,
) -> Result<(), sqlx::Error> {
    let mut savepoint = match ::outbox::__private::savepoint(&mut *tx).await {
        ::core::result::Result::Ok(savepoint) => savepoint,
        ::core::result::Result::Err(error) => {
            return ::outbox::__private::failed({
                #[allow(unused_imports)]
                use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
                (&&::outbox::__private::Convert::<sqlx::Error>::new()).convert(error)
            });
        }
    };
    let __outbox_out = {
        #[allow(unused_variables)]
        let tx = savepoint.tx();
        async {
            #[allow(unreachable_code, clippy::all, clippy::pedantic)]
            if false {
                let out: Result<(), sqlx::Error> = ::outbox::__private::never();
                return out;
            }
            match {
                let records = ::outbox::__private::record(&(Opened { account })).rows();
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
        }
            .await
    };
    ::outbox::__private::close(
            savepoint,
            __outbox_out,
            (|error: ::outbox::Error| {
                #[allow(unused_imports)]
                use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
                (&&::outbox::__private::Convert::<sqlx::Error>::new()).convert(error)
            }),
        )
        .await
}
