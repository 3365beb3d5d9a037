#[transactional_event(tx = state.db)]
async fn open(State(state): State<AppState>, Json(input): Json<Open>) -> AppResult<impl IntoResponse> {
    emit!(Opened { account: input.account });
    Ok(StatusCode::CREATED)
}
