//! Who is asking: the bearer token, and the account that the path names.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{HeaderMap, header, request::Parts},
};
use call::{AccountId, CallId, LegId};
use directory::{Access, model::Role};
use live::LegAddress;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::{convert::View, errors::Failure, oauth};
use crate::{App, auth::ClientAddress, config::StaticToken};

/// Stands in a path for the token's own account.
const OWN: &str = "self";

/// A client whose token is good for the account that the path names. Extracted before anything else, so that
/// nothing is told of an account to those who may not see it, not even whether there is one.
#[derive(Clone, Debug)]
pub struct Client {
    /// The account.
    pub account: AccountId,
    /// What the client may see: that account.
    pub access: Access,
    /// What the client may do.
    pub role: Role,
    /// How the account's calls look to the client.
    pub view: View,
}

impl FromRequestParts<Arc<App>> for Client {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let Ok(address) = ClientAddress::from_request_parts(parts, app).await;
        let token = bearer(&parts.headers)?;
        let (account, role) = holder(app, token, address).ok_or_else(unknown_token)?;
        let access = app.directory().access_of_account(account).ok_or_else(unknown_token)?;
        if !names(&path_account(parts).await?, account) {
            return Err(Failure::other_account());
        }
        let view = View { account, customer: access.customer(), wire: app.config.vonage.wire };
        Ok(Self { account, access, role, view })
    }
}

/// A client that may change calls.
#[derive(Clone, Debug)]
pub struct Commander(pub Client);

impl FromRequestParts<Arc<App>> for Commander {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let client = Client::from_request_parts(parts, app).await?;
        match client.role {
            Role::Manager | Role::Client => Ok(Self(client)),
            Role::Viewer => Err(Failure::other_account()),
        }
    }
}

impl Client {
    /// A leg, for a command of this client.
    pub fn leg(&self, call_id: CallId, leg_id: LegId) -> LegAddress<'_> {
        LegAddress { access: &self.access, account: self.account, call_id, leg_id }
    }
}

/// The token of `Authorization: Bearer …` (RFC 6750 section 2.1).
fn bearer(headers: &HeaderMap) -> Result<&str, Failure> {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = sent.and_then(|text| text.split_once(' ')).filter(|(scheme, _)| is_bearer(scheme));
    let token = token.map(|(_, token)| token.trim()).filter(|token| !token.is_empty());
    token.ok_or_else(|| {
        Failure::no_token("Bearer", "The Authorization header must be `Bearer` and an access token")
    })
}

fn is_bearer(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("bearer")
}

/// The account that a token stands for, and what its holder may do there.
fn holder(app: &App, token: &str, address: ClientAddress) -> Option<(AccountId, Role)> {
    if let Some(account) = account_of(token, &app.config.vonage.tokens) {
        return Some((account, Role::Manager));
    }
    let grant = app.sign_ins.tokens.access(token, app.now())?;
    let directory = app.directory();
    let user = directory.user(grant.user).filter(|user| user.may_come_from(address.ip))?;
    oauth::is_good(&directory, &grant).then_some((grant.account, user.role))
}

fn unknown_token() -> Failure {
    Failure::no_token(r#"Bearer error="invalid_token""#, "The access token is unknown or has expired")
}

/// The account that a configured token stands for. Takes the same time whichever token fits, or none.
fn account_of(token: &str, known: &[StaticToken]) -> Option<AccountId> {
    let sent = Sha256::digest(token);
    let (mut found, mut account) = (Choice::from(0), 0);
    for entry in known {
        let fits = Sha256::digest(&entry.token.0).as_slice().ct_eq(sent.as_slice());
        account.conditional_assign(&entry.account.0, fits);
        found |= fits;
    }
    bool::from(found).then_some(AccountId(account))
}

/// The account that the path names. A path that is no UTF-8 names nothing.
async fn path_account(parts: &mut Parts) -> Result<String, Failure> {
    let params = RawPathParams::from_request_parts(parts, &()).await;
    let params = params.map_err(|_| Failure::not_found("path"))?;
    let account = params.iter().find(|(name, _)| *name == "account");
    Ok(account.map(|(_, value)| value.to_owned()).unwrap_or_default())
}

fn names(path: &str, account: AccountId) -> bool {
    path == OWN || path == account.to_string()
}
