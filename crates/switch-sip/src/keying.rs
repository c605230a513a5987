//! How the media of a leg are protected, as offers and answers negotiate it by keys in session descriptions (RFC 4568,
//! RFC 8643). The call machine sees plain descriptions alone: what comes is made plain, what goes is given its keys.
//!
//! ```text
//!   party's offer ── take_offer ──► proposed ── give_answer ──► agreed
//!   our offer ────── give_offer ──► proposed ── take_answer ──► agreed
//! ```
//!
//! An offer that comes to nothing leaves what was agreed on before. Keys stay while both sides leave them.
//!
//! Media whose keys come of a handshake of their own (`handshake`, RFC 5763) are negotiated in the same way: a
//! description has what the handshake needs, and where browsers are concerned, what finds its way.

mod handshake;
mod terms;

use call::encryption::{CryptoSuite, KeyExchange, MediaEncryption};
use directory::model::Encryption;
use sip::sdp::{Change, Crypto, Protection, Protocol, profile, protected, protections};
use srtp::{MasterKey, Suite};

pub(crate) use handshake::Own;
use handshake::Shaken;
pub(crate) use terms::{HandshakeForm, Terms, Unmet};

use crate::media::{Credentials, Keys, Security};

/// How far the protection of a leg's streams is negotiated.
#[derive(Debug)]
pub(crate) struct Keying {
    /// `None` where media go past the switch: it has no part in how they are protected.
    terms: Option<(Terms, Own)>,
    /// What the latest handshake has come to.
    shaken: Option<Suite>,
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
    Shaken(Shaken),
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
    /// The party has offered a handshake, which is taken.
    TheirHandshake(Shaken),
    /// We have offered one.
    OurHandshake(Shaken),
    /// The party has offered what is not taken.
    Unmet {
        why: Unmet,
        profile: String,
    },
}

impl Keying {
    pub(crate) fn new(terms: Option<(Terms, Own)>) -> Self {
        Self { terms, shaken: None, agreed: Vec::new(), proposed: Vec::new(), awaits_offer: false }
    }

    /// How each stream is protected, by its `m=` line. One that is offered with a handshake is taken to be so already:
    /// who answers may begin before the answer is here.
    pub(crate) fn security(&self) -> Vec<Option<Security>> {
        let streams = 0..self.agreed.len().max(self.proposed.len());
        let security = streams.map(|at| match (self.agreed(at), self.proposed.get(at)) {
            (Agreed::Keyed(keyed), _) => Some(Security::Keys(keyed.keys.clone())),
            (Agreed::Shaken(shaken), _) | (Agreed::Nothing, Some(Proposed::OurHandshake(shaken))) => {
                Some(Security::Handshake(shaken.handshake.clone()))
            }
            (Agreed::Plain | Agreed::Nothing, _) => None,
        });
        security.collect()
    }

    fn agreed(&self, at: usize) -> &Agreed {
        self.agreed.get(at).unwrap_or(&Agreed::Nothing)
    }

    fn shaken(&self, at: usize) -> Option<&Shaken> {
        match self.agreed(at) {
            Agreed::Shaken(shaken) => Some(shaken),
            Agreed::Nothing | Agreed::Plain | Agreed::Keyed(_) => None,
        }
    }

    /// Notes what a handshake has come to.
    pub(crate) fn note_handshake(&mut self, suite: Suite) {
        self.shaken = Some(suite);
    }

    /// How the first stream that has keys is encrypted.
    pub(crate) fn encryption(&self) -> Option<MediaEncryption> {
        self.agreed.iter().find_map(|agreed| match agreed {
            Agreed::Keyed(keyed) => {
                Some(MediaEncryption { exchange: KeyExchange::Sdes, suite: told(keyed.keys.ours.suite()) })
            }
            Agreed::Shaken(_) => {
                Some(MediaEncryption { exchange: KeyExchange::Dtls, suite: told(self.shaken?) })
            }
            Agreed::Plain | Agreed::Nothing => None,
        })
    }

