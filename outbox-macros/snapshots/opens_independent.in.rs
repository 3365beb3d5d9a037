#[transactional_event(tx = pool, independent)]
async fn audit(pool: &PgPool, what: &str) -> Result<(), sqlx::Error> {
    emit!(Audited { what });
    Ok(())
}
