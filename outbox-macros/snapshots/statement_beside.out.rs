// The expansion of `statement_beside.in.rs`.
async fn beside(&self, other: &PgPool) -> Result<(), AppError> {
    let mut owned = match ::outbox::__private::open(
            &(self.pool),
            ::core::concat!(::core::module_path!(), "::beside"),
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
                (&&::outbox::__private::Convert::<AppError>::new()).convert(error)
            });
        }
    };
    let __outbox_out = {
        #[allow(unused_variables)]
        let tx = &mut owned;
        ::outbox::__private::body(
                ::core::concat!(::core::module_path!(), "::beside"),
                async {
                    #[allow(unreachable_code, clippy::all, clippy::pedantic)]
                    if false {
                        let out: Result<(), AppError> = ::outbox::__private::never();
                        let _ = &self;
                        let _ = &other;
                        return out;
                    }
                    #[allow(deprecated, unused_must_use, clippy::all, clippy::pedantic)]
                    if false {
                        #[allow(unused_imports)]
                        use ::outbox::__private::probes::*;
                        #[allow(clippy::all, clippy::pedantic)]
                        {
                            (*other).__outbox_ty().__outbox_held().__outbox_judge();
                        }
                        ::outbox::__private::never()
                    }
                    match ::outbox::__private::pass((), sqlx::query("SELECT 1")) {
                        __outbox_receiver => {
                            if false {
                                #[allow(unused_imports)]
                                use ::outbox::__private::probes::*;
                                #[allow(clippy::all, clippy::pedantic)]
                                {
                                    self.pool
                                        .__outbox_ty()
                                        .__outbox_beside()
                                        .__outbox_with(
                                            __outbox_receiver.__outbox_ty().__outbox_statement(),
                                        )
                                        .__outbox_opened();
                                }
                                ::outbox::__private::never()
                            }
                            __outbox_receiver
                        }
                    }
                        .execute(&self.pool)
                        .await?;
                    match ::outbox::__private::pass((), sqlx::query("SELECT 1")) {
                        __outbox_receiver => {
                            if false {
                                #[allow(unused_imports)]
                                use ::outbox::__private::probes::*;
                                #[allow(clippy::all, clippy::pedantic)]
                                {
                                    other
                                        .__outbox_ty()
                                        .__outbox_beside()
                                        .__outbox_with(
                                            __outbox_receiver.__outbox_ty().__outbox_statement(),
                                        )
                                        .__outbox_opened();
                                }
                                ::outbox::__private::never()
                            }
                            __outbox_receiver
                        }
                    }
                        .fetch_one(other)
                        .await?;
                    let connection = ::outbox::__private::pass(
                            if false {
                                #[allow(unused_imports)]
                                use ::outbox::__private::probes::*;
                                #[allow(clippy::all, clippy::pedantic)]
                                {
                                    other
                                        .__outbox_ty()
                                        .__outbox_beside()
                                        .__outbox_with(::outbox::__private::Sql)
                                        .__outbox_opened();
                                }
                                ::outbox::__private::never()
                            },
                            other.acquire(),
                        )
                        .await?;
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
                (&&::outbox::__private::Convert::<AppError>::new()).convert(error)
            }),
        )
        .await
}
