// The expansion of `joins_trait_default.in.rs`.
trait Bank {
    async fn open(&self, tx: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
        match {
            let records = ::outbox::__private::record(&(Opened { account: 1 })).rows();
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
                    (&&::outbox::__private::Convert::<sqlx::Error>::new()).convert(error)
                });
            }
        };
        Ok(())
    }
}
