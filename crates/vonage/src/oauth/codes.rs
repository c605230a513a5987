//! Authorization codes (RFC 6749 section 4.1): good once, for a minute, in memory alone.

use std::{collections::HashMap, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use call::{Timestamp, UserId};
use directory::tokens::{Grant, GrantId, Print};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

/// How long a code is good.
const LIFETIME: Duration = Duration::from_secs(60);
/// Most codes that are good at a time.
const ROOM: usize = 10_000;
/// Most of them that one person has given; of more, the oldest is good no more.
const ROOM_OF_USER: usize = 20;

/// What a code stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// What the person has let the application do.
    pub grant: Grant,
    /// The `redirect_uri` that the request named: the exchange must name the same.
    pub redirect_uri: Option<String>,
    /// The challenge that the exchange must fit.
    pub challenge: Option<Challenge>,
    /// What the ID token is to say again (OpenID Connect Core section 3.1.2.1).
    pub nonce: Option<String>,
    /// When the person signed in.
    pub signed_in_at: Timestamp,
}

/// An S256 challenge of RFC 7636.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge(String);

/// What became of a code.
#[derive(Debug, PartialEq, Eq)]
pub enum Redeemed {
    /// It was good, and is no more.
    Good(Permission),
    /// It was used before, and this came of it.
    Again(Option<GrantId>),
    /// It is unknown or has expired.
    Unknown,
}

/// The codes of the last minute.
#[derive(Default)]
pub struct Codes(Mutex<HashMap<Print, Code>>);

struct Code {
    until: Timestamp,
    state: CodeState,
}

enum CodeState {
    Fresh(Permission),
    /// It is being exchanged.
    Redeeming,
    /// Tokens came of it.
    Used(GrantId),
    /// It was used a second time: nothing may come of it.
    Revoked,
}

impl Challenge {
    /// Reads a challenge: the 43 characters of a SHA-256.
    pub fn parse(text: &str) -> Option<Self> {
        let digest = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        (digest.len() == 32).then(|| Self(text.to_owned()))
    }

    /// Whether this is the challenge of a verifier.
    pub fn fits(&self, verifier: &str) -> bool {
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == self.0
    }
}

impl Codes {
    /// A new code; `None` if there are too many.
    pub fn give(&self, permission: Permission, now: Timestamp) -> Option<String> {
        let mut codes = self.0.lock();
        codes.retain(|_, code| now < code.until);
        if codes.len() >= ROOM {
            return None;
        }
        make_room(&mut codes, permission.grant.user);
        let code = BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let state = CodeState::Fresh(permission);
        codes.insert(Print::of(&code), Code { until: now + LIFETIME, state });
        Some(code)
    }

    /// Uses a code.
    pub fn redeem(&self, code: &str, now: Timestamp) -> Redeemed {
        let mut codes = self.0.lock();
        let Some(known) = codes.get_mut(&Print::of(code)).filter(|code| now < code.until) else {
            return Redeemed::Unknown;
        };
        match std::mem::replace(&mut known.state, CodeState::Revoked) {
            CodeState::Fresh(permission) => {
                known.state = CodeState::Redeeming;
                Redeemed::Good(permission)
            }
            CodeState::Used(grant) => Redeemed::Again(Some(grant)),
            CodeState::Redeeming | CodeState::Revoked => Redeemed::Again(None),
        }
    }

    /// Remembers what came of a code. Says whether that may be given: not if the code was used again meanwhile.
    #[must_use]
    pub fn led_to(&self, code: &str, grant: GrantId) -> bool {
        let mut codes = self.0.lock();
        let Some(known) = codes.get_mut(&Print::of(code)) else { return true };
        let may_be_given = matches!(known.state, CodeState::Redeeming);
        if may_be_given {
            known.state = CodeState::Used(grant);
        }
        may_be_given
    }
}

/// Takes the oldest code of a person away, if they have as many as there may be.
fn make_room(codes: &mut HashMap<Print, Code>, user: UserId) {
    let is_own = |code: &Code| matches!(&code.state, CodeState::Fresh(given) if given.grant.user == user);
    let own = || codes.iter().filter(|(_, code)| is_own(code));
    if own().count() < ROOM_OF_USER {
        return;
    }
    let oldest = own().min_by_key(|(_, code)| code.until).map(|(print, _)| *print);
    oldest.and_then(|print| codes.remove(&print));
}

#[cfg(test)]
mod tests {
    use call::AccountId;
    use directory::model::Scope;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);

    fn permission(user: u32) -> Permission {
        let grant = Grant {
            user: UserId(user),
            account: AccountId(1),
            client_id: "dialer".into(),
            is_openid: false,
            scope: Scope::ALL,
            password: Print::of("hash"),
        };
        Permission { grant, redirect_uri: None, challenge: None, nonce: None, signed_in_at: NOW }
    }

    #[test]
    fn of_more_codes_of_a_person_than_there_may_be_the_oldest_is_good_no_more() {
        let codes = Codes::default();
        let at = |step: u64| NOW + Duration::from_millis(step);
        let other = codes.give(permission(2), NOW).unwrap();
        let given: Vec<_> =
            (0..=ROOM_OF_USER as u64).map(|step| codes.give(permission(1), at(step)).unwrap()).collect();
        assert_eq!(codes.redeem(&given[0], at(100)), Redeemed::Unknown);
        for good in given[1..].iter().chain([&other]) {
            assert!(matches!(codes.redeem(good, at(100)), Redeemed::Good(_)));
        }
    }

    #[test]
    fn a_verifier_fits_its_challenge_as_in_rfc_7636_appendix_b() {
        let challenge = Challenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").unwrap();
        assert!(challenge.fits("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!challenge.fits("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"));
        for wrong in ["", "short", &"a".repeat(44), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"] {
            assert_eq!(Challenge::parse(wrong), None, "{wrong}");
        }
    }
}
