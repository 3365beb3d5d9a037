// The expansion of `mistake_emit_outside.in.rs`.
fn outside() {
    ::core::compile_error! {
        "`emit!` works only inside a `#[transactional_event]` handler: the event is stored by the handler's transaction; beside `#[axum::debug_handler]`, put `#[transactional_event]` first"
    };
}
