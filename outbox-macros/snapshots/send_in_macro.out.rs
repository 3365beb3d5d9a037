// The expansion of `send_in_macro.in.rs`.
async fn hidden(app: &App, queue: mpsc::Sender<i64>) -> Result<(), AppError> {
    let mut owned = match ::outbox::__private::open(
            &(app.pool),
            ::core::concat!(::core::module_path!(), "::hidden"),
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
                ::core::concat!(::core::module_path!(), "::hidden"),
                async {
                    #[allow(unreachable_code, clippy::all, clippy::pedantic)]
                    if false {
                        let out: Result<(), AppError> = ::outbox::__private::never();
                        let _ = &app;
                        let _ = &mut queue;
                        return out;
                    }
                    #[allow(deprecated, unused_must_use, clippy::all, clippy::pedantic)]
                    if false {
                        #[allow(unused_imports)]
                        use ::outbox::__private::probes::*;
                        #[allow(clippy::all, clippy::pedantic)]
                        {
                            (*app).__outbox_ty().__outbox_held().__outbox_judge();
                            app.producer.__outbox_ty().__outbox_sends().__outbox_judge();
                        }
                        ::outbox::__private::never()
                    }
                    own_macro!(app.producer.send(record(1)));
                    let (one, two) = tokio::join!(
                        ::outbox::__private::pass(if false { #[allow(unused_imports)] use
                        ::outbox::__private::probes:: *; #[allow(clippy::all,
                        clippy::pedantic)] { queue.__outbox_ty().__outbox_sends()
                        .__outbox_judge(); } ::outbox::__private::never() }, queue
                        .send(1)), ::outbox::__private::pass(if false {
                        #[allow(unused_imports)] use ::outbox::__private::probes:: *;
                        #[allow(clippy::all, clippy::pedantic)] { queue.__outbox_ty()
                        .__outbox_sends().__outbox_judge(); }
                        ::outbox::__private::never() }, queue.send(2))
                    );
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
