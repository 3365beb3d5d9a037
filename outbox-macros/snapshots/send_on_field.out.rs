// The expansion of `send_on_field.in.rs`.
async fn field(app: &App) -> Result<(), AppError> {
    let mut owned = match ::outbox::__private::open(
            &(app.pool),
            ::core::concat!(::core::module_path!(), "::field"),
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
                ::core::concat!(::core::module_path!(), "::field"),
                async {
                    #[allow(unreachable_code, clippy::all, clippy::pedantic)]
                    if false {
                        let out: Result<(), AppError> = ::outbox::__private::never();
                        let _ = &app;
                        return out;
                    }
                    #[allow(deprecated, unused_must_use, clippy::all, clippy::pedantic)]
                    if false {
                        #[allow(unused_imports)]
                        use ::outbox::__private::probes::*;
                        #[allow(clippy::all, clippy::pedantic)]
                        {
                            (*app).__outbox_ty().__outbox_held().__outbox_judge();
                            app.producers.__outbox_ty().__outbox_held().__outbox_judge();
                        }
                        ::outbox::__private::never()
                    }
                    ::outbox::__private::pass(
                            if false {
                                #[allow(unused_imports)]
                                use ::outbox::__private::probes::*;
                                #[allow(clippy::all, clippy::pedantic)]
                                {
                                    app.producer
                                        .__outbox_ty()
                                        .__outbox_sends()
                                        .__outbox_judge();
                                }
                                ::outbox::__private::never()
                            },
                            app.producer.send(record(1), Duration::ZERO),
                        )
                        .await?;
                    ::outbox::__private::pass(
                            if false {
                                #[allow(unused_imports)]
                                use ::outbox::__private::probes::*;
                                #[allow(clippy::all, clippy::pedantic)]
                                {
                                    app.producers[0]
                                        .__outbox_ty()
                                        .__outbox_sends()
                                        .__outbox_judge();
                                }
                                ::outbox::__private::never()
                            },
                            app.producers[0].send(record(1), Duration::ZERO),
                        )
                        .await?;
                    ::outbox::__private::pass(
                            (),
                            match ::outbox::__private::pass((), app.producer()) {
                                __outbox_receiver => {
                                    if false {
                                        #[allow(unused_imports)]
                                        use ::outbox::__private::probes::*;
                                        #[allow(clippy::all, clippy::pedantic)]
                                        {
                                            __outbox_receiver
                                                .__outbox_ty()
                                                .__outbox_sends()
                                                .__outbox_judge();
                                        }
                                        ::outbox::__private::never()
                                    }
                                    __outbox_receiver
                                }
                            }
                                .send(record(1), Duration::ZERO),
                        )
                        .await?;
                    ::outbox::__private::pass(
                            if false {
                                #[allow(unused_imports)]
                                use ::outbox::__private::probes::*;
                                #[allow(clippy::all, clippy::pedantic)]
                                {
                                    app.producer
                                        .__outbox_ty()
                                        .__outbox_sends()
                                        .__outbox_judge();
                                }
                                ::outbox::__private::never()
                            },
                            FutureProducer::send(
                                &app.producer,
                                record(2),
                                Duration::ZERO,
                            ),
                        )
                        .await?;
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
