#[transactional_event(tx = app.pool, allow(raw_kafka, reason = "a heartbeat, which may be lost"))]
async fn allowed(app: &App) -> Result<(), AppError> {
    app.producer.send(record(1), Duration::ZERO).await?;
    Ok(())
}
