//! Refusals of the reports: `{"error":"…"}` for a parameter, an empty body for the rest (contract yeti.md,
//! 2.7, 3 and 6.2).

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use history::HistoryError;
use http_core::{Overstepped, failure::status};

use crate::{answer::Answer, client::NotLetIn, wire::error::ReportErrorWire};

/// Why a report is refused.
#[derive(Debug)]
pub enum ReportRefusal {
    /// No valid credentials.
    Unauthorized,
    /// Credentials that are not good for this.
    Overstepped(Overstepped),
    /// A parameter is wrong.
    Parameter(ParameterError),
    /// The store failed.
    History(HistoryError),
    /// The answer could not be put together; the log says why.
    Failed,
}

/// What is wrong with a report's parameters. The text is part of the contract.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// Required parameters that are absent, in the order in which they are declared.
    #[error("missing required param(s) {}", .0.join(", "))]
    Missing(Vec<&'static str>),
    /// A list where one value is wanted.
    #[error("param {0} can't be an array")]
    Array(String),
    /// A value that the parameter does not take.
    #[error("invalid value {0}")]
    Invalid(String),
    /// A filter by what the client is not shown.
    #[error("param {0} is not allowed")]
    Hidden(String),
    /// A beginning that is further back than a report reaches, in days.
    #[error("invalid value from-time: at most {0} days before to-time and the present")]
    TooFarBack(u64),
    /// A way to cut time into stretches that the report does not know.
    #[error("invalid sampling")]
    Sampling,
}

impl From<ParameterError> for ReportRefusal {
    fn from(error: ParameterError) -> Self {
        Self::Parameter(error)
    }
}

impl From<HistoryError> for ReportRefusal {
    fn from(error: HistoryError) -> Self {
        Self::History(error)
    }
}

impl From<NotLetIn> for ReportRefusal {
    fn from(error: NotLetIn) -> Self {
        match error {
            NotLetIn::Unauthorized => Self::Unauthorized,
            NotLetIn::Overstepped(error) => Self::Overstepped(error),
        }
    }
}

impl IntoResponse for ReportRefusal {
    fn into_response(self) -> Response {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED.into_response(),
            Self::Overstepped(error) => {
                (StatusCode::FORBIDDEN, [(header::WWW_AUTHENTICATE, error.challenge())]).into_response()
            }
            Self::Parameter(error) => {
                let body = ReportErrorWire { error: error.to_string() };
                Answer::plain(StatusCode::BAD_REQUEST, &body).into_response()
            }
            Self::History(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the call history does not answer");
                status(error.code()).into_response()
            }
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::HttpBody;
    use history::RecordField;

    use super::*;

    #[test]
    fn a_store_that_fails_is_answered_without_a_body() {
        let failures = [
            (HistoryError::Unreadable { what: "rate", reason: "it is torn".to_owned() }, 500),
            (HistoryError::Mismatch { field: RecordField::StartedAt }, 500),
            (HistoryError::TooSlow { what: "gather statistics" }, 503),
            (HistoryError::Closed, 503),
        ];
        for (error, status) in failures {
            let response = ReportRefusal::History(error).into_response();
            assert_eq!(response.status(), status);
            assert!(response.body().is_end_stream());
        }
    }
}
