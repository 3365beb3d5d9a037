// The expansion of `opens_retry.in.rs`.
async fn transfer(pool: &PgPool, accounts: Vec<i64>) -> Result<(), BankError> {
    let mut owned = match ::outbox::__private::Begin::begin(&(pool)).await {
        ::core::result::Result::Ok(owned) => owned,
        ::core::result::Result::Err(error) => {
            return ::core::result::Result::Err(
                (|error: ::outbox::Error| {
                    #[allow(unused_imports)]
                    use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
                    (&&::outbox::__private::Convert::<BankError>::new()).convert(error)
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
                let out: Result<(), BankError> = ::outbox::__private::never();
                return out;
            }
            #[allow(unused_imports, deprecated, clippy::all, clippy::pedantic)]
            if false {
                use ::outbox::__private::{Accept as _, Refuse as _};
                ::outbox::__private::Ty::<PgPool>::new().check();
                ::outbox::__private::Ty::<Vec<i64>>::new().check();
            }
            for account in accounts {
                sqlx::query("UPDATE accounts SET seen = now() WHERE id = $1")
                    .bind(account)
                    .execute(&mut *tx)
                    .await?;
            }
            match {
                let record = ::outbox::__private::record(&(Transferred));
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
                            (&&::outbox::__private::Convert::<BankError>::new())
                                .convert(error)
                        })(error),
                    );
                }
            };
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
                (&&::outbox::__private::Convert::<BankError>::new()).convert(error)
            }),
        )
        .await
}
