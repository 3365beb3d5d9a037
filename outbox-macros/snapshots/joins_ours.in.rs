#[transactional_event]
async fn open<T: Serialize>(tx: &mut Tx<'_, Postgres>, extra: T) -> AppResult<()> {
    emit!(Opened { extra });
    Ok(())
}
