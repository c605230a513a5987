//! `GET /livez`, `/readyz` and `/healthz`: whether the process lives, whether it takes new calls, and how it is.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use http_core::{
    App,
    auth::{NotOperator, Operator},
};

use crate::wire::health::HealthWire;

/// 200 `ok`: whoever gets no answer may start the process anew.
pub async fn lives() -> Response {
    text(StatusCode::OK, "ok\n".to_owned())
}

/// 200 `ok` while new calls are taken, else 503 and why they are not.
pub async fn is_ready(State(app): State<Arc<App>>) -> Response {
    let wire = HealthWire::of(&app);
    text(status(&wire), format!("{}\n", wire.refuses.unwrap_or("ok")))
}

/// As [`is_ready`]; for the operator's networks with all details.
pub async fn show(State(app): State<Arc<App>>, operator: Result<Operator, NotOperator>) -> Response {
    let wire = HealthWire::of(&app);
    match operator {
        Ok(_) => (status(&wire), Json(wire)).into_response(),
        Err(_) => text(status(&wire), format!("{}\n", wire.refuses.unwrap_or("ok"))),
    }
}

fn status(wire: &HealthWire) -> StatusCode {
    match wire.refuses {
        None => StatusCode::OK,
        Some(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn text(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}
