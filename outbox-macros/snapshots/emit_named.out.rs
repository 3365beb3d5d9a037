// The expansion of `emit_named.in.rs`.
async fn helper(sp: &mut Transaction<'_, Postgres>) -> Result<(), sqlx::Error> {
    ::core::compile_error! {
        "`emit!` works only inside a `#[transactional_event]` handler: the event is stored by the handler's transaction; beside `#[axum::debug_handler]`, put `#[transactional_event]` first"
    };
    Ok(())
}
