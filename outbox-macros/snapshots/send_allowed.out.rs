// The expansion of `send_allowed.in.rs`.
async fn allowed(app: &App) -> Result<(), AppError> {
    let mut owned = match ::outbox::__private::Begin::begin(&(app.pool)).await {
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
                ::outbox::__private::Ty::<App>::new().check();
            }
            ::outbox::__private::pass(
                    if false {
                        #[allow(unused_imports)]
                        use ::outbox::__private::{Accept as _, Refuse as _, TyOf as _};
                        #[allow(clippy::all, clippy::pedantic)]
                        app.producer.__outbox_ty().check();
                        ::outbox::__private::never()
                    },
                    app.producer.send(record(1), Duration::ZERO),
                )
                .await?;
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
