//! The body of an answer that is none (section 3).

use super::Value;
use crate::hostedsuite::errors::{Failure, FieldError};

impl From<&Failure> for Value {
    fn from(failure: &Failure) -> Self {
        let status = Self::Object(vec![
            ("ErrorCode", failure.name.into()),
            ("Message", failure.message.as_str().into()),
            ("Errors", failure.errors.clone().into()),
        ]);
        Self::Object(vec![("ResponseStatus", status)])
    }
}

impl From<FieldError> for Value {
    fn from(error: FieldError) -> Self {
        Self::Object(vec![
            ("ErrorCode", error.fault.name().into()),
            ("FieldName", error.field.into()),
            ("Message", error.message.into()),
        ])
    }
}
