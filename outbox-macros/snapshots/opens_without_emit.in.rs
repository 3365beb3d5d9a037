#[transactional_event(tx = pool)]
async fn touch(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::query("UPDATE accounts SET seen = now()").execute(&mut *tx).await.map(drop)
}
