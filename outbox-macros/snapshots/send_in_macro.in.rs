#[transactional_event(tx = app.pool)]
async fn hidden(app: &App, queue: mpsc::Sender<i64>) -> Result<(), AppError> {
    own_macro!(app.producer.send(record(1)));
    let (one, two) = tokio::join!(queue.send(1), queue.send(2));
    Ok(())
}
