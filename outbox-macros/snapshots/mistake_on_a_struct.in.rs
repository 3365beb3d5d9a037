#[transactional_event(tx = pool)]
struct Wrong {
    pool: PgPool,
}
