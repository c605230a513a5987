//! How the API behaves. Filled from the configuration file by the binary.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use call::{AccountId, Timestamp};
use directory::{Directory, mailboxes::Mailboxes};
use guard::{Door, Doors, Room};
use ipnet::IpNet;
use jiff::tz::TimeZone;
use keyvalue::{Memory, Table};

use crate::layer::cors::CorsPolicy;

/// All of it.
#[derive(Clone, Debug)]
pub struct ApiConfig {
    /// Largest request body, in bytes.
    pub body_limit: usize,
    /// The URL that clients reach this server at; `None` = the one that each request was sent to.
    pub public_url: Option<String>,
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
    /// The guard against guessing, which all doors share.
    pub guard: Arc<Doors>,
    /// Where the connections of each door have their places.
    pub rooms: Vec<(Door, Room)>,
    /// The Yeti dialect.
    pub yeti: YetiConfig,
    /// The Vonage dialect.
    pub vonage: VonageConfig,
    /// The HostedSuite dialect.
    pub hostedsuite: HostedSuiteConfig,
}

/// The Yeti dialect.
#[derive(Clone, Debug)]
pub struct YetiConfig {
    /// What signs its tokens.
    pub signing_keys: KeyRing,
    /// How long a token lives; `None` = for ever.
    pub token_lifetime: Option<Duration>,
    /// The zone of times that say none, in charts and in filters of lists.
    pub time_zone: TimeZone,
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

/// The Vonage dialect.
#[derive(Clone, Debug)]
pub struct VonageConfig {
    /// Bearer tokens that do not expire.
    pub tokens: Current<Vec<StaticToken>>,
    /// Whether numbers, ids and times are printed as JSON numbers or strings.
    pub wire: VonageWire,
    /// How long a call that was not talked on can still be read after its end.
    pub linger: Duration,
}

/// How the Vonage dialect prints numbers, ids and times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VonageWire {
    /// As JSON numbers, as the vendor's samples do.
    #[default]
    Numbers,
    /// As JSON strings, as the vendor's schema says.
    Strings,
}

/// A bearer token and the account that it stands for.
#[derive(Clone, Debug)]
pub struct StaticToken {
    /// The token.
    pub token: Secret<String>,
    /// The account.
    pub account: AccountId,
}

/// The HostedSuite dialect.
#[derive(Clone, Debug)]
pub struct HostedSuiteConfig {
    /// Zone of its dates.
    pub time_zone: TimeZone,
    /// Items on a page when the request does not say.
    pub items_per_page: u32,
    /// What records show as the server that switched the call.
    pub server: String,
}

/// A value that `Debug` does not show.
#[derive(Clone)]
pub struct Secret<T>(pub T);

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl ApiConfig {
    /// The defaults, with what signs tokens.
    pub fn new(signing_keys: SigningKeys) -> Self {
        let loopback =
            ["127.0.0.0/8", "::1/128"].map(|net| net.parse().expect("a network in correct notation"));
        Self {
            body_limit: 1 << 20,
            public_url: None,
            trusted_proxies: Vec::new().into(),
            cors: CorsPolicy::default(),
            operator_networks: loopback.to_vec().into(),
            recordings: PathBuf::from("recordings"),
            directory: None,
            mailboxes: Arc::new(Mailboxes::new(Arc::new(Memory::default()))),
            answers: Arc::new(Memory::default()),
            guard: Arc::default(),
            rooms: Vec::new(),
            yeti: YetiConfig {
                signing_keys: signing_keys.into(),
                token_lifetime: Some(Duration::from_secs(600)),
                time_zone: TimeZone::UTC,
            },
            vonage: VonageConfig {
                tokens: Vec::new().into(),
                wire: VonageWire::Numbers,
                linger: Duration::from_secs(60),
            },
            hostedsuite: HostedSuiteConfig {
                time_zone: TimeZone::UTC,
                items_per_page: 100,
                server: "trunkline".to_owned(),
            },
        }
    }
}
