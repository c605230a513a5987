//! A refused query: which parameters are wrong, all of them at once.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// What is wrong with a query.
#[derive(Debug, Default)]
pub struct InvalidParameters {
    /// The path that was asked.
    pub instance: String,
    wrong: Vec<(&'static str, String)>,
}

impl InvalidParameters {
    /// Nothing yet.
    pub fn of(instance: &str) -> Self {
        Self { instance: instance.to_owned(), wrong: Vec::new() }
    }

    /// A parameter is not what is accepted.
    pub fn add(&mut self, name: &'static str, reason: impl Into<String>) {
        self.wrong.push((name, reason.into()));
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.wrong.is_empty()
    }
}

impl IntoResponse for InvalidParameters {
    fn into_response(self) -> Response {
        let wrong = self.wrong.iter().map(|(name, reason)| json!({ "name": name, "reason": reason }));
        let body = json!({
            "status": 400,
            "title": "Invalid request parameters",
            "instance": self.instance,
            "invalid_parameters": wrong.collect::<Vec<_>>(),
        });
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    }
}
