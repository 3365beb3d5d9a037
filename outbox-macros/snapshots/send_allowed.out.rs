// The expansion of `send_allowed.in.rs`.
async fn allowed(app: &App) -> Result<(), AppError> {
    let mut owned = match ::outbox::__private::open(
            &(app.pool),
            ::core::concat!(::core::module_path!(), "::allowed"),
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
                ::core::concat!(::core::module_path!(), "::allowed"),
                async {
                    #[allow(unreachable_code, clippy::all, clippy::pedantic)]
                    if false {
                        let out: Result<(), AppError> = ::outbox::__private::never();
                        let _ = &app;
                        return out;
                    }
                    app.producer.send(record(1), Duration::ZERO).await?;
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
