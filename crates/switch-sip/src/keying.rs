//! How the media of a leg are protected, as offers and answers negotiate it by keys in session descriptions (RFC 4568,
//! RFC 8643). The call machine sees plain descriptions alone: what comes is made plain, what goes is given its keys.
//!
//! ```text
//!   party's offer ── take_offer ──► proposed ── give_answer ──► agreed
//!   our offer ────── give_offer ──► proposed ── take_answer ──► agreed
//! ```
//!
//! An offer that comes to nothing leaves what was agreed on before. Keys stay while both sides leave them.

use call::encryption::{CryptoSuite, KeyExchange, MediaEncryption};
use directory::model::Encryption;
use sip::sdp::{Change, Crypto, Protection, Protocol, profile, protected, protections};
use srtp::{MasterKey, Suite};

use crate::media::Keys;

/// What a party may and must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) encryption: Encryption,
    /// Whether keys may travel in its descriptions: nobody else can read them.
    pub(crate) may_have_keys: bool,
}

/// Why a description is not taken, or not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unmet {
    #[error("encrypted media are refused here")]
    Refused,
    #[error("media must be encrypted here")]
    Required,
    #[error("media keys are taken over TLS and secure WebSocket only")]
    InTheClear,
    #[error("no crypto suite in common")]
    NoSuite,
}

/// How far the protection of a leg's streams is negotiated.
#[derive(Debug, Default)]
pub(crate) struct Keying {
    /// `None` where media go past the switch: it has no part in how they are protected.
    terms: Option<Terms>,
    /// Each stream that was negotiated, by its `m=` line.
    agreed: Vec<Agreed>,
    proposed: Vec<Proposed>,
    /// Our INVITE has no offer: the party makes it in its answer.
    pub(crate) awaits_offer: bool,
}

/// How a stream is protected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Agreed {
    /// It was not negotiated, or was refused.
    #[default]
    Nothing,
    /// By nothing, or by nothing that the switch knows.
    Plain,
    Keyed(Keyed),
}

/// What a stream is protected by.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Keyed {
    profile: String,
    tag: u32,
    keys: Keys,
}

/// What an offer says of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Proposed {
    Plain,
    /// It is refused, whatever protocol it names.
    Refused {
        profile: String,
    },
    /// The party has offered this one, which is taken.
    Theirs(Keyed),
    /// We have offered one of these.
    Ours {
        profile: String,
        keys: Vec<(u32, MasterKey)>,
    },
    /// The party has offered what is not taken.
    Unmet {
        why: Unmet,
        profile: String,
    },
}

impl Keying {
    pub(crate) fn new(terms: Option<Terms>) -> Self {
        Self { terms, ..Self::default() }
    }

    /// The keys of each stream, by its `m=` line.
    pub(crate) fn keys(&self) -> Vec<Option<Keys>> {
        let keys = |agreed: &Agreed| match agreed {
            Agreed::Keyed(keyed) => Some(keyed.keys.clone()),
            Agreed::Plain | Agreed::Nothing => None,
        };
        self.agreed.iter().map(keys).collect()
    }

    /// How the first stream that has keys is encrypted.
    pub(crate) fn encryption(&self) -> Option<MediaEncryption> {
        let suite = self.agreed.iter().find_map(|agreed| match agreed {
            Agreed::Keyed(keyed) => Some(told(keyed.keys.ours.suite())),
            Agreed::Plain | Agreed::Nothing => None,
        })?;
        Some(MediaEncryption { exchange: KeyExchange::Sdes, suite })
    }

