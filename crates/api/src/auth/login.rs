//! Logging in with a password: the brake on guessing, then the check itself, which takes a processor tens
//! of milliseconds and some 20 MiB. So it is done off the async threads, and only as many at a time as
//! there are processors.

use std::{net::IpAddr, sync::Arc};

use call::ErrorCode;
use directory::{Access, AuthenticationError, Snapshot, model::User};
use tokio::{sync::Semaphore, task::JoinError};

use super::TooManyAttempts;
use crate::{App, config::Secret};

/// What a client says of itself.
#[derive(Clone, Debug)]
pub struct Login {
    /// The customer, in dialects that ask for it.
    pub customer: Option<String>,
    /// The user's login.
    pub login: String,
    /// The user's password.
    pub password: Secret<String>,
}

/// A user whose password was right, and the directory that said so.
pub struct LoggedIn {
    /// The user.
    pub user: User,
    /// The directory at that moment.
    pub directory: Arc<Snapshot>,
}

/// Why nobody is logged in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The brake is on.
    #[error("too many failed logins; try again later")]
    TooMany(TooManyAttempts),
    /// Something is wrong; it does not say what.
    #[error(transparent)]
    Wrong(#[from] AuthenticationError),
    /// The check broke off.
    #[error("the password could not be checked")]
    Broken(#[from] JoinError),
}

impl LoginError {
    /// What kind of trouble this is.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::TooMany(_) => ErrorCode::TooManyRequests,
            Self::Wrong(error) => error.code(),
            Self::Broken(_) => ErrorCode::Internal,
        }
    }
}

impl LoggedIn {
    /// What the user may see.
    pub fn access(&self) -> Access {
        self.directory.access_of(&self.user)
    }
}

/// Room for as many checks at a time as there are processors.
pub struct PasswordChecks(Semaphore);

impl Default for PasswordChecks {
    fn default() -> Self {
        Self(Semaphore::new(std::thread::available_parallelism().map_or(1, Into::into)))
    }
}

impl App {
    /// Who this is. Failures count against the address and login together.
    pub async fn log_in(&self, ip: IpAddr, given: Login) -> Result<LoggedIn, LoginError> {
        let turn = self.password_checks.0.acquire().await.expect("the semaphore is never closed");
        self.attempts.check(ip, &given.login, self.now()).map_err(LoginError::TooMany)?;
        let (directory, login) = (self.directory(), given.login.clone());
        let checked = tokio::task::spawn_blocking(move || check(&directory, &given, ip)).await?;
        drop(turn);
        match &checked {
            Ok(_) => self.attempts.succeeded(ip, &login),
            Err(_) => self.attempts.failed(ip, &login, self.now()),
        }
        Ok(checked?)
    }
}

fn check(directory: &Arc<Snapshot>, given: &Login, ip: IpAddr) -> Result<LoggedIn, AuthenticationError> {
    let customer = given.customer.as_deref();
    let user = directory.authenticate(customer, &given.login, &given.password.0, ip)?;
    Ok(LoggedIn { user: user.clone(), directory: directory.clone() })
}
