// The expansion of `opens_alias.in.rs`.
async fn open(
    State(state): State<AppState>,
    Json(input): Json<Open>,
) -> AppResult<impl IntoResponse> {
    let mut owned = match ::outbox::__private::Begin::begin(&(state.db)).await {
        ::core::result::Result::Ok(owned) => owned,
        ::core::result::Result::Err(error) => {
            return ::core::result::Result::Err(
                (|error: ::outbox::Error| {
                    #[allow(unused_imports)]
                    use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
                    (&&::outbox::__private::Convert::<
                        <AppResult<()> as ::outbox::__private::ResultLike>::Err,
                    >::new())
                        .convert(error)
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
                let out: AppResult<_> = ::outbox::__private::never();
                return out;
            }
            #[allow(unused_imports, deprecated, clippy::all, clippy::pedantic)]
            if false {
                use ::outbox::__private::{Accept as _, Refuse as _};
                ::outbox::__private::Ty::<State<AppState>>::new().check();
                ::outbox::__private::Ty::<Json<Open>>::new().check();
            }
            match {
                let record = ::outbox::__private::record(
                    &(Opened { account: input.account }),
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
                            (&&::outbox::__private::Convert::<
                                <AppResult<()> as ::outbox::__private::ResultLike>::Err,
                            >::new())
                                .convert(error)
                        })(error),
                    );
                }
            };
            Ok(StatusCode::CREATED)
        }
            .await
    };
    ::outbox::__private::finish(
            owned,
            out,
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
