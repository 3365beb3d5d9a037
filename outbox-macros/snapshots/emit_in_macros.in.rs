#[transactional_event(tx = pool)]
async fn macros(pool: &PgPool) -> Result<(), AppError> {
    let all = vec![emit!(Opened { account: 1 }), emit!(Opened { account: 2 })];
    tokio::select! {
        _ = ready() => { emit!(Opened { account: 3 }); }
        else => {}
    }
    own!(fn nested() { emit!(Opened { account: 4 }) });
    Ok(())
}
