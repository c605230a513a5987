//! Tokens that applications hold on behalf of people (RFC 6749): access tokens that live for a day, refresh
//! tokens that live for a week and are good once.
//!
//! Kept as digests, in memory and in a database of their own, so that they survive a restart. A refresh token
//! that comes a second time has been stolen from somebody: all that came of it is revoked then. It has not if it
//! comes again within a moment: two tabs of a browser do that, and get tokens each.

mod held;
mod store;

use std::{path::Path, sync::Arc, time::Duration};

use call::{AccountId, Timestamp, UserId};
use parking_lot::{Mutex, RwLock};
use sha2::{Digest, Sha256};

use self::{
    held::{Held, Holdings},
    store::Store,
};
use crate::{error::DirectoryError, model::Scope};

/// How long an access token lives.
pub const ACCESS_LIFETIME: Duration = Duration::from_secs(86_400);
/// How long a refresh token lives.
pub const REFRESH_LIFETIME: Duration = Duration::from_secs(604_800);
/// How long after its exchange a refresh token may be exchanged again.
pub const GRACE: Duration = Duration::from_secs(10);
/// Most grants of one person to one application; the oldest makes room for a new one.
const MOST_GRANTS: usize = 50;

/// What a person has let an application do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The person.
    pub user: UserId,
    /// The account that may be used.
    pub account: AccountId,
    /// The application.
    pub client_id: Arc<str>,
    /// Whether the application asked who the person is.
    pub is_openid: bool,
    /// What it was asked for. What it is good for is within what application and person may.
    pub scope: Scope,
    /// Digest of what the person's password was checked against: another password ends the grant.
    pub password: Print,
}

/// A grant, for revoking it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GrantId(i64);

/// SHA-256 of something that must not be kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Print([u8; 32]);

/// A pair of new tokens, in the clear. Never kept, never shown.
pub struct Issued {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
}

/// What came of a refresh token.
pub enum Refreshed {
    /// It was good, and is for a moment yet; these take its place.
    Renewed(Grant, Issued),
    /// It is unknown, has expired or is another application's.
    Unknown,
    /// It was used some time before, or its grant is not good any more: the grant is revoked.
    Revoked,
}

/// The tokens that are good.
pub struct Tokens {
    store: Mutex<Store>,
    holdings: RwLock<Holdings>,
}

impl Print {
    /// The digest of a text.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }
}

impl std::fmt::Debug for Print {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Print(…)")
    }
}

impl Issued {
    fn new() -> Self {
        let token = || rand::random::<[u8; 32]>().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { access: token(), refresh: token() }
    }
}

impl Tokens {
    /// Opens a database file, or makes an empty one that only its owner can read. Tokens that have expired
    /// by `now` are forgotten.
    pub fn open(path: &Path, now: Timestamp) -> Result<Self, DirectoryError> {
        Self::with(Store::open(path)?, now)
    }

    /// No tokens, and gone when this is dropped: for tests.
    pub fn in_memory() -> Result<Self, DirectoryError> {
        Self::with(Store::in_memory()?, Timestamp::MIN)
    }

    fn with(store: Store, now: Timestamp) -> Result<Self, DirectoryError> {
        store.forget_expired(now)?;
        let holdings = RwLock::new(store.load()?);
        Ok(Self { store: Mutex::new(store), holdings })
    }

    /// Gives an application tokens. They are durable when this returns: not for an async task.
    pub fn issue(&self, grant: Grant, now: Timestamp) -> Result<(GrantId, Issued), DirectoryError> {
        let mut store = self.store.lock();
        let issued = Issued::new();
        let held = Held::new(grant, &issued, now);
        let id = self.insert(&mut store, held, now)?;
        Ok((id, issued))
    }

    fn insert(&self, store: &mut Store, held: Held, now: Timestamp) -> Result<GrantId, DirectoryError> {
        let surplus = self.holdings.read().surplus(&held.grant, MOST_GRANTS);
        let id = store.insert(&held, &surplus, now)?;
        let mut holdings = self.holdings.write();
        surplus.into_iter().for_each(|id| holdings.remove(id));
        holdings.insert(id, held);
        Ok(id)
    }

    /// What an access token is good for. Waits for no disk.
    pub fn access(&self, token: &str, now: Timestamp) -> Option<Grant> {
        self.holdings.read().by_access(Print::of(token), now).cloned()
    }

    /// Exchanges a refresh token of an application for new tokens, if `is_good` finds that its grant still
    /// is. The old access token is of no use then, and the old refresh token soon. Durable when this returns: not
    /// for an async task.
    pub fn refresh(
        &self,
        token: &str,
        client_id: &str,
        now: Timestamp,
        is_good: impl Fn(&Grant) -> bool,
    ) -> Result<Refreshed, DirectoryError> {
        let mut store = self.store.lock();
        let print = Print::of(token);
        let found =
            self.holdings.read().by_refresh(print, now).filter(|found| found.client_id() == client_id);
        let Some(found) = found else { return Ok(Refreshed::Unknown) };
        if found.is_stale(now) || !is_good(&found.held.grant) {
            self.revoke_family(&store, found.family())?;
            return Ok(Refreshed::Revoked);
        }
        let issued = Issued::new();
        let renewed = Held { family: found.held.family, ..Held::new(found.held.grant.clone(), &issued, now) };
        match found.spent {
            None => {
                store.renew(found.id, &renewed, &found.held, now)?;
                self.holdings.write().renew(found.id, renewed, now);
            }
            // The first exchange keeps its tokens: these are beside them.
            Some(_) => {
                let sibling = Held { family: Some(found.family()), ..renewed };
                self.insert(&mut store, sibling, now)?;
            }
        }
        Ok(Refreshed::Renewed(found.held.grant, issued))
    }

    /// Makes a token of an application useless, and all that came of the same grant. An unknown one is
    /// nothing to do. Durable when this returns: not for an async task.
    pub fn revoke(&self, token: &str, client_id: &str, now: Timestamp) -> Result<(), DirectoryError> {
        let grant = self.holdings.read().id_of(Print::of(token), client_id, now);
        grant.map_or(Ok(()), |id| self.revoke_grant(id))
    }

    /// Makes all tokens of a grant useless. Durable when this returns: not for an async task.
    pub fn revoke_grant(&self, id: GrantId) -> Result<(), DirectoryError> {
        let store = self.store.lock();
        let family = self.holdings.read().family_of(id);
        self.revoke_family(&store, family)
    }

    fn revoke_family(&self, store: &Store, family: GrantId) -> Result<(), DirectoryError> {
        store.delete_family(family)?;
        self.holdings.write().remove_family(family);
        Ok(())
    }
}
