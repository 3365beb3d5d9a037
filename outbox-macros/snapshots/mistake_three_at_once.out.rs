// The expansion of `mistake_three_at_once.in.rs`.
::core::compile_error! {
    "unknown option; `#[transactional_event]` takes `tx = EXPR`, `isolation`, `retry`, `independent`, `savepoint`, `allow` and `crate` [OBX-016]"
}
::core::compile_error! {
    "a `#[transactional_event]` handler is an `async fn`; write `async` before `fn` [OBX-002]"
}
::core::compile_error! {
    "a `#[transactional_event]` handler returns a `Result`: `Ok` commits, `Err` rolls back [OBX-003]"
}
#[allow(unused, clippy::all, clippy::pedantic)]
fn wrong(pool: &PgPool) -> Option<()> {
    {};
    ::outbox::__private::never()
}
