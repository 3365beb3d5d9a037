// The expansion of `emit_options.in.rs`.
async fn options(pool: &PgPool, events: Vec<Opened>) -> Result<(), AppError> {
    let mut owned = match ::outbox::__private::open(
            &(pool),
            ::core::concat!(::core::module_path!(), "::options"),
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
                ::core::concat!(::core::module_path!(), "::options"),
                async {
                    #[allow(unreachable_code, clippy::all, clippy::pedantic)]
                    if false {
                        let out: Result<(), AppError> = ::outbox::__private::never();
                        let _ = &mut events;
                        return out;
                    }
                    #[allow(deprecated, unused_must_use, clippy::all, clippy::pedantic)]
                    if false {
                        #[allow(unused_imports)]
                        use ::outbox::__private::probes::*;
                        #[allow(clippy::all, clippy::pedantic)]
                        {
                            events.__outbox_ty().__outbox_held().__outbox_judge();
                            ::outbox::__private::Ty::<Opened>::new()
                                .__outbox_held()
                                .__outbox_judge();
                        }
                        ::outbox::__private::never()
                    }
                    match {
                        let records = {
                            let encoded = ::outbox::__private::record(
                                &(Opened { account: 1 }),
                            );
                            encoded
                                .with(
                                    ::outbox::__private::Emission::new()
                                        .key(&("1"))
                                        .topic(&("other"))
                                        .header(&("tenant"), &("a")),
                                )
                        };
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
                    sqlx::query("SELECT 1").execute(&mut *tx).await?;
                    match {
                        let records = {
                            let encoded = ::outbox::__private::record(
                                &(Opened { account: 2 }),
                            );
                            encoded
                                .with(
                                    ::outbox::__private::Emission::new()
                                        .delay(std::time::Duration::from_secs(1)),
                                )
                        };
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
                    sqlx::query("SELECT 1").execute(&mut *tx).await?;
                    match {
                        let records = {
                            #[allow(unused_imports)]
                            use ::outbox::__private::{Each as _, NotEach as _};
                            ::outbox::__private::records(
                                    ::outbox::__private::Probe(events).each(),
                                )
                                .rows()
                        };
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
                    sqlx::query("SELECT 1").execute(&mut *tx).await?;
                    match {
                        let records = ::outbox::__private::array([
                                ::outbox::__private::record(&(Opened { account: 3 })),
                                ::outbox::__private::record(&(Opened { account: 4 })),
                            ])
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
                    sqlx::query("SELECT 1").execute(&mut *tx).await?;
                    match {
                        let records = ::outbox::__private::Emission::new()
                            .topic(&("raw"))
                            .name(&("raw.opened"))
                            .payload(b"{}".to_vec())
                            .raw("raw.opened");
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
