// The expansion of `opens_independent.in.rs`.
async fn audit(pool: &PgPool, what: &str) -> Result<(), sqlx::Error> {
    let mut owned = match ::outbox::__private::open(
            &(pool),
            ::core::concat!(::core::module_path!(), "::audit"),
            true,
            <::outbox::__private::BeginOptions as ::core::default::Default>::default(),
        )
        .await
    {
        ::core::result::Result::Ok(owned) => owned,
        ::core::result::Result::Err(error) => {
            return ::outbox::__private::failed({
                #[allow(unused_imports)]
                use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
                (&&::outbox::__private::Convert::<sqlx::Error>::new()).convert(error)
            });
        }
    };
    let __outbox_out = {
        #[allow(unused_variables)]
        let tx = &mut owned;
        ::outbox::__private::body(
                ::core::concat!(::core::module_path!(), "::audit"),
                async {
                    #[allow(unreachable_code, clippy::all, clippy::pedantic)]
                    if false {
                        let out: Result<(), sqlx::Error> = ::outbox::__private::never();
                        let _ = &what;
                        return out;
                    }
                    match {
                        let records = ::outbox::__private::record(&(Audited { what }))
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
                (&&::outbox::__private::Convert::<sqlx::Error>::new()).convert(error)
            }),
        )
        .await
}
