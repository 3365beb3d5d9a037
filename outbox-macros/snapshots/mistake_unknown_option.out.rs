// The expansion of `mistake_unknown_option.in.rs`.
::core::compile_error! {
    "unknown option; `#[transactional_event]` takes `tx = EXPR`, `isolation`, `retry`, `independent`, `savepoint`, `allow` and `crate` [OBX-016]"
}
#[allow(unused, clippy::all, clippy::pedantic)]
async fn wrong(pool: &PgPool) -> sqlx::Result<()> {
    Ok(())
}
