//! A hook: where to send what, and how that is signed.

use std::{fmt, sync::Arc};

use call::{AccountId, CallId, DeviceId, Timestamp, TrunkId, party::Endpoint};
use directory::model::WebhookFormat;
use events::KindFilter;
use guard::{Outward, UrlError};
use history::LogFilter;
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use crate::{delivery::Delivery, signature::Secret};

/// The longest URL.
const LONGEST_URL: usize = 2_048;

/// Identity of a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HookId(pub Uuid);

/// What somebody registers.
#[derive(Clone, Debug, Default)]
pub struct NewHook {
    /// Where to.
    pub url: String,
    /// What.
    pub wanted: Wanted,
    /// How it is told.
    pub format: WebhookFormat,
    /// What the format alone understands.
    pub options: Arc<str>,
    /// What requests are signed with.
    pub secret: NewSecret,
    /// When it ends, unless it is renewed.
    pub expires_at: Option<Timestamp>,
}

/// What the requests of a new hook are signed with.
#[derive(Clone, Debug, Default)]
pub enum NewSecret {
    /// A new secret for HMAC.
    #[default]
    Made,
    /// This one.
    Given(Secret),
    /// Nothing, where the format does without.
    None,
}

/// Who has registered a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A client, by an interface.
    Client,
    /// Whoever wrote the directory file, under this name.
    Directory(Arc<str>),
}

/// Which events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Which kinds; none = all.
    pub kinds: KindFilter,
    /// Those of a call.
    pub call: Option<CallId>,
    /// Those of legs of one of these phones.
    pub devices: Option<Vec<DeviceId>>,
    /// Those of legs of a trunk.
    pub trunk: Option<TrunkId>,
}

/// A hook.
#[derive(Clone, Debug)]
pub struct Hook {
    /// Its id.
    pub id: HookId,
    /// Whose it is, and whose events it is sent.
    pub account: AccountId,
    /// Where to.
    pub url: Url,
    /// What.
    pub wanted: Wanted,
    /// How it is told.
    pub format: WebhookFormat,
    /// What the format alone understands.
    pub options: Arc<str>,
    /// Who has registered it.
    pub source: Source,
    /// When it ends, unless it is renewed; `None` = never.
    pub expires_at: Option<Timestamp>,
    /// When it was renewed last.
    pub renewed_at: Option<Timestamp>,
    /// What requests are signed with: the first is the present one; others still count until then.
    pub secrets: Vec<(Secret, Option<Timestamp>)>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Where it is.
    pub delivery: Delivery,
}

/// Why a hook is not registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HookError {
    /// Its URL is none to send to.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// Its URL is too long.
    #[error("the URL has more than {LONGEST_URL} characters")]
    LongUrl,
    /// Its URL has a user name or a password, which would not be sent.
    #[error("the URL has a user name or a password: requests are proved by their signature")]
    Credentials,
    /// The account has as many as it may have.
    #[error("the account has {0} webhooks, which is as many as it may have")]
    TooMany(usize),
}

impl Hook {
    /// A hook for what happens after an event.
    pub(crate) fn new(
        account: AccountId,
        new: NewHook,
        outward: Outward,
        (now, after): (Timestamp, u64),
    ) -> Result<Self, HookError> {
        let secret = match new.secret {
            NewSecret::Made => Some(Secret::symmetric()),
            NewSecret::Given(secret) => Some(secret),
            NewSecret::None => None,
        };
        Ok(Self {
            id: HookId(Uuid::new_v4()),
            account,
            url: read_url(&new.url, outward)?,
            wanted: new.wanted,
            format: new.format,
            options: new.options,
            source: Source::Client,
            expires_at: new.expires_at,
            renewed_at: None,
            secrets: secret.into_iter().map(|secret| (secret, None)).collect(),
            created_at: now,
            delivery: Delivery::after(after),
        })
    }

    /// The events that it may be told of. Whoever is told of calls as a whole is told of their ends too, whose leg
    /// that may be.
    pub(crate) fn filter(&self) -> LogFilter {
        let all = LogFilter { accounts: vec![self.account], call: self.wanted.call, ..LogFilter::default() };
        match self.format {
            WebhookFormat::CloudEvents => {
                LogFilter { devices: self.wanted.devices.clone(), trunk: self.wanted.trunk, ..all }
            }
            WebhookFormat::Vonage | WebhookFormat::Yeti => all,
        }
    }

    /// Whether it has ended.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// The secrets that count now.
    pub fn counting(&self, now: Timestamp) -> impl Iterator<Item = &Secret> {
        let counts = move |(_, until): &&(Secret, Option<Timestamp>)| until.is_none_or(|until| now < until);
        self.secrets.iter().filter(counts).map(|(secret, _)| secret)
    }