    /// Takes an offer of the party; gives the plain one, if it differs.
    pub(crate) fn take_offer(
        &mut self,
        offer: &str,
        fresh: impl Fn(Suite) -> MasterKey,
    ) -> Result<Option<String>, Unmet> {
        let Some((terms, own)) = &self.terms else { return Ok(None) };
        let streams = protections(offer);
        let choose = |(at, stream)| self.choose((*terms, own), at, stream, &fresh);
        let mut proposed: Vec<_> = streams.iter().enumerate().map(choose).collect();
        refuse_doubles(&streams, &mut proposed);
        refuse_beside_handshake(&streams, &mut proposed);
        let is_usable = |proposed: &Proposed| {
            matches!(proposed, Proposed::Plain | Proposed::Theirs(_) | Proposed::TheirHandshake(_))
        };
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
        (terms, own): (Terms, &Own),
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
            (Protocol::Handshake, _) => match Shaken::taken(stream, self.shaken(at), own) {
                Ok(shaken) => Proposed::TheirHandshake(shaken),
                Err(why) => unmet(why),
            },
            (Protocol::Plain | Protocol::Other, _) => Proposed::Plain,
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
        let (_, own) = self.terms.as_ref()?;
        let streams = protections(answer);
        let pairs = || streams.iter().zip(&self.proposed);
        let agreed = pairs().map(|(stream, proposed)| match proposed {
            _ if stream.is_refused() => Agreed::Nothing,
            Proposed::Theirs(keyed) => Agreed::Keyed(keyed.clone()),
            Proposed::TheirHandshake(shaken) => Agreed::Shaken(shaken.clone()),
            Proposed::Plain => Agreed::Plain,
            Proposed::Refused { .. }
            | Proposed::Ours { .. }
            | Proposed::OurHandshake(_)
            | Proposed::Unmet { .. } => Agreed::Nothing,
        });
        let agreed = agreed.collect();
        let changes = pairs().map(|(stream, proposed)| match proposed {
            Proposed::Theirs(Keyed { profile, tag, keys }) => {
                let keys = if stream.is_refused() { Vec::new() } else { vec![crypto(*tag, &keys.ours)] };
                Change::Protect { profile: profile.clone(), keys }
            }
            Proposed::TheirHandshake(shaken) if stream.is_refused() => {
                Change::Refuse { profile: shaken.profile.clone() }
            }
            Proposed::TheirHandshake(shaken) => {
                Change::Shake { profile: shaken.profile.clone(), handshake: shaken.said(own, true) }
            }
            Proposed::Refused { profile } | Proposed::Unmet { profile, .. } => {
                Change::Protect { profile: profile.clone(), keys: Vec::new() }
            }
            Proposed::Plain | Proposed::Ours { .. } | Proposed::OurHandshake(_) => Change::None,
        });
        let written = changed(answer, &changes.collect::<Vec<_>>());
        self.agreed = agreed;
        written
    }

    /// An offer of ours, if it differs from the plain one.
    pub(crate) fn give_offer(&mut self, offer: &str, fresh: impl Fn(Suite) -> MasterKey) -> Option<String> {
        let (terms, own) = self.terms.as_ref()?;
        let streams = protections(offer);
        let propose = |(at, stream)| self.propose((*terms, own), at, stream, &fresh);
        let mut proposed: Vec<_> = streams.iter().enumerate().map(propose).collect();
        refuse_beside_handshake(&streams, &mut proposed);
        let changes = proposed.iter().map(|proposed| match proposed {
            Proposed::Ours { profile, keys } => Change::Protect {
                profile: profile.clone(),
                keys: keys.iter().map(|(tag, key)| crypto(*tag, key)).collect(),
            },
            Proposed::OurHandshake(shaken) => {
                Change::Shake { profile: shaken.profile.clone(), handshake: shaken.said(own, false) }
            }
            Proposed::Refused { profile } => Change::Refuse { profile: profile.clone() },
            Proposed::Plain | Proposed::Theirs(_) | Proposed::TheirHandshake(_) | Proposed::Unmet { .. } => {
                Change::None
            }
        });
        let written = changed(offer, &changes.collect::<Vec<_>>());
        self.proposed = proposed;
        written
    }

