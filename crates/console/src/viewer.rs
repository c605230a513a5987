//! Who is looking at a page.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, OriginalUri},
    http::request::Parts,
};
use call::AccountId;
use directory::{
    Access, Interface, Snapshot, Who,
    model::{Account, Role, User},
};
use history::annotations::Author;
use http_core::{
    Rights,
    auth::{ClientAddress, Operator},
    trail::Trail,
};

use crate::{Console, errors::Failure, routes, session::Ticket};

/// A user who is signed in.
pub struct Viewer {
    /// Who it is.
    pub user: User,
    /// What they may see.
    pub access: Access,
    /// The directory at that moment.
    pub directory: Arc<Snapshot>,
    /// What their forms carry.
    pub form_token: String,
    /// Their session.
    pub ticket: Ticket,
    /// Whether they come from one of the operator's networks: they see how the server is, too.
    pub is_operator: bool,
}

impl FromRequestParts<Console> for Viewer {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Failure> {
        let Ok(address) = ClientAddress::from_request_parts(parts, console).await;
        let is_operator = Operator::from_request_parts(parts, console).await.is_ok();
        let viewer = Self::find(parts, console, address, is_operator);
        let viewer = viewer.ok_or_else(|| Failure::signed_out(&asked_for(parts)))?;
        Rights::of(&viewer.user).permit(&parts.extensions)?;
        let (who, by) = (Who::User(viewer.user.login.clone()), (address.ip, Interface::Console));
        console.app.acts(&Trail::of(&parts.extensions), who, by, &viewer.access);
        Ok(viewer)
    }
}

impl Viewer {
    fn find(parts: &Parts, console: &Console, address: ClientAddress, is_operator: bool) -> Option<Self> {
        let (ticket, session) = console.sessions.find(&parts.headers, console.app.monotonic())?;
        let directory = console.app.directory();
        let user = directory.user(session.user)?;
        let user = Some(user).filter(|user| session.is_of(user) && user.may_come_from(address.ip))?.clone();
        Some(Self {
            access: directory.access_of(&user),
            user,
            directory,
            form_token: console.sessions.form_token(ticket),
            ticket,
            is_operator,
        })
    }

    /// Whether they may do more than look.
    pub fn may_change(&self) -> bool {
        match self.user.role {
            Role::Manager | Role::Client => true,
            Role::Viewer => false,
        }
    }

    /// Whether they may change the whole directory, which is the operator's.
    pub fn may_change_directory(&self) -> bool {
        self.is_operator && self.user.role == Role::Manager
    }

    /// Whether a page of the menu has something for them, as far as that is no matter of areas.
    pub fn is_shown(&self, path: &str) -> bool {
        match path {
            routes::HEALTH => self.is_operator,
            routes::AUDIT => self.may_change(),
            _ => true,
        }
    }

    /// Whether they may hear recordings.
    pub fn may_hear(&self) -> bool {
        self.directory.profile(self.user.profile).is_some_and(|profile| profile.allows_recordings())
    }

    /// The accounts that they may see.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.access.accounts().iter().filter_map(|id| self.directory.account(*id))
    }

    /// What an account is called, if they may see it.
    pub fn account_name(&self, id: AccountId) -> Option<&str> {
        let account = self.directory.account(id).filter(|account| self.access.allows(account.id));
        account.map(|account| &*account.name)
    }

    /// In whose name they note something.
    pub fn author(&self) -> Author {
        Author::User { id: self.user.id, login: self.user.login.to_string() }
    }
}

/// The page that is wanted: of what is not only read, none.
fn asked_for(parts: &Parts) -> String {
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0);
    let is_read = parts.method == axum::http::Method::GET;
    let page = uri.path_and_query().filter(|_| is_read).map(|uri| uri.as_str());
    page.unwrap_or(crate::routes::NOW).to_owned()
}
