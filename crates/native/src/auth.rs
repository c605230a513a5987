//! Who is asking: the bearer token, which is good for one account.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use call::{AccountId, UserId};
use directory::{Access, Interface, Snapshot};
use history::annotations::Author;
use http_core::{
    App,
    auth::{BearerError, ClientAddress},
    trail::Trail,
};

use super::errors::Failure;

/// A client with a good token.
#[derive(Clone, Debug)]
pub struct Client {
    /// The token's account.
    pub account: AccountId,
    /// What it may see: that account.
    pub access: Access,
    /// In whose name it writes.
    pub author: Author,
}

impl FromRequestParts<Arc<App>> for Client {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let Ok(address) = ClientAddress::from_request_parts(parts, app).await;
        let holder = app.holder(&parts.headers, address)?;
        holder.rights.permit(&parts.extensions)?;
        let directory = app.directory();
        let access = directory.access_of_account(holder.account).ok_or(BearerError::Unknown)?;
        let by = (address.ip, Interface::Native);
        app.acts(&Trail::of(&parts.extensions), holder.who(&directory), by, &access);
        Ok(Self { account: holder.account, access, author: author(&directory, holder.user) })
    }
}

fn author(directory: &Snapshot, user: Option<UserId>) -> Author {
    match user.and_then(|id| directory.user(id)) {
        Some(user) => Author::User { id: user.id, login: user.login.to_string() },
        None => Author::Token,
    }
}
