//! The tokens in memory, found by their digests.

use std::collections::HashMap;

use call::Timestamp;

use super::{ACCESS_LIFETIME, GRACE, Grant, GrantId, Issued, Print, REFRESH_LIFETIME};

/// A grant and the digests of its present tokens.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) grant: Grant,
    pub(super) access: Print,
    pub(super) access_until: Timestamp,
    pub(super) refresh: Print,
    pub(super) refresh_until: Timestamp,
    /// The grant that it came of, if it is beside that one: they are revoked together.
    pub(super) family: Option<GrantId>,
}

/// What a refresh token belongs to.
pub(super) struct Found {
    pub(super) id: GrantId,
    pub(super) held: Held,
    /// When the token was exchanged before.
    pub(super) spent: Option<Timestamp>,
}

/// All grants.
#[derive(Default)]
pub(super) struct Holdings {
    grants: HashMap<GrantId, Held>,
    by_access: HashMap<Print, GrantId>,
    by_refresh: HashMap<Print, GrantId>,
    /// Refresh tokens that were exchanged.
    spent: HashMap<Print, Spent>,
}

/// A refresh token that was exchanged.
#[derive(Clone, Copy)]
pub(super) struct Spent {
    /// Its grant.
    pub(super) grant: GrantId,
    /// When; long ago for one from before the start.
    pub(super) at: Timestamp,
    /// Until when that is remembered.
    pub(super) until: Timestamp,
}

impl Held {
    pub(super) fn new(grant: Grant, issued: &Issued, now: Timestamp) -> Self {
        Self {
            grant,
            access: Print::of(&issued.access),
            access_until: now + ACCESS_LIFETIME,
            refresh: Print::of(&issued.refresh),
            refresh_until: now + REFRESH_LIFETIME,
            family: None,
        }
    }
}

impl Found {
    /// The grant that all tokens that came of the same one are known by.
    pub(super) fn family(&self) -> GrantId {
        self.held.family.unwrap_or(self.id)
    }

    /// Whether the token was exchanged so long ago that somebody else must have it too.
    pub(super) fn is_stale(&self, now: Timestamp) -> bool {
        self.spent.is_some_and(|at| now >= at + GRACE)
    }

    pub(super) fn client_id(&self) -> &str {
        &self.held.grant.client_id
    }
}

impl Holdings {
    pub(super) fn insert(&mut self, id: GrantId, held: Held) {
        self.by_access.insert(held.access, id);
        self.by_refresh.insert(held.refresh, id);
        self.grants.insert(id, held);
    }

    pub(super) fn spend(&mut self, refresh: Print, spent: Spent) {
        self.spent.insert(refresh, spent);
    }

    /// The grant that all tokens that came of the same one are known by.
    pub(super) fn family_of(&self, id: GrantId) -> GrantId {
        self.grants.get(&id).and_then(|held| held.family).unwrap_or(id)
    }

    pub(super) fn remove_family(&mut self, family: GrantId) {
        let is_theirs = |(id, held): (&GrantId, &Held)| *id == family || held.family == Some(family);
        let theirs: Vec<_> =
            self.grants.iter().filter(|entry| is_theirs(*entry)).map(|(id, _)| *id).collect();
        theirs.into_iter().for_each(|id| self.remove(id));
    }

    pub(super) fn remove(&mut self, id: GrantId) {
        if let Some(held) = self.grants.remove(&id) {
            self.by_access.remove(&held.access);
            self.by_refresh.remove(&held.refresh);
            self.spent.retain(|_, spent| spent.grant != id);
        }
    }

    /// Puts new tokens in the place of a grant's present ones.
    pub(super) fn renew(&mut self, id: GrantId, renewed: Held, now: Timestamp) {
        self.spent.retain(|_, spent| spent.until > now);
        if let Some(held) = self.grants.remove(&id) {
            self.by_access.remove(&held.access);
            self.by_refresh.remove(&held.refresh);
            self.spend(held.refresh, Spent { grant: id, at: now, until: held.refresh_until });
        }
        self.insert(id, renewed);
    }

    pub(super) fn by_access(&self, token: Print, now: Timestamp) -> Option<&Grant> {
        let held = self.grants.get(self.by_access.get(&token)?)?;
        (now < held.access_until).then_some(&held.grant)
    }

    pub(super) fn by_refresh(&self, token: Print, now: Timestamp) -> Option<Found> {
        let spent = self.spent.get(&token);
        let id = self.by_refresh.get(&token).copied().or(spent.map(|spent| spent.grant))?;
        let held = self.grants.get(&id).filter(|held| now < held.refresh_until)?.clone();
        Some(Found { id, held, spent: spent.map(|spent| spent.at) })
    }

    /// The grant of an application that a token of either kind belongs to.
    pub(super) fn id_of(&self, token: Print, client_id: &str, now: Timestamp) -> Option<GrantId> {
        let access = self.by_access.get(&token).copied();
        let id = access.or_else(|| self.by_refresh(token, now).map(|found| found.id))?;
        let held = self.grants.get(&id)?;
        (*held.grant.client_id == *client_id).then_some(id)
    }

    /// The oldest grants of the same person to the same application, so many that one more is within `most`.
    pub(super) fn surplus(&self, grant: &Grant, most: usize) -> Vec<GrantId> {
        let is_same = |held: &Held| held.grant.user == grant.user && held.grant.client_id == grant.client_id;
        let mut same: Vec<GrantId> =
            self.grants.iter().filter(|(_, held)| is_same(held)).map(|(id, _)| *id).collect();
        same.sort_unstable_by_key(|id| id.0);
        same.truncate((same.len() + 1).saturating_sub(most));
        same
    }
}