    /// From now on another secret signs; those before count until `until`.
    pub(crate) fn rotate(&mut self, secret: Secret, now: Timestamp, until: Timestamp) {
        self.secrets.retain(|(_, ends)| ends.is_none_or(|ends| now < ends));
        for (_, ends) in &mut self.secrets {
            ends.get_or_insert(until);
        }
        self.secrets.insert(0, (secret, None));
        self.secrets.truncate(MOST_SECRETS);
    }
}

impl Wanted {
    /// Whether a call with legs to these is wanted.
    pub fn wants_call<'a>(&self, mut legs: impl Iterator<Item = &'a Endpoint>) -> bool {
        let is_all = self.devices.is_none() && self.trunk.is_none();
        is_all || legs.any(|endpoint| self.wants_leg(endpoint))
    }

    fn wants_leg(&self, endpoint: &Endpoint) -> bool {
        match endpoint {
            Endpoint::Device { id, .. } => self.devices.as_ref().is_some_and(|all| all.contains(id)),
            Endpoint::Trunk { id, .. } => self.trunk == Some(*id),
        }
    }
}

fn read_url(text: &str, outward: Outward) -> Result<Url, HookError> {
    if text.len() > LONGEST_URL {
        return Err(HookError::LongUrl);
    }
    let url = outward.read(text)?;
    let has_credentials = !url.username().is_empty() || url.password().is_some();
    if has_credentials { Err(HookError::Credentials) } else { Ok(url) }
}

/// Secrets that count at a time, at most.
const MOST_SECRETS: usize = 4;

impl fmt::Display for HookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A hook as it is kept.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredHookV1 {
    id: HookId,
    account: u32,
    url: String,
    kinds: Vec<String>,
    call: Option<Uuid>,
    devices: Option<Vec<u32>>,
    trunk: Option<u32>,
    secrets: Vec<(String, Option<i64>)>,
    created_at: i64,
    delivery: Delivery,
    /// Its name in the directory file; none of a client's.
    #[serde(default)]
    directory: Option<String>,
    /// CloudEvents, of those that were kept before there were others.
    #[serde(default)]
    format: Option<String>,
    #[serde(default)]
    options: String,
    #[serde(default)]
    expires_at: Option<i64>,
    #[serde(default)]
    renewed_at: Option<i64>,
}

impl From<&Hook> for StoredHookV1 {
    fn from(hook: &Hook) -> Self {
        let until = |at: &Option<Timestamp>| at.map(Timestamp::as_micros);
        let wanted = &hook.wanted;
        Self {
            id: hook.id,
            account: hook.account.0,
            url: hook.url.to_string(),
            kinds: wanted.kinds.names().to_vec(),
            call: wanted.call.map(|call| *call.as_uuid()),
            devices: wanted.devices.as_ref().map(|all| all.iter().map(|device| device.0).collect()),
            trunk: wanted.trunk.map(|trunk| trunk.0),
            secrets: hook.secrets.iter().map(|(secret, at)| (secret.text(), until(at))).collect(),
            created_at: hook.created_at.as_micros(),
            delivery: hook.delivery.clone(),
            directory: match &hook.source {
                Source::Client => None,
                Source::Directory(name) => Some(name.to_string()),
            },
            format: Some(hook.format.name().to_owned()),
            options: hook.options.to_string(),
            expires_at: hook.expires_at.map(Timestamp::as_micros),
            renewed_at: hook.renewed_at.map(Timestamp::as_micros),
        }
    }
}

impl StoredHookV1 {
    /// The hook; `None` of one that cannot be understood.
    pub(crate) fn open(self) -> Option<Hook> {
        let secret =
            |(text, at): &(String, Option<i64>)| Some((Secret::kept(text)?, at.map(Timestamp::from_micros)));
        let kinds = match self.kinds.is_empty() {
            true => KindFilter::default(),
            false => KindFilter::parse(&self.kinds.join(",")).ok()?,
        };
        Some(Hook {
            id: self.id,
            account: AccountId(self.account),
            url: Url::parse(&self.url).ok()?,
            wanted: Wanted {
                kinds,
                call: self.call.map(CallId::from_uuid),
                devices: self.devices.map(|all| all.into_iter().map(DeviceId).collect()),
                trunk: self.trunk.map(TrunkId),
            },
            secrets: self.secrets.iter().map(secret).collect::<Option<_>>()?,
            created_at: Timestamp::from_micros(self.created_at),
            delivery: self.delivery,
            source: self.directory.map_or(Source::Client, |name| Source::Directory(name.into())),
            format: self
                .format
                .map_or(Some(WebhookFormat::CloudEvents), |name| WebhookFormat::named(&name))?,
            options: self.options.into(),
            expires_at: self.expires_at.map(Timestamp::from_micros),
            renewed_at: self.renewed_at.map(Timestamp::from_micros),
        })
    }
}
