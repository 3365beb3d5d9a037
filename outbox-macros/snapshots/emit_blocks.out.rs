// The expansion of `emit_blocks.in.rs`.
async fn blocks(pool: &PgPool) -> Result<(), AppError> {
    let mut owned = match ::outbox::__private::open(
            &(pool),
            ::core::concat!(::core::module_path!(), "::blocks"),
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
                ::core::concat!(::core::module_path!(), "::blocks"),
                async {
                    #[allow(unreachable_code, clippy::all, clippy::pedantic)]
                    if false {
                        let out: Result<(), AppError> = ::outbox::__private::never();
                        let _ = &pool;
                        return out;
                    }
                    let block = async {
                        match {
                            let records = ::outbox::__private::record(
                                    &(Opened { account: 1 }),
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
                                    (&&::outbox::__private::Convert::<sqlx::Error>::new())
                                        .convert(error)
                                });
                            }
                        };
                        Ok::<_, sqlx::Error>(())
                    };
                    block.await?;
                    if pool.size() > 1 {
                        match {
                            let records = ::outbox::__private::record(
                                    &(&Opened { account: 2 }),
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
                        return Ok(());
                    }
                    match pool.size() {
                        0 => {
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
                            }
                        }
                        _ => unreachable!(),
                    }
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
