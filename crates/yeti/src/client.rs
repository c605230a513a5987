//! Who is asking (contract yeti.md, 2.1 to 2.3): a token in the `Authorization` header, else in the session
//! cookie, which is renewed then.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use directory::{
    Access, Author, Interface, Snapshot,
    model::{HiddenFields, NumberlistId, Profile},
};
use http_core::{Overstepped, auth::ClientAddress, trail::Trail};

use super::{
    errors::Refusal,
    session::{self, Renewal},
    token,
};
use crate::state::Yeti;

/// A client with valid credentials.
#[derive(Clone, Debug)]
pub struct Client {
    /// What it may see.
    pub access: Access,
    /// What portals let it do, and whether it may fetch recordings.
    pub profile: Profile,
    /// Under which name its changes are noted.
    pub author: Author,
    /// The lists of numbers that it may change; `None` = all that it sees.
    numberlists: Option<Vec<i64>>,
}

/// Why a client is not let in.
#[derive(Clone, Copy, Debug)]
pub enum NotLetIn {
    /// No credentials, or none that are valid.
    Unauthorized,
    /// Credentials that are not good for this.
    Overstepped(Overstepped),
}

/// Where the token lies.
enum Credentials<'a> {
    Header(&'a str),
    Cookie(&'a str),
}

impl<'a> Credentials<'a> {
    fn of(headers: &'a HeaderMap) -> Option<Self> {
        match authorization(headers) {
            Some(token) => Some(Self::Header(token)),
            None => session::token(headers).map(Self::Cookie),
        }
    }
}

/// The last word of the `Authorization` header, whatever the scheme. A header that is not text is there,
/// but holds no token.
fn authorization(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?;
    value.to_str().map_or(Some(""), |text| text.split_whitespace().next_back())
}

impl Client {
    /// Whether it may change a list of numbers that it sees.
    pub fn may_change(&self, list: NumberlistId) -> bool {
        self.numberlists.as_ref().is_none_or(|lists| lists.contains(&list.0.into()))
    }

    /// What of its calls it is not shown.
    pub fn hidden(&self, directory: &Snapshot) -> HiddenFields {
        let customer = directory.customer(self.access.customer());
        customer.map(|customer| customer.hidden.clone()).unwrap_or_default()
    }

    /// The client that sends a request, by its token. A session that is used is renewed.
    pub async fn authenticate(parts: &mut Parts, app: &Yeti) -> Result<Self, NotLetIn> {
        let Ok(address) = ClientAddress::from_request_parts(parts, app).await;
        let credentials = Credentials::of(&parts.headers).ok_or(NotLetIn::Unauthorized)?;
        let (Credentials::Header(text) | Credentials::Cookie(text)) = credentials;
        if app.ended_sessions.contains(text) {
            return Err(NotLetIn::Unauthorized);
        }
        let (config, directory, now) = (&app.config, app.directory(), app.now());
        let holder = token::read(config, &directory, text, now).map_err(|_| NotLetIn::Unauthorized)?;
        let access = holder.access(&directory).filter(|_| holder.may_come_from(address.ip));
        let access = access.ok_or(NotLetIn::Unauthorized)?;
        if let (Credentials::Cookie(_), Some(renewal)) = (credentials, parts.extensions.get::<Renewal>()) {
            renewal.renew(session::cookie(&token::issue(config, &holder, now), address.is_secure));
        }
        let profile = holder.profile(&directory).ok_or(NotLetIn::Unauthorized)?;
        holder.rights().permit(&parts.extensions).map_err(NotLetIn::Overstepped)?;
        let by = (address.ip, Interface::Yeti);
        app.acts(&Trail::of(&parts.extensions), holder.who(), by, &access);
        let author =
            Author { who: holder.who(), source: Some(address.ip), interface: Interface::Yeti, at: now };
        Ok(Self { access, profile, author, numberlists: holder.numberlists() })
    }
}

impl FromRequestParts<Yeti> for Client {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Yeti) -> Result<Self, Self::Rejection> {
        Self::authenticate(parts, app).await.map_err(|error| match error {
            NotLetIn::Unauthorized => Refusal::unauthorized(),
            NotLetIn::Overstepped(error) => Refusal::overstepped(error),
        })
    }
}
