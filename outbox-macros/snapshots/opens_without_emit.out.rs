// The expansion of `opens_without_emit.in.rs`.
async fn touch(pool: &PgPool) -> sqlx::Result<()> {
    let mut owned = match ::outbox::__private::open(
            &(pool),
            ::core::concat!(::core::module_path!(), "::touch"),
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
                    <sqlx::Result<()> as ::outbox::__private::ResultLike>::Err,
                >::new())
                    .convert(error)
            });
        }
    };
    let __outbox_out = {
        #[allow(unused_variables)]
        let tx = &mut owned;
        ::outbox::__private::body(
                ::core::concat!(::core::module_path!(), "::touch"),
                async {
                    #[allow(unreachable_code, clippy::all, clippy::pedantic)]
                    if false {
                        let out: sqlx::Result<()> = ::outbox::__private::never();
                        return out;
                    }
                    sqlx::query("UPDATE accounts SET seen = now()")
                        .execute(&mut *tx)
                        .await
                        .map(drop)
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
                    <sqlx::Result<()> as ::outbox::__private::ResultLike>::Err,
                >::new())
                    .convert(error)
            }),
        )
        .await
}
