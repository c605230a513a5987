//! Bearer tokens (RFC 6750): those of the configuration, which stand for an account, and those that a person
//! got by signing in. Either is good for one account.

use axum::http::{HeaderMap, header};
use call::{AccountId, UserId};
use directory::{Snapshot, Who};
use guard::{Door, Offence};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::{ClientAddress, grant};
use crate::{App, config::StaticToken, route::Rights};

/// Who holds a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The account that the token is good for.
    pub account: AccountId,
    /// What it is good for there.
    pub rights: Rights,
    /// The person who signed in, if one did.
    pub user: Option<UserId>,
    /// Whether it may tell who that is.
    pub is_openid: bool,
}

impl Holder {
    /// Who that is, for the audit trail.
    pub fn who(&self, directory: &Snapshot) -> Who {
        let user = self.user.and_then(|id| directory.user(id));
        user.map_or(Who::Token, |user| Who::User(user.login.clone()))
    }
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BearerError {
    /// None was sent.
    #[error("The Authorization header must be `Bearer` and an access token")]
    Missing,
    /// It stands for nothing, or no longer.
    #[error("The access token is unknown or has expired")]
    Unknown,
}

impl BearerError {
    /// The challenge in `WWW-Authenticate` (RFC 6750 section 3).
    pub fn challenge(self) -> &'static str {
        match self {
            Self::Missing => "Bearer",
            Self::Unknown => r#"Bearer error="invalid_token""#,
        }
    }
}

impl App {
    /// Who holds the token in these headers.
    pub fn holder(&self, headers: &HeaderMap, address: ClientAddress) -> Result<Holder, BearerError> {
        let token = bearer(headers).ok_or(BearerError::Missing)?;
        if let Some((account, rights)) = configured(token, &self.config.tokens.load()) {
            return Ok(Holder { account, rights, user: None, is_openid: false });
        }
        let holder = self.signed_in(token, address);
        if holder.is_none() {
            self.config.guard.failed(Door::Http, address.ip, None, Offence::WrongToken, self.monotonic());
        }
        holder.ok_or(BearerError::Unknown)
    }

    fn signed_in(&self, token: &str, address: ClientAddress) -> Option<Holder> {
        let grant = self.tokens.access(token, self.now())?;
        let directory = self.directory();
        let user = directory.user(grant.user).filter(|user| user.may_come_from(address.ip))?;
        let is_openid = grant.is_openid;
        let rights = Rights { role: user.role, scope: grant::scope(&directory, &grant) };
        let holder = Holder { account: grant.account, rights, user: Some(user.id), is_openid };
        grant::is_good(&directory, &grant).then_some(holder)
    }
}

/// The token of `Authorization: Bearer …` (RFC 6750 section 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let sent = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = sent.split_once(' ')?;
    let token = Some(token.trim()).filter(|token| !token.is_empty());
    token.filter(|_| scheme.eq_ignore_ascii_case("bearer"))
}

/// The account and the rights that a configured token stands for. Takes the same time whichever token fits, or none.
fn configured(token: &str, known: &[StaticToken]) -> Option<(AccountId, Rights)> {
    let sent = Sha256::digest(token);
    let (mut found, mut place) = (Choice::from(0), 0);
    for (at, entry) in (0_u64..).zip(known) {
        let fits = entry.sha256.as_slice().ct_eq(sent.as_slice());
        place.conditional_assign(&at, fits);
        found |= fits;
    }
    let entry = usize::try_from(place).ok().filter(|_| bool::from(found)).and_then(|at| known.get(at))?;
    Some((entry.account, entry.rights))
}
