//! The tokens in memory, found by their digests.

use std::collections::HashMap;

use call::Timestamp;

use super::{ACCESS_LIFETIME, Grant, GrantId, Issued, Print, REFRESH_LIFETIME};

/// A grant and the digests of its present tokens.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) grant: Grant,
    pub(super) access: Print,
    pub(super) access_until: Timestamp,
    pub(super) refresh: Print,
    pub(super) refresh_until: Timestamp,
}

/// What a refresh token belongs to.
pub(super) struct Found {
    pub(super) id: GrantId,
    pub(super) held: Held,
    /// Whether the token was exchanged before.
    pub(super) is_spent: bool,
}

/// All grants.
#[derive(Default)]
pub(super) struct Holdings {
    grants: HashMap<GrantId, Held>,
    by_access: HashMap<Print, GrantId>,
    by_refresh: HashMap<Print, GrantId>,
    /// Refresh tokens that were exchanged, until when that is remembered.
    spent: HashMap<Print, (GrantId, Timestamp)>,
}

impl Held {
    pub(super) fn new(grant: Grant, issued: &Issued, now: Timestamp) -> Self {
        Self {
            grant,
            access: Print::of(&issued.access),
            access_until: now + ACCESS_LIFETIME,
            refresh: Print::of(&issued.refresh),
            refresh_until: now + REFRESH_LIFETIME,
        }
    }
}

impl Found {
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

    pub(super) fn spend(&mut self, refresh: Print, id: GrantId, until: Timestamp) {
        self.spent.insert(refresh, (id, until));
    }

    pub(super) fn remove(&mut self, id: GrantId) {
        if let Some(held) = self.grants.remove(&id) {
            self.by_access.remove(&held.access);
            self.by_refresh.remove(&held.refresh);
            self.spent.retain(|_, (grant, _)| *grant != id);
        }
    }

    /// Puts new tokens in the place of a grant's present ones.
    pub(super) fn renew(&mut self, id: GrantId, renewed: Held, now: Timestamp) {
        self.spent.retain(|_, (_, until)| *until > now);
        if let Some(held) = self.grants.remove(&id) {
            self.by_access.remove(&held.access);
            self.by_refresh.remove(&held.refresh);
            self.spend(held.refresh, id, held.refresh_until);
        }
        self.insert(id, renewed);
    }

    pub(super) fn by_access(&self, token: Print, now: Timestamp) -> Option<&Grant> {
        let held = self.grants.get(self.by_access.get(&token)?)?;
        (now < held.access_until).then_some(&held.grant)
    }

    pub(super) fn by_refresh(&self, token: Print, now: Timestamp) -> Option<Found> {
        let spent = self.spent.get(&token).map(|(id, _)| *id);
        let id = self.by_refresh.get(&token).copied().or(spent)?;
        let held = self.grants.get(&id).filter(|held| now < held.refresh_until)?.clone();
        Some(Found { id, held, is_spent: spent.is_some() })
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
