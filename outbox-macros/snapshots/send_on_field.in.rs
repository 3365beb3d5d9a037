#[transactional_event(tx = app.pool)]
async fn field(app: &App) -> Result<(), AppError> {
    app.producer.send(record(1), Duration::ZERO).await?;
    app.producers[0].send(record(1), Duration::ZERO).await?;
    app.producer().send(record(1), Duration::ZERO).await?;
    FutureProducer::send(&app.producer, record(2), Duration::ZERO).await?;
    Ok(())
}
