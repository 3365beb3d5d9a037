// The expansion of `joins.in.rs`.
async fn open(
    tx: &mut Transaction<'_, Postgres>,
    account: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO accounts VALUES ($1)")
        .bind(account)
        .execute(&mut **tx)
        .await?;
    match {
        let records = ::outbox::__private::record(&(Opened { account })).rows();
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
