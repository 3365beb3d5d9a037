// The expansion of `opens.in.rs`.
pub async fn withdraw(
    pool: &sqlx::PgPool,
    account: i64,
    amount: i64,
) -> Result<(), BankError> {
    let mut owned = match ::outbox::__private::open(
            &(pool),
            ::core::concat!(::core::module_path!(), "::withdraw"),
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
                (&&::outbox::__private::Convert::<BankError>::new()).convert(error)
            });
        }
    };
    let __outbox_out = {
        #[allow(unused_variables)]
        let tx = &mut owned;
        ::outbox::__private::body(
                ::core::concat!(::core::module_path!(), "::withdraw"),
                async {
                    #[allow(unreachable_code, clippy::all, clippy::pedantic)]
                    if false {
                        let out: Result<(), BankError> = ::outbox::__private::never();
                        return out;
                    }
                    sqlx::query(
                            "UPDATE accounts SET balance = balance - $1 WHERE id = $2",
                        )
                        .bind(amount)
                        .bind(account)
                        .execute(&mut *tx)
                        .await?;
                    match {
                        let records = ::outbox::__private::record(
                                &(FundsWithdrawn { account, amount }),
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
                                (&&::outbox::__private::Convert::<BankError>::new())
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
                (&&::outbox::__private::Convert::<BankError>::new()).convert(error)
            }),
        )
        .await
}
