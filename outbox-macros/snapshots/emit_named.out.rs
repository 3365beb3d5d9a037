// The expansion of `emit_named.in.rs`.
async fn helper(sp: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    match {
        let records = ::outbox::__private::record(&(Opened { account: 1 })).rows();
        {
            #[allow(unused_imports)]
            use ::outbox::__private::Insert as _;
            sp.__outbox_emit(records)
        }
    }
        .await
    {
        ::core::result::Result::Ok(()) => {}
        ::core::result::Result::Err(error) => return ::outbox::__private::leave(error),
    };
    Ok(())
}
