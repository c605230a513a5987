//! The body of an answer that is none (section 3).

use crate::hostedsuite::{
    dto::dto,
    errors::{Failure, FieldError},
};

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
