//! `GET /healthz`: whether the server works.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};

use crate::App;

/// 200 `ok` if the history answers, else 503.
pub async fn show(State(app): State<Arc<App>>) -> impl IntoResponse {
    let answers = app.history.left_by_runs().await.is_ok();
    let (status, text) =
        if answers { (StatusCode::OK, "ok\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "history fails\n") };
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text)
}
