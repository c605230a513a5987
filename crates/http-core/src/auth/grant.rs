//! What a person lets an application do, and whether that still holds.

use directory::{
    Snapshot,
    model::{Application, User},
    tokens::{Grant, Print},
};

/// What a person lets an application do in its account; `None` if the person has nothing to say there.
pub fn of(directory: &Snapshot, user: &User, application: &Application, is_openid: bool) -> Option<Grant> {
    let is_theirs = directory.access_of(user).allows(application.account);
    is_theirs.then(|| Grant {
        user: user.id,
        account: application.account,
        client_id: application.client_id.clone(),
        is_openid,
        password: Print::of(&user.password_hash),
    })
}

/// Whether a grant is what it would be if it were given now: the person still has the same password and
/// may still use the account, and the application still is for it.
pub fn is_good(directory: &Snapshot, grant: &Grant) -> bool {
    let user = directory.user(grant.user);
    let application = directory.application(&grant.client_id);
    let now = user.zip(application).and_then(|(user, known)| of(directory, user, known, grant.is_openid));
    now.as_ref() == Some(grant)
}
