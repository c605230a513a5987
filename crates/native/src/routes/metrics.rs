//! `GET /metrics`: counters for Prometheus. For the operator's networks only.

use std::sync::Arc;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use http_core::{App, auth::Operator};

use crate::convert::{guard_metrics, sign_in_metrics, webhook_metrics};

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The OpenMetrics text.
pub async fn show(State(app): State<Arc<App>>, _: Operator) -> Response {
    let mut text = app.live.metrics().encode(app.live.snapshot().len(), &**app.live.switch(), &*app.history);
    guard_metrics::append(&mut text, &app.config, app.monotonic());
    webhook_metrics::append(&mut text, &app.config.webhooks);
    sign_in_metrics::append(&mut text, &app.config.sign_in_links, app.monotonic());
    ([(header::CONTENT_TYPE, OPENMETRICS)], text).into_response()
}
