// The expansion of `mistake_on_a_struct.in.rs`.
::core::compile_error! {
    "`#[transactional_event]` goes on an `async fn` with a body, not on other items [OBX-001]"
}
struct Wrong {
    pool: PgPool,
}