    /// Takes an offer of the party; gives the plain one, if it differs.
    pub(crate) fn take_offer(
        &mut self,
        offer: &str,
        fresh: impl Fn(Suite) -> MasterKey,
    ) -> Result<Option<String>, Unmet> {
        let Some(terms) = self.terms else { return Ok(None) };
        let streams = protections(offer);
        let choose = |(at, stream)| self.choose(terms, at, stream, &fresh);
        let mut proposed: Vec<_> = streams.iter().enumerate().map(choose).collect();
        refuse_doubles(&streams, &mut proposed);
        let is_usable = |proposed: &Proposed| matches!(proposed, Proposed::Plain | Proposed::Theirs(_));
        let unmet = proposed.iter().find_map(|proposed| match proposed {
            Proposed::Unmet { why, .. } => Some(*why),
            _ => None,
        });
        if let Some(why) = unmet.filter(|_| !proposed.iter().any(is_usable)) {
            return Err(why);
        }
        self.proposed = proposed;
        if !mentions_keys(offer) {
            return Ok(None);
        }
        let changes =
            streams.iter().zip(&self.proposed).map(|(stream, proposed)| made_plain(stream, proposed));
        Ok(changed(offer, &changes.collect::<Vec<_>>()))
    }

    /// What becomes of a stream that the party offers.
    fn choose(
        &self,
        terms: Terms,
        at: usize,
        stream: &Protection,
        fresh: impl Fn(Suite) -> MasterKey,
    ) -> Proposed {
        let profile = stream.profile.clone();
        if stream.is_refused() {
            return Proposed::Refused { profile };
        }
        let unmet = |why| Proposed::Unmet { why, profile: profile.clone() };
        let may_have_keys = terms.may_have_keys && terms.encryption != Encryption::Refuse;
        let key = stream.keys.iter().filter(|_| may_have_keys).find_map(|key| Some((key.tag, master(key)?)));
        match (stream.protocol, key) {
            (Protocol::Plain | Protocol::Keyed, Some((tag, theirs))) => {
                let keys = Keys { ours: self.ours_for(at, theirs, fresh), theirs };
                Proposed::Theirs(Keyed { profile, tag, keys })
            }
            (Protocol::Plain, None) if terms.encryption == Encryption::Require => unmet(Unmet::Required),
            (Protocol::Keyed | Protocol::Handshake, _) if terms.encryption == Encryption::Refuse => {
                unmet(Unmet::Refused)
            }
            (Protocol::Keyed, None) if !terms.may_have_keys => unmet(Unmet::InTheClear),
            (Protocol::Keyed, None) => unmet(Unmet::NoSuite),
            (Protocol::Plain | Protocol::Handshake | Protocol::Other, _) => Proposed::Plain,
        }
    }

    /// Our key for a stream: the same while the party's is.
    fn ours_for(&self, at: usize, theirs: MasterKey, fresh: impl Fn(Suite) -> MasterKey) -> MasterKey {
        match self.agreed.get(at) {
            Some(Agreed::Keyed(keyed)) if keyed.keys.theirs == theirs => keyed.keys.ours,
            _ => fresh(theirs.suite()),
        }
    }

    /// The answer to the party's offer, if it differs from the plain one.
    pub(crate) fn give_answer(&mut self, answer: &str) -> Option<String> {
        self.terms?;
        let streams = protections(answer);
        let pairs = || streams.iter().zip(&self.proposed);
        let agreed = pairs().map(|(stream, proposed)| match proposed {
            _ if stream.is_refused() => Agreed::Nothing,
            Proposed::Theirs(keyed) => Agreed::Keyed(keyed.clone()),
            Proposed::Plain => Agreed::Plain,
            Proposed::Refused { .. } | Proposed::Ours { .. } | Proposed::Unmet { .. } => Agreed::Nothing,
        });
        self.agreed = agreed.collect();
        let changes = pairs().map(|(stream, proposed)| match proposed {
            Proposed::Theirs(Keyed { profile, tag, keys }) => {
                let keys = if stream.is_refused() { Vec::new() } else { vec![crypto(*tag, &keys.ours)] };
                Change::Protect { profile: profile.clone(), keys }
            }
            Proposed::Refused { profile } | Proposed::Unmet { profile, .. } => {
                Change::Protect { profile: profile.clone(), keys: Vec::new() }
            }
            Proposed::Plain | Proposed::Ours { .. } => Change::None,
        });
        changed(answer, &changes.collect::<Vec<_>>())
    }

