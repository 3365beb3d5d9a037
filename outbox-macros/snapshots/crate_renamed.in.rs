#[transactional_event(tx = pool, crate = my::events)]
async fn open(pool: &PgPool) -> Result<(), sqlx::Error> {
    my::events::emit!(Opened { account: 1 });
    Ok(())
}
