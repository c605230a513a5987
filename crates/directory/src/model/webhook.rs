//! Webhooks that the directory file registers.

use std::{fmt, sync::Arc};

use call::{AccountId, Number, TrunkId};

use crate::{digest, words::Word};

/// Where an account has events sent to.
#[derive(Clone, PartialEq)]
pub struct Webhook {
    /// The account.
    pub account: AccountId,
    /// Its name, unique in the account.
    pub name: Arc<str>,
    /// Where to: http or https, without a user name or password.
    pub url: Arc<str>,
    /// How it is told what happens.
    pub format: WebhookFormat,
    /// Kinds of events, and groups of them; none = all.
    pub types: Vec<Arc<str>>,
    /// Those of legs of the phones of an extension of the account only.
    pub extension: Option<Number>,
    /// Those of legs of a trunk only.
    pub trunk: Option<TrunkId>,
    /// What requests are signed with.
    pub secret: SigningSecret,
}

/// What the requests of a webhook are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret {
    /// `whsec_` or `whsk_` with base64. Of a file that names a secret by its digest it is not known, until the file is
    /// applied to a directory that has it.
    text: Option<Arc<str>>,
    /// SHA-256 of the text, lower-case hex.
    pub sha256: Arc<str>,
}

/// In which shape a webhook is told what happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WebhookFormat {
    /// CloudEvents, of every kind.
    #[default]
    CloudEvents,
    /// Vonage's call events: each state that a call comes to.
    Vonage,
    /// Yeti's call data records: each call that is over.
    Yeti,
}

impl Webhook {
    /// What it is known by.
    pub(crate) fn key(&self) -> (AccountId, Arc<str>) {
        (self.account, self.name.clone())
    }
}

impl SigningSecret {
    /// A secret that is known.
    pub(crate) fn new(text: Arc<str>) -> Self {
        Self { sha256: digest::sha256(&text), text: Some(text) }
    }

    /// A secret of which the digest is known.
    pub(crate) fn digest(sha256: Arc<str>) -> Self {
        Self { text: None, sha256 }
    }

    /// The secret. It is known of every entry of a directory.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

impl WebhookFormat {
    /// Its name.
    pub fn name(self) -> &'static str {
        self.word()
    }

    /// The format of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::from_word(name)
    }
}

impl Word for WebhookFormat {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::CloudEvents, "cloudevents"), (Self::Vonage, "vonage"), (Self::Yeti, "yeti")];
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}
