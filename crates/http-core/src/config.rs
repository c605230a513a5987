//! How the server behaves toward its clients, whatever dialect they speak. Filled from the configuration file by the binary.

use std::{fmt, path::PathBuf, sync::Arc};

use arc_swap::ArcSwap;
use call::{AccountId, Timestamp, UserId};
use directory::{Directory, mailboxes::Mailboxes};
use guard::{Door, Doors, Outward, Quotas, Room};
use ipnet::IpNet;
use keyvalue::{Memory, Table};
use sha2::{Digest, Sha256};
use webhooks::Webhooks;

use crate::{
    browser_phones::BrowserPhones, layer::cors::CorsPolicy, route::Rights, sign_in_links::SignInLinks,
};

/// What all dialects share.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// Largest request body, in bytes.
    pub body_limit: usize,
    /// The URL that clients reach this server at; `None` = the one that each request was sent to.
    pub public_url: Option<String>,
    /// Hosts that the server answers to, besides its addresses.
    pub names: Vec<String>,
    /// Proxies whose `X-Real-IP`, `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host` are believed.
    pub trusted_proxies: Current<Vec<IpNet>>,
    /// Which web pages may use the API.
    pub cors: CorsPolicy,
    /// Networks that may read the metrics.
    pub operator_networks: Current<Vec<IpNet>>,
    /// Folder that calls are recorded into.
    pub recordings: PathBuf,
    /// The directory, where customers change what is theirs; `None` = they cannot.
    pub directory: Option<Arc<Directory>>,
    /// What lies in mailboxes.
    pub mailboxes: Arc<Mailboxes>,
    /// Where answers to commands with an `Idempotency-Key` are kept.
    pub answers: Arc<dyn Table>,
    /// Where accounts have events sent to.
    pub webhooks: Arc<Webhooks>,
    /// Bearer tokens that do not expire.
    pub tokens: Current<Vec<StaticToken>>,
    /// What lets browsers be phones of their users, and how they reach the switch.
    pub browser_phones: BrowserPhones,
    /// Links that sign a user in once, without a password.
    pub sign_in_links: Arc<SignInLinks>,
    /// The guard against guessing, which all doors share.
    pub guard: Arc<Doors>,
    /// How much each client of the native API may ask for.
    pub quotas: Arc<Quotas<(AccountId, Option<UserId>)>>,
    /// Where the connections of each door have their places.
    pub rooms: Vec<(Door, Room)>,
}

/// What counts at the moment, and may be replaced while requests are answered. Clones share it.
#[derive(Clone, Debug)]
pub struct Current<T>(Arc<ArcSwap<T>>);

/// The keys of the moment.
pub type KeyRing = Current<SigningKeys>;

/// What signs tokens.
#[derive(Clone, Debug)]
pub struct SigningKeys {
    /// The key of new tokens.
    pub current: Secret<Vec<u8>>,
    /// The key before it, as long as tokens that it signed may be in use.
    pub retired: Option<RetiredKey>,
}

/// A key that signs no more.
#[derive(Clone, Debug)]
pub struct RetiredKey {
    /// The key.
    pub key: Secret<Vec<u8>>,
    /// When the last token that it signed ends.
    pub accepted_until: Timestamp,
}

impl<T> Current<T> {
    /// What counts now.
    pub fn load(&self) -> Arc<T> {
        self.0.load_full()
    }

    /// From now on this counts.
    pub fn replace(&self, value: T) {
        self.0.store(Arc::new(value));
    }
}

impl<T> From<T> for Current<T> {
    fn from(value: T) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(value)))
    }
}

impl SigningKeys {
    /// One key, and none before it.
    pub fn new(key: Vec<u8>) -> Self {
        Self { current: Secret(key), retired: None }
    }

    /// The keys whose signatures count at `now`.
    pub fn accepted(&self, now: Timestamp) -> impl Iterator<Item = &[u8]> {
        let retired = self.retired.as_ref().filter(|retired| now < retired.accepted_until);
        std::iter::once(&self.current).chain(retired.map(|retired| &retired.key)).map(|key| key.0.as_slice())
    }
}

/// A bearer token that does not expire, by its digest.
#[derive(Clone)]
pub struct StaticToken {
    /// SHA-256 of the token.
    pub sha256: [u8; 32],
    /// The account that it is good for.
    pub account: AccountId,
    /// What it is good for there.
    pub rights: Rights,
}

impl StaticToken {
    /// A token that may do everything in an account.
    pub fn of(token: &str, account: AccountId) -> Self {
        Self { sha256: Sha256::digest(token).into(), account, rights: Rights::ALL }
    }
}

impl fmt::Debug for StaticToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticToken").field("account", &self.account).finish_non_exhaustive()
    }
}

/// A value that `Debug` does not show.
#[derive(Clone)]
pub struct Secret<T>(pub T);

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Default for HttpConfig {
    fn default() -> Self {
        let loopback =
            ["127.0.0.0/8", "::1/128"].map(|net| net.parse().expect("a network in correct notation"));
        Self {
            body_limit: 1 << 20,
            public_url: None,
            names: Vec::new(),
            trusted_proxies: Vec::new().into(),
            cors: CorsPolicy::default(),
            operator_networks: loopback.to_vec().into(),
            recordings: PathBuf::from("recordings"),
            directory: None,
            mailboxes: Arc::new(Mailboxes::new(Arc::new(Memory::default()))),
            answers: Arc::new(Memory::default()),
            webhooks: Arc::new(Webhooks::new(Arc::new(Memory::default()), Outward::Public, Timestamp::MIN)),
            tokens: Vec::new().into(),
            browser_phones: BrowserPhones::default(),
            sign_in_links: Arc::default(),
            guard: Arc::default(),
            quotas: Arc::new(Quotas::new(0)),
            rooms: Vec::new(),
        }
    }
}
