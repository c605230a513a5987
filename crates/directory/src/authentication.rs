//! Who a login and a password belong to.

use std::net::IpAddr;

use call::ErrorCode;

use crate::{
    model::{User, allows_network},
    password,
    snapshot::Snapshot,
};

/// Login, password, customer or network is wrong; it does not say which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("login or password is wrong")]
pub struct AuthenticationError;

impl AuthenticationError {
    /// What kind of trouble this is.
    pub fn code(&self) -> ErrorCode {
        ErrorCode::Unauthenticated
    }
}

impl Snapshot {
    /// The user whose login and password these are, if they belong to the customer (if one is named) and
    /// may come from `ip`.
    ///
    /// Takes as long for an unknown login as for a known one: tens of milliseconds of one processor, so
    /// not for an async task.
    pub fn authenticate(
        &self,
        customer: Option<&str>,
        login: &str,
        password: &str,
        ip: IpAddr,
    ) -> Result<&User, AuthenticationError> {
        let user = self.user_by_login(login);
        // An unknown login is checked against somebody else's hash, so that time does not tell.
        let hash = user.or(self.entries().users.first()).map(|user| &user.password_hash);
        let is_password = hash.is_some_and(|hash| password::verify(password, hash));
        let user = user.filter(|_| is_password).ok_or(AuthenticationError)?;
        let is_allowed = self.is_of_customer(user, customer) && user.may_come_from(ip);
        is_allowed.then_some(user).ok_or(AuthenticationError)
    }

    fn is_of_customer(&self, user: &User, name: Option<&str>) -> bool {
        name.is_none_or(|name| self.customer(user.customer).is_some_and(|customer| *customer.name == *name))
    }
}

impl User {
    /// Whether the user may come from an address.
    pub fn may_come_from(&self, ip: IpAddr) -> bool {
        allows_network(&self.networks, ip)
    }
}
