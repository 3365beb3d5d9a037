// The expansion of `crate_renamed.in.rs`.
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    let mut owned = match my::events::__private::open(
            &(pool),
            ::core::concat!(::core::module_path!(), "::open"),
            false,
            <my::events::__private::BeginOptions as ::core::default::Default>::default(),
        )
        .await
    {
        ::core::result::Result::Ok(owned) => owned,
        ::core::result::Result::Err(error) => {
            return my::events::__private::failed({
                #[allow(unused_imports)]
                use my::events::__private::{ViaDatabase as _, ViaOurs as _};
                (&&my::events::__private::Convert::<sqlx::Error>::new()).convert(error)
            });
        }
    };
    let __outbox_out = {
        #[allow(unused_variables)]
        let tx = &mut owned;
        my::events::__private::body(
                ::core::concat!(::core::module_path!(), "::open"),
                async {
                    #[allow(
                        unreachable_code,
                        clippy::diverging_sub_expression,
                        clippy::needless_return
                    )]
                    if false {
                        let out: Result<(), sqlx::Error> = my::events::__private::never();
                        return out;
                    }
                    #[allow(clippy::all, clippy::pedantic)] if false {}
                    #[allow(deprecated, unused_must_use, clippy::all, clippy::pedantic)]
                    if false {
                        #[allow(unused_imports)]
                        use my::events::__private::{
                            Beside as _, Pooled as _, Raw as _, Statement as _,
                            TyOf as _, Within as _,
                        };
                        #[allow(clippy::all, clippy::pedantic)]
                        {
                            my::events::__private::Ty::<PgPool>::new()
                                .__outbox_held()
                                .__outbox_judge();
                        }
                        my::events::__private::never()
                    }
                    match {
                        let records = my::events::__private::record(
                                &(Opened { account: 1 }),
                            )
                            .rows();
                        #[allow(unused_imports)]
                        use my::events::__private::Insert as _;
                        tx.__outbox_emit(records)
                    }
                        .await
                    {
                        ::core::result::Result::Ok(()) => {}
                        ::core::result::Result::Err(error) => {
                            return my::events::__private::failed({
                                #[allow(unused_imports)]
                                use my::events::__private::{ViaDatabase as _, ViaOurs as _};
                                (&&my::events::__private::Convert::<sqlx::Error>::new())
                                    .convert(error)
                            });
                        }
                    };
                    Ok(())
                },
            )
            .await
    };
    my::events::__private::finish(
            owned,
            __outbox_out,
            (|error: my::events::Error| {
                #[allow(unused_imports)]
                use my::events::__private::{ViaDatabase as _, ViaOurs as _};
                (&&my::events::__private::Convert::<sqlx::Error>::new()).convert(error)
            }),
        )
        .await
}
