//! The body of an answer that is none (section 3).

use std::collections::BTreeMap;

use crate::{
    dto::dto,
    errors::{Failure, FieldError},
};

/// What the place in a batch is called.
const AUTO_BATCH_INDEX: &str = "AutoBatchIndex";

dto! {
    /// A refusal.
    response ErrorResponse in FRAMEWORK {
        /// What is wrong.
        "ResponseStatus" response_status: Option<ResponseStatus>,
    }
}

dto! {
    /// What is wrong with a request.
    response ResponseStatus in FRAMEWORK {
        /// The word for it.
        "ErrorCode" error_code: Option<String>,
        /// A sentence.
        "Message" message: Option<String>,
        /// What is wrong with which member.
        "Errors" errors: Vec<ResponseError>,
        /// Which request of a batch it was, by the name that the framework's clients know.
        "Meta" meta: Option<BTreeMap<String, String>>,
    }
}

dto! {
    /// What is wrong with a member.
    response ResponseError in FRAMEWORK {
        /// The word for it.
        "ErrorCode" error_code: Option<String>,
        /// The member.
        "FieldName" field_name: Option<String>,
        /// A sentence.
        "Message" message: Option<String>,
    }
}

impl From<&Failure> for ErrorResponse {
    fn from(failure: &Failure) -> Self {
        let response_status = Some(ResponseStatus {
            error_code: Some(failure.name.to_owned()),
            message: Some(failure.message.clone()),
            errors: failure.errors.iter().map(ResponseError::from).collect(),
            meta: failure
                .place_in_batch
                .map(|place| [(AUTO_BATCH_INDEX.to_owned(), place.to_string())].into()),
        });
        Self { response_status }
    }
}

impl From<&FieldError> for ResponseError {
    fn from(error: &FieldError) -> Self {
        Self {
            error_code: Some(error.fault.name().to_owned()),
            field_name: Some(error.field.to_owned()),
            message: Some(error.message.clone()),
        }
    }
}
