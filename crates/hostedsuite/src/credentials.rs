//! Who calls an operation: the three credentials in every request (section 1.1, errors in section 3).

use call::ErrorCode;
use directory::model::Role;
use http_core::{
    auth::{ClientAddress, LoggedIn, Login, LoginError},
    config::Secret,
};

use super::{dto::Faults, errors::Failure, members::Members, wire::base::RequestBase};
use crate::state::HostedSuite;

/// The user whose credentials the request carries. Logins of clients may not call operations.
pub async fn check(app: &HostedSuite, from: ClientAddress, members: &Members) -> Result<LoggedIn, Failure> {
    let mut faults = Faults::new(&RequestBase::DTO, members);
    let given = RequestBase::read(&mut faults);
    let given = faults.finish(given)?;
    let given = Login {
        customer: given.customer_name,
        login: given.user_name.unwrap_or_default(),
        password: Secret(given.password.unwrap_or_default()),
    };
    let logged_in = app.log_in(from.ip, given).await?;
    match logged_in.user.role {
        Role::Manager | Role::Viewer => Ok(logged_in),
        Role::Client => {
            Err(Failure::new(ErrorCode::Forbidden, "Client-level users may not use this service"))
        }
    }
}

impl From<LoginError> for Failure {
    fn from(error: LoginError) -> Self {
        let code = error.code();
        match error {
            LoginError::TooMany(brake) => {
                let failure = Self::new(code, "Too many failed logins; try again later");
                Self { retry_after: Some(brake.retry_after), ..failure }
            }
            LoginError::Wrong(_) => Self::new(code, "Customer name, user name or password is wrong"),
            LoginError::Broken(_) => {
                let failure = Self::new(code, "The credentials cannot be checked now");
                Self { source: Some(Box::new(error)), ..failure }
            }
        }
    }
}
