//! The claims of a token.

use call::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Grant, Holder};

const AUDIENCE: &str = "customer-v1";

/// What a new token claims.
#[derive(Serialize)]
pub(super) struct IssuedClaims<'a> {
    aud: [&'static str; 1],
    sub: Subject,
    #[serde(skip_serializing_if = "Option::is_none")]
    cfg: Option<&'a Grant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
}

/// What a client's token claims.
#[derive(Deserialize)]
pub(super) struct ReadClaims {
    aud: Audience,
    pub(super) sub: Subject,
    pub(super) cfg: Option<Grant>,
    exp: Option<i64>,
    nbf: Option<i64>,
}

/// Whom a token is for.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Subject {
    /// A user, by id.
    User(u32),
    /// A customer, as `cfg` says.
    Customer(Dynamic),
}

/// The word for it.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum Dynamic {
    D,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl<'a> IssuedClaims<'a> {
    pub(super) fn new(holder: &'a Holder, expires_at: Option<Timestamp>) -> Self {
        let (sub, cfg) = match holder {
            Holder::User(user) => (Subject::User(user.id.0), None),
            Holder::Customer(grant) => (Subject::Customer(Dynamic::D), Some(&**grant)),
        };
        Self { aud: [AUDIENCE], sub, cfg, exp: expires_at.map(Timestamp::as_seconds) }
    }
}

impl ReadClaims {
    pub(super) fn are_for_us(&self) -> bool {
        match &self.aud {
            Audience::One(audience) => audience == AUDIENCE,
            Audience::Many(audiences) => audiences.iter().any(|audience| audience == AUDIENCE),
        }
    }

    pub(super) fn are_in_force(&self, now: Timestamp) -> bool {
        let is_past = |at: i64| Timestamp::from_seconds(at) <= now;
        self.nbf.is_none_or(is_past) && !self.exp.is_some_and(is_past)
    }
}
