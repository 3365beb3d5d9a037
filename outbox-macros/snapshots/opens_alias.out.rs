// The expansion of `opens_alias.in.rs`.
async fn open(
    State(state): State<AppState>,
    Json(input): Json<Open>,
) -> AppResult<impl IntoResponse> {
    let mut owned = match ::outbox::__private::open(
            &(state.db),
            ::core::concat!(::core::module_path!(), "::open"),
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
                (&&::outbox::__private::Convert::<
                    <AppResult<()> as ::outbox::__private::ResultLike>::Err,
                >::new())
                    .convert(error)
            });
        }
    };
    let __outbox_out = {
        #[allow(unused_variables)]
        let tx = &mut owned;
        ::outbox::__private::body(
                ::core::concat!(::core::module_path!(), "::open"),
                async {
                    #[allow(unreachable_code, clippy::all, clippy::pedantic)]
                    if false {
                        let out: AppResult<_> = ::outbox::__private::never();
                        let _ = &mut input;
                        return out;
                    }
                    #[allow(deprecated, unused_must_use, clippy::all, clippy::pedantic)]
                    if false {
                        #[allow(unused_imports)]
                        use ::outbox::__private::probes::*;
                        #[allow(clippy::all, clippy::pedantic)]
                        {
                            ({
                                let it: &State<AppState> = ::outbox::__private::reference();
                                it
                            })
                                .__outbox_ty()
                                .__outbox_held()
                                .__outbox_judge();
                            ({
                                let it: &Json<Open> = ::outbox::__private::reference();
                                it
                            })
                                .__outbox_ty()
                                .__outbox_held()
                                .__outbox_judge();
                            input.account.__outbox_ty().__outbox_held().__outbox_judge();
                        }
                        ::outbox::__private::never()
                    }
                    match {
                        let records = ::outbox::__private::record(
                                &(Opened { account: input.account }),
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
                                (&&::outbox::__private::Convert::<
                                    <AppResult<()> as ::outbox::__private::ResultLike>::Err,
                                >::new())
                                    .convert(error)
                            });
                        }
                    };
                    Ok(StatusCode::CREATED)
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
                (&&::outbox::__private::Convert::<
                    <AppResult<()> as ::outbox::__private::ResultLike>::Err,
                >::new())
                    .convert(error)
            }),
        )
        .await
}
