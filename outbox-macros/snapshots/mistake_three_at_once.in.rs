#[transactional_event(txx = pool)]
fn wrong(pool: &PgPool) -> Option<()> {
    emit!(Opened { account: 1 });
    None
}