    /// Whether the party may be offered anything.
    pub(crate) fn may_offer(&self) -> Result<(), Unmet> {
        match self.terms {
            Some(Terms { encryption: Encryption::Require, may_have_keys: false }) => Err(Unmet::InTheClear),
            _ => Ok(()),
        }
    }

    /// An offer of ours, if it differs from the plain one.
    pub(crate) fn give_offer(&mut self, offer: &str, fresh: impl Fn(Suite) -> MasterKey) -> Option<String> {
        let terms = self.terms?;
        let streams = protections(offer);
        let propose = |(at, stream)| self.propose(terms, at, stream, &fresh);
        self.proposed = streams.iter().enumerate().map(propose).collect();
        let changes = self.proposed.iter().map(|proposed| match proposed {
            Proposed::Ours { profile, keys } => Change::Protect {
                profile: profile.clone(),
                keys: keys.iter().map(|(tag, key)| crypto(*tag, key)).collect(),
            },
            Proposed::Plain | Proposed::Refused { .. } | Proposed::Theirs(_) | Proposed::Unmet { .. } => {
                Change::None
            }
        });
        changed(offer, &changes.collect::<Vec<_>>())
    }

    /// How a stream is offered to the party.
    fn propose(
        &self,
        terms: Terms,
        at: usize,
        stream: &Protection,
        fresh: impl Fn(Suite) -> MasterKey,
    ) -> Proposed {
        if stream.is_refused() || stream.protocol != Protocol::Plain {
            return Proposed::Plain;
        }
        let wanted = match (self.agreed.get(at).unwrap_or(&Agreed::Nothing), terms.encryption) {
            (Agreed::Keyed(Keyed { profile, tag, keys }), _) => {
                return Proposed::Ours { profile: profile.clone(), keys: vec![(*tag, keys.ours)] };
            }
            (Agreed::Plain, _) | (Agreed::Nothing, Encryption::Refuse | Encryption::Allow) => None,
            (Agreed::Nothing, Encryption::Require) => Some(profile(&stream.profile, Protocol::Keyed)),
            (Agreed::Nothing, Encryption::Prefer) => Some(stream.profile.clone()),
        };
        let wanted = wanted.filter(|_| terms.may_have_keys);
        let all = || (1..).zip(Suite::ALL.map(&fresh)).collect();
        wanted.map_or(Proposed::Plain, |profile| Proposed::Ours { profile, keys: all() })
    }

    /// Takes the party's answer to our offer; gives the plain one, if it differs.
    pub(crate) fn take_answer(&mut self, answer: &str) -> Result<Option<String>, Unmet> {
        let Some(terms) = self.terms else { return Ok(None) };
        let streams = protections(answer);
        let pairs = streams.iter().zip(&self.proposed);
        let agreed = pairs.map(|(stream, proposed)| agree(terms, stream, proposed));
        self.agreed = agreed.collect::<Result<_, _>>()?;
        if !mentions_keys(answer) {
            return Ok(None);
        }
        let changes = streams.iter().map(|stream| match stream.protocol {
            Protocol::Plain | Protocol::Keyed => {
                Change::Protect { profile: plain_profile(stream), keys: Vec::new() }
            }
            Protocol::Handshake | Protocol::Other => Change::None,
        });
        Ok(changed(answer, &changes.collect::<Vec<_>>()))
    }
}

