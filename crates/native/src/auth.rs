//! Who is asking: the bearer token, which is good for one account.

use std::{net::IpAddr, sync::Arc};

use axum::{extract::FromRequestParts, http::request::Parts};
use call::{AccountId, UserId};
use directory::{Access, Interface, Snapshot, Who};
use history::annotations::Author;
use http_core::{
    App, Rights,
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

/// Who has sent a good token, whatever that is good for.
#[derive(Clone, Debug)]
pub struct Known {
    /// The client.
    pub client: Client,
    /// What the token is good for.
    pub rights: Rights,
    who: Who,
    source: IpAddr,
}

impl Known {
    /// Reads the token of a request.
    pub async fn read(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let Ok(address) = ClientAddress::from_request_parts(parts, app).await;
        let holder = app.holder(&parts.headers, address)?;
        app.spend(&holder, &parts.extensions)?;
        let directory = app.directory();
        let access = directory.access_of_account(holder.account).ok_or(BearerError::Unknown)?;
        let author = author(&directory, holder.user);
        let client = Client { account: holder.account, access, author };
        Ok(Self { client, rights: holder.rights, who: holder.who(&directory), source: address.ip })
    }

    /// Says in the audit trail who does what a request asks for.
    pub fn acts(&self, app: &App, trail: &Trail) {
        app.acts(trail, self.who.clone(), (self.source, Interface::Native), &self.client.access);
    }
}

impl FromRequestParts<Arc<App>> for Client {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let known = Known::read(parts, app).await?;
        known.rights.permit(&parts.extensions)?;
        known.acts(app, &Trail::of(&parts.extensions));
        Ok(known.client)
    }
}

fn author(directory: &Snapshot, user: Option<UserId>) -> Author {
    match user.and_then(|id| directory.user(id)) {
        Some(user) => Author::User { id: user.id, login: user.login.to_string() },
        None => Author::Token,
    }
}
