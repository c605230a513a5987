//! What a person lets an application do, and whether that still holds.

use directory::{
    Snapshot,
    model::{Application, Area, Scope, User},
    tokens::{Grant, Print},
};

/// What an application asks for (RFC 6749 section 3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Whether it wants to know who the person is.
    pub is_openid: bool,
    /// The areas that it names; everything that it may have if it names none.
    pub scope: Scope,
}

impl Wish {
    /// What a `scope` says. Words that mean nothing here are passed over.
    pub fn read(scope: Option<&str>) -> Self {
        let words = || scope.unwrap_or_default().split_ascii_whitespace();
        let areas: Vec<_> = words().filter_map(Area::named).collect();
        Self { is_openid: words().any(|word| word == "openid"), scope: Scope::of(&areas) }
    }
}

/// What a grant is good for now: what was asked for, of what the application and the person may.
pub fn scope(directory: &Snapshot, grant: &Grant) -> Scope {
    let user = directory.user(grant.user).map_or(Scope::NONE, |user| user.scope);
    let application = directory.application(&grant.client_id).map_or(Scope::NONE, |known| known.scope);
    grant.scope.and(user).and(application)
}

/// What a person lets an application do in its account; `None` if the person has nothing to say there.
pub fn of(directory: &Snapshot, user: &User, application: &Application, wish: Wish) -> Option<Grant> {
    let is_theirs = directory.access_of(user).allows(application.account);
    is_theirs.then(|| Grant {
        user: user.id,
        account: application.account,
        client_id: application.client_id.clone(),
        is_openid: wish.is_openid,
        scope: wish.scope,
        password: Print::of(&user.password_hash),
    })
}

/// Whether a grant is what it would be if it were given now: the person still has the same password and
/// may still use the account, and the application still is for it.
pub fn is_good(directory: &Snapshot, grant: &Grant) -> bool {
    let user = directory.user(grant.user);
    let application = directory.application(&grant.client_id);
    let wish = Wish { is_openid: grant.is_openid, scope: grant.scope };
    let now = user.zip(application).and_then(|(user, known)| of(directory, user, known, wish));
    now.as_ref() == Some(grant)
}