/// What is agreed on by an answer to what was proposed.
fn agree(terms: Terms, stream: &Protection, proposed: &Proposed) -> Result<Agreed, Unmet> {
    let Proposed::Ours { profile, keys } = proposed else {
        return Ok(if stream.is_refused() { Agreed::Nothing } else { Agreed::Plain });
    };
    if stream.is_refused() {
        return Ok(Agreed::Nothing);
    }
    let taken = stream.keys.iter().find_map(|theirs| {
        let (tag, ours) = keys.iter().find(|(tag, _)| *tag == theirs.tag)?;
        let theirs = master(theirs).filter(|theirs| theirs.suite() == ours.suite())?;
        Some(Keyed { profile: profile.clone(), tag: *tag, keys: Keys { ours: *ours, theirs } })
    });
    match taken {
        Some(keyed) => Ok(Agreed::Keyed(keyed)),
        None if stream.protocol == Protocol::Plain && terms.encryption != Encryption::Require => {
            Ok(Agreed::Plain)
        }
        None => Err(Unmet::Required),
    }
}

/// Of a stream that is offered twice, protected and plain on the same port, the protected one is taken.
fn refuse_doubles(streams: &[Protection], proposed: &mut [Proposed]) {
    for (at, taken) in streams.iter().enumerate() {
        if !matches!(proposed[at], Proposed::Theirs(_)) {
            continue;
        }
        for (other, double) in streams.iter().enumerate().filter(|(other, _)| *other != at) {
            if (&double.medium, &double.port) == (&taken.medium, &taken.port) {
                proposed[other] = Proposed::Refused { profile: double.profile.clone() };
            }
        }
    }
}

/// How an offered stream is shown to the machine.
fn made_plain(stream: &Protection, proposed: &Proposed) -> Change {
    match (stream.protocol, proposed) {
        (_, Proposed::Refused { .. } | Proposed::Unmet { .. }) => {
            Change::Refuse { profile: plain_profile(stream) }
        }
        (Protocol::Plain | Protocol::Keyed, _) => {
            Change::Protect { profile: plain_profile(stream), keys: Vec::new() }
        }
        (Protocol::Handshake | Protocol::Other, _) => Change::None,
    }
}

/// The profile of a stream without protection; as it is written if it has none.
fn plain_profile(stream: &Protection) -> String {
    match stream.protocol {
        // Without feedback (AVPF), which few phones take that have no keys.
        Protocol::Keyed | Protocol::Handshake => "RTP/AVP".to_owned(),
        Protocol::Plain | Protocol::Other => stream.profile.clone(),
    }
}

/// Whether a description may have to be made plain.
fn mentions_keys(text: &str) -> bool {
    text.contains("a=crypto:") || text.contains("SAVP") || text.contains("savp")
}

/// A description with changes, if it differs.
fn changed(text: &str, changes: &[Change]) -> Option<String> {
    if changes.iter().all(|change| *change == Change::None) {
        return None;
    }
    let written = protected(text, changes);
    (written != text).then_some(written)
}

/// A suite as events tell it.
fn told(suite: Suite) -> CryptoSuite {
    match suite {
        Suite::AesCm128HmacSha1_80 => CryptoSuite::AesCm128HmacSha1_80,
        Suite::AesCm128HmacSha1_32 => CryptoSuite::AesCm128HmacSha1_32,
        Suite::AeadAes128Gcm => CryptoSuite::AeadAes128Gcm,
        Suite::AeadAes256Gcm => CryptoSuite::AeadAes256Gcm,
    }
}

/// The key of a line, if its suite is known.
fn master(key: &Crypto) -> Option<MasterKey> {
    MasterKey::new(Suite::named(&key.suite)?, &key.key_and_salt)
}

fn crypto(tag: u32, key: &MasterKey) -> Crypto {
    Crypto { tag, suite: key.suite().name().to_owned(), key_and_salt: key.key_and_salt().to_vec() }
}

/// A key of chance.
pub(crate) fn fresh(suite: Suite) -> MasterKey {
    let mut bytes = vec![0; suite.length()];
    rand::fill(&mut bytes[..]);
    MasterKey::new(suite, &bytes).expect("as long as the suite wants")
}

#[cfg(test)]
mod tests;
