// The expansion of `mistake_emit_outside.in.rs`.
fn outside() {
    ::core::compile_error! {
        "`emit!` works only inside a `#[transactional_event]` handler: the event is stored by the handler's transaction; in other async functions name it, `emit!(tx => event)`; beside `#[axum::debug_handler]`, put `#[transactional_event]` first [OBX-020]"
    };
}
