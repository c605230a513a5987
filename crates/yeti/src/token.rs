//! JSON web tokens (contract yeti.md, 2.2): HS256 under a bare header, for one user each, or for a customer
//! without a login to whom the operator grants something.
//!
//! The key of a user's tokens is made of the server's and of their password hash: a new password ends the
//! tokens that were issued under the old one.

mod claims;
mod grant;

use std::net::IpAddr;

use call::{Timestamp, UserId};
use directory::{
    Access, Snapshot, Who,
    model::{Profile, ProfileId, User},
};
use http_core::Rights;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, dangerous::insecure_decode_claims,
};
use sha2::{Digest, Sha256};

use self::claims::{IssuedClaims, ReadClaims};
pub use self::grant::Grant;
use crate::state::YetiConfig;

/// A token that was issued.
pub struct Token {
    /// Its text.
    pub text: String,
    /// When it stops being accepted; `None` = never.
    pub expires_at: Option<Timestamp>,
}

/// A token that is not accepted, for whatever reason: clients are not told which.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidToken;

/// Whom a token stands for.
#[derive(Clone, Debug)]
pub enum Holder {
    /// A user who logged in.
    User(Box<User>),
    /// A customer without a login.
    Customer(Box<Grant>),
}

/// A new token.
pub fn issue(config: &YetiConfig, holder: &Holder, now: Timestamp) -> Token {
    let expires_at = config.token_lifetime.map(|lifetime| whole_seconds(now + lifetime));
    let claims = IssuedClaims::new(holder, expires_at);
    let header = Header { typ: None, ..Header::new(Algorithm::HS256) };
    let key = EncodingKey::from_secret(&holder.key(&config.signing_keys.load().current.0));
    let text = jsonwebtoken::encode(&header, &claims, &key).expect("any key can sign plain claims by HS256");
    Token { text, expires_at }
}

/// Whom a token was issued for, if it is one of ours, for this API and in force at `now`.
pub fn read(
    config: &YetiConfig,
    directory: &Snapshot,
    text: &str,
    now: Timestamp,
) -> Result<Holder, InvalidToken> {
    let claimed = insecure_decode_claims::<ReadClaims>(text).map_err(|_| InvalidToken)?;
    let holder = claimed.holder(directory).ok_or(InvalidToken)?;
    let keys = config.signing_keys.load();
    let claims = keys.accepted(now).find_map(|key| {
        let key = DecodingKey::from_secret(&holder.key(key));
        jsonwebtoken::decode::<ReadClaims>(text, &key, &signature_only()).ok()
    });
    let claims = claims.ok_or(InvalidToken)?.claims;
    if claims.are_for_us() && claims.are_in_force(now) { Ok(holder) } else { Err(InvalidToken) }
}

impl Holder {
    /// The lists of numbers that it may change; `None` = all.
    pub fn numberlists(&self) -> Option<Vec<i64>> {
        match self {
            Self::User(_) => None,
            Self::Customer(grant) => Some(grant.allow_outgoing_numberlists_ids.clone()),
        }
    }

    /// Who it is, for the audit trail.
    pub fn who(&self) -> Who {
        match self {
            Self::User(user) => Who::User(user.login.clone()),
            Self::Customer(_) => Who::Token,
        }
    }

    /// Those of the user; a customer may do everything of theirs.
    pub fn rights(&self) -> Rights {
        match self {
            Self::User(user) => Rights::of(user),
            Self::Customer(_) => Rights::ALL,
        }
    }

    /// A user who logged in.
    pub fn user(user: User) -> Self {
        Self::User(Box::new(user))
    }

    /// Whether it may come from an address.
    pub fn may_come_from(&self, ip: IpAddr) -> bool {
        match self {
            Self::User(user) => user.may_come_from(ip),
            Self::Customer(grant) => grant.may_come_from(ip),
        }
    }

    /// What it may see.
    pub fn access(&self, directory: &Snapshot) -> Option<Access> {
        match self {
            Self::User(user) => Some(directory.access_of(user)),
            Self::Customer(grant) => grant.access(directory),
        }
    }

    /// What portals let it do; `None` if its profile is gone.
    pub fn profile(&self, directory: &Snapshot) -> Option<Profile> {
        let id = match self {
            Self::User(user) => user.profile,
            Self::Customer(grant) => ProfileId(grant.customer_portal_access_profile_id),
        };
        directory.profile(id).cloned()
    }

    /// What its tokens are signed with, given the server's key.
    fn key(&self, own: &[u8]) -> [u8; 32] {
        let password_hash: &[u8] = match self {
            Self::User(user) => user.password_hash.as_bytes(),
            Self::Customer(_) => &[],
        };
        let digest = Sha256::new().chain_update((own.len() as u64).to_be_bytes()).chain_update(own);
        digest.chain_update(password_hash).finalize().into()
    }
}

/// The claims are checked here, by the server's own clock.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}

fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_seconds(at.as_seconds())
}

impl ReadClaims {
    /// Whom they speak of, if there is such.
    fn holder(self, directory: &Snapshot) -> Option<Holder> {
        match self {
            Self { sub: claims::Subject::User(id), .. } => {
                directory.user(UserId(id)).cloned().map(Holder::user)
            }
            Self { sub: claims::Subject::Customer(_), cfg: Some(grant), .. } => {
                Some(Holder::Customer(Box::new(grant)))
            }
            Self { sub: claims::Subject::Customer(_), cfg: None, .. } => None,
        }
    }
}