    /// How a stream is offered to the party.
    fn propose(
        &self,
        (terms, own): (Terms, &Own),
        at: usize,
        stream: &Protection,
        fresh: impl Fn(Suite) -> MasterKey,
    ) -> Proposed {
        if stream.is_refused() || stream.protocol != Protocol::Plain {
            return Proposed::Plain;
        }
        let is_new = self.agreed.iter().all(|agreed| *agreed == Agreed::Nothing);
        let new = terms.handshake.filter(|_| is_new && stream.medium == "audio");
        let known = self.shaken(at).cloned();
        if let Some(shaken) = known.or_else(|| new.map(|form| Shaken::offered(form, own))) {
            return Proposed::OurHandshake(shaken);
        }
        let wanted = match (self.agreed(at), terms.encryption) {
            (Agreed::Keyed(Keyed { profile, tag, keys }), _) => {
                return Proposed::Ours { profile: profile.clone(), keys: vec![(*tag, keys.ours)] };
            }
            (Agreed::Plain | Agreed::Shaken(_), _)
            | (Agreed::Nothing, Encryption::Refuse | Encryption::Allow) => None,
            (Agreed::Nothing, Encryption::Require) => Some(profile(&stream.profile, Protocol::Keyed)),
            (Agreed::Nothing, Encryption::Prefer) => Some(stream.profile.clone()),
        };
        let wanted = wanted.filter(|_| terms.may_have_keys);
        let all = || (1..).zip(Suite::ALL.map(&fresh)).collect();
        wanted.map_or(Proposed::Plain, |profile| Proposed::Ours { profile, keys: all() })
    }

    /// Takes the party's answer to our offer; gives the plain one, if it differs.
    pub(crate) fn take_answer(&mut self, answer: &str) -> Result<Option<String>, Unmet> {
        let Some((terms, _)) = &self.terms else { return Ok(None) };
        let streams = protections(answer);
        let pairs = streams.iter().zip(&self.proposed);
        let agreed = pairs.map(|(stream, proposed)| agree(*terms, stream, proposed));
        self.agreed = agreed.collect::<Result<_, _>>()?;
        if !mentions_keys(answer) {
            return Ok(None);
        }
        let changes = streams.iter().map(|stream| match stream.protocol {
            Protocol::Plain | Protocol::Keyed => {
                Change::Protect { profile: plain_profile(stream), keys: Vec::new() }
            }
            Protocol::Handshake => bare(stream),
            Protocol::Other => Change::None,
        });
        Ok(changed(answer, &changes.collect::<Vec<_>>()))
    }
}

/// What is agreed on by an answer to what was proposed.
fn agree(terms: Terms, stream: &Protection, proposed: &Proposed) -> Result<Agreed, Unmet> {
    if stream.is_refused() {
        return Ok(Agreed::Nothing);
    }
    let may_be_plain = stream.protocol == Protocol::Plain && terms.encryption != Encryption::Require;
    let (profile, keys) = match proposed {
        Proposed::Ours { profile, keys } => (profile, keys),
        Proposed::OurHandshake(_) if may_be_plain => return Ok(Agreed::Plain),
        Proposed::OurHandshake(shaken) => return Ok(Agreed::Shaken(shaken.answered(stream)?)),
        _ => return Ok(Agreed::Plain),
    };
    let taken = stream.keys.iter().find_map(|theirs| {
        let (tag, ours) = keys.iter().find(|(tag, _)| *tag == theirs.tag)?;
        let theirs = master(theirs).filter(|theirs| theirs.suite() == ours.suite())?;
        Some(Keyed { profile: profile.clone(), tag: *tag, keys: Keys { ours: *ours, theirs } })
    });
    match taken {
        Some(keyed) => Ok(Agreed::Keyed(keyed)),
        None if may_be_plain => Ok(Agreed::Plain),
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

/// Beside a stream with a handshake there is no other: one way, one stream of sound (RFC 8843 lets whoever answers say
/// so).
fn refuse_beside_handshake(streams: &[Protection], proposed: &mut [Proposed]) {
    let is_handshake =
        |proposed: &Proposed| matches!(proposed, Proposed::TheirHandshake(_) | Proposed::OurHandshake(_));
    if !proposed.iter().any(is_handshake) {
        return;
    }
    let audio = streams
        .iter()
        .zip(&*proposed)
        .position(|(stream, proposed)| stream.medium == "audio" && is_handshake(proposed));
    for (at, proposed) in proposed.iter_mut().enumerate().filter(|(at, _)| Some(*at) != audio) {
        *proposed = Proposed::Refused { profile: streams[at].profile.clone() };
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
        (Protocol::Handshake, _) => bare(stream),
        (Protocol::Other, _) => Change::None,
    }
}

/// How a stream with a handshake is shown to the machine.
fn bare(stream: &Protection) -> Change {
    Change::Bare { profile: plain_profile(stream), is_checked: stream.handshake.ice.is_some() }
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

/// Credentials of chance for checks of connectivity.
pub(crate) fn fresh_credentials() -> Credentials {
    Credentials::of_chance(&rand::random())
}

#[cfg(test)]
mod tests;
