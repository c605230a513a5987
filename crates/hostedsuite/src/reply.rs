//! How an answer leaves (sections 2 and 3).

use axum::{
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

use super::{
    dates,
    dto::{Show, Value},
    errors::Failure,
    format::{Asked, Document, Format},
    request::Way,
    wire::status::ErrorResponse,
};
use crate::state::HostedSuite;

/// Writes the answer in the format that was asked for.
pub struct Reply {
    format: Format,
    operation: &'static str,
    made_at: String,
}

impl Reply {
    /// For a request that came this way.
    pub fn to(parts: &Parts, operation: &'static str, way: Way, app: &HostedSuite) -> Self {
        let path = match way {
            Way::Own => None,
            Way::Name { format, .. } => format,
        };
        let asked = Asked { uri: &parts.uri, headers: &parts.headers, path };
        let made_at = dates::print(app.now(), &app.config.time_zone);
        let format = Format { formulas: app.config.formulas, ..asked.format() };
        Self { format, operation, made_at }
    }

    /// The answer. What went wrong inside goes to the log.
    pub fn send(&self, outcome: Result<Value, Failure>) -> Response {
        match outcome {
            Ok(value) => self.answer(StatusCode::OK, &value),
            Err(failure) => self.refuse(&failure),
        }
    }

    fn answer(&self, status: StatusCode, value: &Value) -> Response {
        let document = Document { name: self.operation, made_at: &self.made_at, value };
        let body = self.format.print(&document);
        (self.format.status(status), self.format.headers(self.operation), body).into_response()
    }

    fn refuse(&self, failure: &Failure) -> Response {
        if let Some(source) = &failure.source {
            tracing::error!(error = &**source as &dyn std::error::Error, "not answered");
        }
        let mut response = self.answer(failure.status, &ErrorResponse::from(failure).show());
        let wait = failure.retry_after.map(|wait| HeaderValue::from(wait.as_secs_f64().ceil() as u64));
        let headers = response.headers_mut();
        headers.extend(wait.map(|seconds| (header::RETRY_AFTER, seconds)));
        // Whoever may GET may HEAD (RFC 9110, section 9.3.2).
        let allowed = failure.allowed.map(|verb| if verb == "GET" { "GET, HEAD" } else { verb });
        headers.extend(allowed.map(|verbs| (header::ALLOW, HeaderValue::from_static(verbs))));
        response
    }
}
