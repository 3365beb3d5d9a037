// The expansion of `opens_method.in.rs`.
impl Bank {
    #[tracing::instrument(skip_all)]
    pub async fn open(&mut self, account: i64) -> Result<i64, sqlx::Error> {
        let mut owned = match ::outbox::__private::open(
                &(self.pool),
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
                    (&&::outbox::__private::Convert::<sqlx::Error>::new()).convert(error)
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
                            let out: Result<i64, sqlx::Error> = ::outbox::__private::never();
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
                                self.opened.__outbox_ty().__outbox_held().__outbox_judge();
                            }
                            ::outbox::__private::never()
                        }
                        self.opened += 1;
                        match {
                            let records = ::outbox::__private::record(
                                    &(Opened { account }),
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
                                    (&&::outbox::__private::Convert::<sqlx::Error>::new())
                                        .convert(error)
                                });
                            }
                        };
                        Ok(self.opened)
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
}
