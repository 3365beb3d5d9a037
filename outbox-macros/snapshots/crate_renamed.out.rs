// The expansion of `crate_renamed.in.rs`.
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    #[allow(unused_imports)]
    use my::events as __outbox_root;
    let mut owned = match __outbox_root::__private::open(
            &(pool),
            ::core::concat!(::core::module_path!(), "::open"),
            false,
            <__outbox_root::__private::BeginOptions as ::core::default::Default>::default(),
        )
        .await
    {
        ::core::result::Result::Ok(owned) => owned,
        ::core::result::Result::Err(error) => {
            return __outbox_root::__private::failed({
                #[allow(unused_imports)]
                use __outbox_root::__private::{ViaDatabase as _, ViaOurs as _};
                (&&__outbox_root::__private::Convert::<sqlx::Error>::new())
                    .convert(error)
            });
        }
    };
    let __outbox_out = {
        #[allow(unused_variables)]
        let tx = &mut owned;
        __outbox_root::__private::body(
                ::core::concat!(::core::module_path!(), "::open"),
                async {
                    #[allow(unreachable_code, clippy::all, clippy::pedantic)]
                    if false {
                        let out: Result<(), sqlx::Error> = __outbox_root::__private::never();
                        return out;
                    }
                    match {
                        let records = __outbox_root::__private::record(
                                &(Opened { account: 1 }),
                            )
                            .rows();
                        {
                            #[allow(unused_imports)]
                            use __outbox_root::__private::Insert as _;
                            tx.__outbox_emit(records)
                        }
                    }
                        .await
                    {
                        ::core::result::Result::Ok(()) => {}
                        ::core::result::Result::Err(error) => {
                            return __outbox_root::__private::failed({
                                #[allow(unused_imports)]
                                use __outbox_root::__private::{
                                    ViaDatabase as _, ViaOurs as _,
                                };
                                (&&__outbox_root::__private::Convert::<sqlx::Error>::new())
                                    .convert(error)
                            });
                        }
                    };
                    Ok(())
                },
            )
            .await
    };
    __outbox_root::__private::finish(
            owned,
            __outbox_out,
            (|error: __outbox_root::Error| {
                #[allow(unused_imports)]
                use __outbox_root::__private::{ViaDatabase as _, ViaOurs as _};
                (&&__outbox_root::__private::Convert::<sqlx::Error>::new())
                    .convert(error)
            }),
        )
        .await
}
