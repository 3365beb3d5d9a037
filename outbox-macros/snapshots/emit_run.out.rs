// The expansion of `emit_run.in.rs`.
async fn run(pool: &PgPool, accounts: &[i64]) -> Result<(), AppError> {
    let mut owned = match ::outbox::__private::Begin::begin(&(pool)).await {
        ::core::result::Result::Ok(owned) => owned,
        ::core::result::Result::Err(error) => {
            return ::core::result::Result::Err(
                (|error: ::outbox::Error| {
                    #[allow(unused_imports)]
                    use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
                    (&&::outbox::__private::Convert::<AppError>::new()).convert(error)
                })(error),
            );
        }
    };
    let out = {
        #[allow(unused_variables)]
        let tx = &mut owned;
        async {
            #[allow(
                unreachable_code,
                clippy::diverging_sub_expression,
                clippy::needless_return
            )]
            if false {
                let out: Result<(), AppError> = ::outbox::__private::never();
                return out;
            }
            #[allow(unused_imports, deprecated, clippy::all, clippy::pedantic)]
            if false {
                use ::outbox::__private::{Accept as _, Refuse as _};
                ::outbox::__private::Ty::<PgPool>::new().check();
            }
            sqlx::query("SELECT 1").execute(&mut *tx).await?;
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
                    return ::core::result::Result::Err(
                        (|error: ::outbox::Error| {
                            #[allow(unused_imports)]
                            use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
                            (&&::outbox::__private::Convert::<AppError>::new())
                                .convert(error)
                        })(error),
                    );
                }
            };
            match {
                let record = ::outbox::__private::record(&(Opened { account: 2 }));
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
                            (&&::outbox::__private::Convert::<AppError>::new())
                                .convert(error)
                        })(error),
                    );
                }
            };
            for account in accounts {
                match {
                    let record = ::outbox::__private::record(
                        &(Opened { account: *account }),
                    );
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
                                (&&::outbox::__private::Convert::<AppError>::new())
                                    .convert(error)
                            })(error),
                        );
                    }
                };
            }
            sqlx::query("SELECT 2").execute(&mut *tx).await?;
            match {
                let record = ::outbox::__private::record(&(Opened { account: 3 }));
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
                            (&&::outbox::__private::Convert::<AppError>::new())
                                .convert(error)
                        })(error),
                    );
                }
            };
            Ok(())
        }
            .await
    };
    ::outbox::__private::finish(
            owned,
            out,
            (|error: ::outbox::Error| {
                #[allow(unused_imports)]
                use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
                (&&::outbox::__private::Convert::<AppError>::new()).convert(error)
            }),
        )
        .await
}
