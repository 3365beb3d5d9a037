#[transactional_event(tx = pool)]
async fn blocks(pool: &PgPool) -> Result<(), AppError> {
    let block = async {
        emit!(Opened { account: 1 });
        Ok::<_, sqlx::Error>(())
    };
    block.await?;
    if pool.size() > 1 {
        outbox::emit!(&Opened { account: 2 });
        return Ok(());
    }
    match pool.size() {
        0 => emit!(Opened { account: 3 }),
        _ => unreachable!(),
    }
    Ok(())
}
