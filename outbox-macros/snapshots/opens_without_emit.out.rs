// The expansion of `opens_without_emit.in.rs`.
async fn touch(pool: &PgPool) -> sqlx::Result<()> {
    let mut owned = match ::outbox::__private::Begin::begin(&(pool)).await {
        ::core::result::Result::Ok(owned) => owned,
        ::core::result::Result::Err(error) => {
            return ::core::result::Result::Err(
                (|error: ::outbox::Error| {
                    #[allow(unused_imports)]
                    use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
                    (&&::outbox::__private::Convert::<
                        <sqlx::Result<()> as ::outbox::__private::ResultLike>::Err,
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
                let out: sqlx::Result<()> = ::outbox::__private::never();
                return out;
            }
            #[allow(unused_imports, deprecated, clippy::all, clippy::pedantic)]
            if false {
                use ::outbox::__private::{Accept as _, Refuse as _};
                ::outbox::__private::Ty::<PgPool>::new().check();
            }
            sqlx::query("UPDATE accounts SET seen = now()")
                .execute(&mut *tx)
                .await
                .map(drop)
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
                    <sqlx::Result<()> as ::outbox::__private::ResultLike>::Err,
                >::new())
                    .convert(error)
            }),
        )
        .await
}
