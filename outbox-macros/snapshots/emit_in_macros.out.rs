// The expansion of `emit_in_macros.in.rs`.
async fn macros(pool: &PgPool) -> Result<(), AppError> {
    let mut owned = match ::outbox::__private::open(
            &(pool),
            ::core::concat!(::core::module_path!(), "::macros"),
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
                ::core::concat!(::core::module_path!(), "::macros"),
                async {
                    #[allow(unreachable_code, clippy::all, clippy::pedantic)]
                    if false {
                        let out: Result<(), AppError> = ::outbox::__private::never();
                        return out;
                    }
                    #[allow(unused_imports)]
                    use ::outbox::__private::shadow::*;
                    let collected = ::outbox::__private::Collector::new();
                    let collector = &collected;
                    let all = vec![
                        emit!(__outbox_emit { ::outbox } [collector] { AppError }, Opened
                        { account : 1 }), emit!(__outbox_emit { ::outbox } [collector] {
                        AppError }, Opened { account : 2 })
                    ];
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
                    tokio::select! {
                        _ = ready() => { emit!(__outbox_emit { ::outbox } tx { AppError
                        }, Opened { account : 3 }); } else => {}
                    }
                    own!(fn nested() { emit!(Opened { account : 4 }) });
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
