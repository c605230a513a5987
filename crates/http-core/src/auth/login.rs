//! Logging in with a password: the guard against guessing, then the check itself, which takes a processor tens
//! of milliseconds and some 20 MiB. So it is done off the async threads, in turns, and not again for a minute
//! after it was right.

use std::{net::IpAddr, sync::Arc, time::Duration};

use call::ErrorCode;
use directory::{Access, AuthenticationError, Snapshot, model::User};
use guard::{Door, Offence, Verdict};
use tokio::task::JoinError;

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

/// Too many failures; try again after this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyAttempts {
    /// How long to wait.
    pub retry_after: Duration,
}

impl App {
    /// Who this is. Failures count against the address, the login, and the two together.
    pub async fn log_in(&self, ip: IpAddr, given: Login) -> Result<LoggedIn, LoginError> {
        let user = given.key();
        self.admit(ip, &user).map_err(LoginError::TooMany)?;
        let logged_in = self.identify(ip, &user, given).await?;
        self.config.guard.succeeded(ip, &user, self.monotonic());
        Ok(logged_in)
    }

    /// Whether somebody at `ip` may try to prove that it is `user`.
    pub fn admit(&self, ip: IpAddr, user: &str) -> Result<(), TooManyAttempts> {
        match self.config.guard.check(ip, Some(user), self.monotonic()) {
            Verdict::Pass => Ok(()),
            Verdict::Wait(retry_after) | Verdict::Blocked(retry_after) => {
                Err(TooManyAttempts { retry_after })
            }
        }
    }

    /// The secret that somebody at `ip` gave for `user` is wrong, or there is no such user.
    pub fn guess_failed(&self, ip: IpAddr, user: &str) {
        self.config.guard.failed(Door::Http, ip, Some(user), Offence::WrongSecret, self.monotonic());
    }

    async fn identify(&self, ip: IpAddr, user: &str, given: Login) -> Result<LoggedIn, LoginError> {
        let (directory, proof) = (self.directory(), self.proofs.digest(ip, &given));
        let known = self.proofs.recall(&directory, proof, self.monotonic());
        if let Some(user) = known.and_then(|id| directory.user(id)).cloned() {
            return Ok(LoggedIn { user, directory });
        }
        let turn = self.password_checks.turn(ip, self.config.guard.knows(ip, user, self.monotonic())).await;
        // Others may have failed in the meantime.
        self.admit(ip, user).map_err(LoginError::TooMany)?;
        // The turn is kept to the end of the check, also if the client does not wait for it, and until a failure
        // counts for whoever is next.
        let checking = tokio::task::spawn_blocking(move || (check(directory, &given, ip), turn));
        let (checked, turn) = checking.await?;
        let checked = checked.map_err(LoginError::from);
        if let Err(LoginError::Wrong(_)) = &checked {
            self.guess_failed(ip, user);
        }
        drop(turn);
        let logged_in = checked?;
        self.proofs.remember(&logged_in.directory, proof, logged_in.user.id, self.monotonic());
        Ok(logged_in)
    }
}

impl Login {
    /// Whom it tries, for the guard.
    fn key(&self) -> String {
        format!("user {}", self.login)
    }
}

fn check(directory: Arc<Snapshot>, given: &Login, ip: IpAddr) -> Result<LoggedIn, AuthenticationError> {
    let customer = given.customer.as_deref();
    let user = directory.authenticate(customer, &given.login, &given.password.0, ip)?.clone();
    Ok(LoggedIn { user, directory })
}
