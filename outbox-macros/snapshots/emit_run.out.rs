// The expansion of `emit_run.in.rs`.
async fn run(pool: &PgPool, accounts: &[i64]) -> Result<(), AppError> {
    let mut owned = match ::outbox::__private::open(
            &(pool),
            ::core::concat!(::core::module_path!(), "::run"),
            false,
            <::outbox::__private::BeginOptions as ::core::default::Default>::default(),
        )
        .await
    {
        ::core::result::Result::Ok(owned) => owned,
        ::core::result::Result::Err(error) => {
            return ::outbox::__private::failed({
                #[allow(unused_imports)]
                use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
                (&&::outbox::__private::Convert::<AppError>::new()).convert(error)
            });
        }
    };
    let __outbox_out = {
        #[allow(unused_variables)]
        let tx = &mut owned;
        ::outbox::__private::body(
                ::core::concat!(::core::module_path!(), "::run"),
                async {
                    #[allow(unreachable_code, clippy::all, clippy::pedantic)]
                    if false {
                        let out: Result<(), AppError> = ::outbox::__private::never();
                        let _ = &accounts;
                        return out;
                    }
                    sqlx::query("SELECT 1").execute(&mut *tx).await?;
                    let collected = ::outbox::__private::Collector::new();
                    let collector = &collected;
                    ::outbox::__private::Collector::push(
                        &*collector,
                        ::outbox::__private::record(&(Opened { account: 1 })).rows(),
                    );
                    ::outbox::__private::Collector::push(
                        &*collector,
                        ::outbox::__private::record(&(Opened { account: 2 })).rows(),
                    );
                    for account in accounts {
                        ::outbox::__private::Collector::push(
                            &*collector,
                            ::outbox::__private::record(&(Opened { account: *account }))
                                .rows(),
                        );
                    }
                    #[allow(unreachable_code, clippy::all, clippy::pedantic)]
                    match {
                        {
                            #[allow(unused_imports)]
                            use ::outbox::__private::Insert as _;
                            tx.__outbox_emit(
                                ::outbox::__private::Collector::end(collected),
                            )
                        }
                    }
                        .await
                    {
                        ::core::result::Result::Ok(()) => {}
                        ::core::result::Result::Err(error) => {
                            return ::outbox::__private::failed({
                                #[allow(unused_imports)]
                                use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
                                (&&::outbox::__private::Convert::<AppError>::new())
                                    .convert(error)
                            });
                        }
                    };
                    sqlx::query("SELECT 2").execute(&mut *tx).await?;
                    match {
                        let records = ::outbox::__private::record(
                                &(Opened { account: 3 }),
                            )
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
                                (&&::outbox::__private::Convert::<AppError>::new())
                                    .convert(error)
                            });
                        }
                    };
                    Ok(())
                },
            )
            .await
    };
    ::outbox::__private::finish(
            owned,
            __outbox_out,
            (|error: ::outbox::Error| {
                #[allow(unused_imports)]
                use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
                (&&::outbox::__private::Convert::<AppError>::new()).convert(error)
            }),
        )
        .await
}
