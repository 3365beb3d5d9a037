async fn helper(sp: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    emit!(sp => Opened { account: 1 });
    Ok(())
}
