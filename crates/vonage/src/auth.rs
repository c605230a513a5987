//! Who is asking: the bearer token, and the account that the path names.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use call::{AccountId, CallId, LegId};
use directory::{Access, Interface, model::Role};
use http_core::{
    auth::{BearerError, ClientAddress, Holder},
    trail::Trail,
};
use live::LegAddress;

use super::{convert::View, errors::Failure};
use crate::state::Vonage;

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

impl FromRequestParts<Vonage> for Client {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Vonage) -> Result<Self, Failure> {
        let Ok(address) = ClientAddress::from_request_parts(parts, app).await;
        let holder = app.holder(&parts.headers, address)?;
        let Holder { account, rights, .. } = holder;
        let access = app.directory().access_of_account(account).ok_or(BearerError::Unknown)?;
        if path_account(parts).await?.is_some_and(|named| !names(&named, account)) {
            return Err(Failure::other_account());
        }
        rights.permit(&parts.extensions)?;
        let by = (address.ip, Interface::Vonage);
        app.acts(&Trail::of(&parts.extensions), holder.who(&app.directory()), by, &access);
        let view = View { account, customer: access.customer(), wire: app.config.wire };
        Ok(Self { account, access, role: rights.role, view })
    }
}

impl Client {
    /// A leg, for a command of this client.
    pub fn leg(&self, call_id: CallId, leg_id: LegId) -> LegAddress<'_> {
        LegAddress { access: &self.access, account: self.account, call_id, leg_id }
    }
}

/// The account that the path names, if it is below one. A path that is no UTF-8 names nothing.
async fn path_account(parts: &mut Parts) -> Result<Option<String>, Failure> {
    let params = RawPathParams::from_request_parts(parts, &()).await;
    let params = params.map_err(|_| Failure::not_found("path"))?;
    let account = params.iter().find(|(name, _)| *name == "account");
    Ok(account.map(|(_, value)| value.to_owned()))
}

fn names(path: &str, account: AccountId) -> bool {
    path == OWN || path == account.to_string()
}
