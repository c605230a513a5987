//! Logging in with a password: the brake on guessing, then the check itself, which takes a processor tens
//! of milliseconds and some 20 MiB. So it is done off the async threads, only as many at a time as there are
//! processors, and not again for a minute after it was right.

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
pub struct PasswordChecks(Arc<Semaphore>);

impl Default for PasswordChecks {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(1, Into::into))))
    }
}

impl App {
    /// Who this is. Failures count against the address and login together.
    pub async fn log_in(&self, ip: IpAddr, given: Login) -> Result<LoggedIn, LoginError> {
        let login = given.login.clone();
        let outcome = self.identify(ip, given).await;
        match &outcome {
            Ok(_) => self.attempts.succeeded(ip, &login),
            Err(LoginError::Wrong(_)) => self.attempts.failed(ip, &login, self.now()),
            Err(LoginError::TooMany(_) | LoginError::Broken(_)) => {}
        }
        outcome
    }

    async fn identify(&self, ip: IpAddr, given: Login) -> Result<LoggedIn, LoginError> {
        self.brake(ip, &given.login)?;
        let (directory, proof) = (self.directory(), self.proofs.digest(ip, &given));
        let known = self.proofs.recall(&directory, proof, self.live.clock().monotonic());
        if let Some(user) = known.and_then(|id| directory.user(id)).cloned() {
            return Ok(LoggedIn { user, directory });
        }
        let turn = self.password_checks.0.clone().acquire_owned().await;
        let turn = turn.expect("the semaphore is never closed");
        // Others may have failed in the meantime.
        self.brake(ip, &given.login)?;
        let checking = tokio::task::spawn_blocking(move || {
            // Kept to the end of the check, also if the client does not wait for it.
            let _turn = turn;
            check(directory, &given, ip)
        });
        let logged_in = checking.await??;
        self.proofs.remember(&logged_in.directory, proof, logged_in.user.id, self.live.clock().monotonic());
        Ok(logged_in)
    }

    fn brake(&self, ip: IpAddr, login: &str) -> Result<(), LoginError> {
        self.attempts.check(ip, login, self.now()).map_err(LoginError::TooMany)
    }
}

fn check(directory: Arc<Snapshot>, given: &Login, ip: IpAddr) -> Result<LoggedIn, AuthenticationError> {
    let customer = given.customer.as_deref();
    let user = directory.authenticate(customer, &given.login, &given.password.0, ip)?.clone();
    Ok(LoggedIn { user, directory })
}
