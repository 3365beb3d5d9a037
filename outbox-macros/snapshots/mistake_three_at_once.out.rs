// The expansion of `mistake_three_at_once.in.rs`.
::core::compile_error! {
    "unknown option; `#[transactional_event]` takes `tx = EXPR`, `isolation`, `retry`, `independent`, `savepoint`, `allow` and `crate`"
}
::core::compile_error! {
    "a `#[transactional_event]` handler is an `async fn`; write `async` before `fn`"
}
::core::compile_error! {
    "a `#[transactional_event]` handler returns a `Result`: `Ok` commits, `Err` rolls back"
}
#[allow(unused, clippy::all, clippy::pedantic)]
fn wrong(pool: &PgPool) -> Option<()> {
    {};
    ::outbox::__private::never()
}
