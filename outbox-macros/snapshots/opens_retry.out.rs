// The expansion of `opens_retry.in.rs`.
async fn transfer(pool: &PgPool, accounts: Vec<i64>) -> Result<(), BankError> {
    let mut retry = ::outbox::__private::Retry::new(const { 3 });
    loop {
        let mut owned = match ::outbox::__private::open(
                &(pool),
                ::core::concat!(::core::module_path!(), "::transfer"),
                false,
                <::outbox::__private::BeginOptions as ::core::default::Default>::default()
                    .isolation(::outbox::__private::Isolation::Serializable),
            )
            .await
        {
            ::core::result::Result::Ok(owned) => owned,
            ::core::result::Result::Err(error) => {
                match retry.not_begun(error).await {
                    ::core::option::Option::None => continue,
                    ::core::option::Option::Some(error) => {
                        return ::outbox::__private::failed({
                            #[allow(unused_imports)]
                            use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
                            (&&::outbox::__private::Convert::<BankError>::new())
                                .convert(error)
                        });
                    }
                }
            }
        };
        let __outbox_out = {
            #[allow(clippy::all, clippy::pedantic)]
            let accounts = ::outbox::__private::Argument(&accounts).again();
            #[allow(unused_variables)]
            let tx = &mut owned;
            ::outbox::__private::body(
                    ::core::concat!(::core::module_path!(), "::transfer"),
                    async {
                        #[allow(unreachable_code, clippy::all, clippy::pedantic)]
                        if false {
                            let out: Result<(), BankError> = ::outbox::__private::never();
                            let _ = &mut accounts;
                            return out;
                        }
                        #[allow(
                            deprecated,
                            unused_must_use,
                            clippy::all,
                            clippy::pedantic
                        )]
                        if false {
                            #[allow(unused_imports)]
                            use ::outbox::__private::probes::*;
                            #[allow(clippy::all, clippy::pedantic)]
                            {
                                accounts.__outbox_ty().__outbox_held().__outbox_judge();
                            }
                            ::outbox::__private::never()
                        }
                        for account in accounts {
                            sqlx::query("UPDATE accounts SET seen = now() WHERE id = $1")
                                .bind(account)
                                .execute(&mut *tx)
                                .await?;
                        }
                        match {
                            let records = ::outbox::__private::record(&(Transferred))
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
        if let ::core::option::Option::Some(__outbox_out) = ::outbox::__private::finish_or_retry(
                &mut retry,
                owned,
                __outbox_out,
                (|error: ::outbox::Error| {
                    #[allow(unused_imports)]
                    use ::outbox::__private::{ViaDatabase as _, ViaOurs as _};
                    (&&::outbox::__private::Convert::<BankError>::new()).convert(error)
                }),
                (|error| {
                    #[allow(unused_imports)]
                    use ::outbox::__private::{
                        ViaError as _, ViaRetryable as _, ViaSource as _,
                    };
                    (&&&::outbox::__private::Classify(error)).is_transient()
                }),
            )
            .await
        {
            break __outbox_out;
        }
    }
}
