//! Hold and its end, by a phone or by a command (RFC 5359 sections 2.1 to 2.3).

use call::{EventKind, LegId};
use switch::SwitchError;

use super::{
    Session,
    description::{self, Direction},
    leg::Leg,
    path::MediaPath,
    proposal::Aim,
    sound::Source,
};
use crate::{media::MediaLeg, message::fields::Body};

impl Session {
    /// Puts the party that leg `id` talks to on hold.
    pub(super) fn hold(&mut self, id: LegId) -> Result<(), SwitchError> {
        let (_, peer) = self.pair_at_rest(id)?;
        if self.set_holding(id, true) {
            self.let_wait(peer, id);
        }
        Ok(())
    }

    /// Ends that.
    pub(super) fn resume(&mut self, id: LegId) -> Result<(), SwitchError> {
        let (_, peer) = self.pair_at_rest(id)?;
        if self.set_holding(id, false) {
            self.let_hear(peer, id);
        }
        Ok(())
    }

    /// Notes that leg `id` holds the other side, or does no longer; says whether that is new.
    pub(super) fn set_holding(&mut self, id: LegId, holds: bool) -> bool {
        let Some(leg) = self.leg_mut(id).filter(|leg| leg.is_holding != holds) else { return false };
        leg.is_holding = holds;
        self.tell(if holds { EventKind::LegHeld { leg: id } } else { EventKind::LegResumed { leg: id } });
        if let Some(peer) = self.peer_of(id) {
            self.change_music(id, peer);
        }
        true
    }

    /// What a party is told that is put on hold. Where the switch can speak to it, that sends it music, whatever its
    /// holder wants.
    pub(super) fn description_for_held(&self, held: LegId, body: Body) -> Body {
        if !self.can_speak_to(held) {
            return body;
        }
        Body { bytes: description::directed(&body.bytes, Direction::Send), ..body }
    }

    /// Whether the switch can let the party of a leg hear something of its own: media goes through it, in the clear,
    /// and with a codec that it speaks.
    fn can_speak_to(&self, id: LegId) -> bool {
        self.media.known(id).is_some_and(MediaLeg::can_speak)
    }

    /// Each of two parties hears music while the other holds it, nothing while it holds the other, else the
    /// other.
    pub(super) fn change_music(&mut self, one: LegId, other: LegId) {
        self.media.connect(one, other);
        self.watch.restart();
        let holds = |leg| self.leg(leg).is_some_and(|leg| leg.is_holding);
        for (party, peer) in [(one, other), (other, one)] {
            if holds(peer) {
                self.entertain(party, Source::Music);
            } else if holds(party) {
                self.entertain(party, Source::Silence);
            }
        }
    }

    /// A party hears music instead of leg `from`. Where the switch cannot let it hear any, it must agree to silence.
    pub(super) fn let_wait(&mut self, party: LegId, from: LegId) {
        let body = match self.media {
            MediaPath::Direct => self.leg(from).map(|leg| leg.description.clone()),
            MediaPath::Anchored { .. } => {
                self.leg(party).and_then(Leg::dialog).map(|dialog| dialog.description().clone())
            }
        };
        if let Some(body) = body.filter(|body| body.is_sdp() && !self.can_speak_to(party)) {
            let bytes = description::directed(&body.bytes, Direction::Neither);
            self.propose(party, Body { bytes, ..body }, Aim::Adjust);
        }
        self.entertain(party, Source::Music);
    }

    /// A party hears leg `from` again, unless that holds it.
    pub(super) fn let_hear(&mut self, party: LegId, from: LegId) {
        let held = self.leg(from).filter(|leg| leg.is_holding).map(|leg| leg.description.clone());
        let body = match held {
            Some(body) => Body { bytes: description::directed(&body.bytes, Direction::Send), ..body },
            None => self.talking_description(from),
        };
        if let Ok(body) = self.pass(from, party, body) {
            self.propose(party, body, Aim::Adjust);
        }
    }
}
