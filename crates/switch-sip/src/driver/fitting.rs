//! Offers and answers on their way between a party and the machine, with the codecs that the relay can make of each
//! other (RFC 3264): a party is offered what the other one has and, after that, what can be made of it; and it is
//! answered by what it has offered itself, whatever the other one answers.
//!
//! Two who share a codec never need it: theirs come first, and what only we had offered is taken out of the answer.

use b2bua::{Sdp, message::Body};
use call::LegId;
use sip::sdp::{Offered, extended, fitted, is_foreign, offered};

use super::{Engine, keys::Role};
use crate::keying::Unmet;

/// What a leg's party and we have offered each other latest.
#[derive(Debug, Default)]
pub(super) struct Fitting {
    theirs: Vec<Offered>,
    /// Before what can be made was added; nothing if nothing was.
    ours: Vec<Offered>,
}

impl Engine {
    /// Takes what a leg's party offers or answers. An answer of what there is no room to make another is not taken.
    pub(super) fn fit_taken(&mut self, leg: LegId, role: Role, body: &Body) -> Result<(), Unmet> {
        let line = self.lines.get_mut(&leg).filter(|_| self.world.transcodes());
        let Some((line, sdp)) = line.zip(body.sdp()) else { return Ok(()) };
        match role {
            Role::Offer => line.fitting.take_offer(sdp.as_str()),
            Role::Answer if line.fitting.is_foreign(sdp.as_str()) => self.world.have_room_to_transcode()?,
            Role::Answer => {}
        }
        Ok(())
    }

    /// What a leg's party gets in the place of an offer or answer.
    pub(super) fn fit_given(&mut self, leg: LegId, role: Role, body: Body) -> Body {
        let line = self.lines.get_mut(&leg).filter(|_| self.world.transcodes());
        let Some((line, sdp)) = line.zip(body.sdp()) else { return body };
        let fitted = match role {
            Role::Offer => line.fitting.give_offer(sdp.as_str(), self.world.can_transcode()),
            Role::Answer => line.fitting.give_answer(sdp.as_str()),
        };
        let Some(fitted) = fitted else { return body };
        self.world.retell(leg, &fitted);
        Sdp::new(&fitted).into()
    }
}

impl Fitting {
    fn take_offer(&mut self, offer: &str) {
        self.theirs = offered(offer);
    }

    /// Whether an answer of the party is one of what only we had offered.
    fn is_foreign(&self, answer: &str) -> bool {
        is_foreign(answer, &self.ours)
    }

    /// The offer that the party gets in the place of another, if that differs.
    fn give_offer(&mut self, offer: &str, can_make: bool) -> Option<String> {
        let more = if can_make { extended(offer) } else { None };
        self.ours = if more.is_some() { offered(offer) } else { Vec::new() };
        more
    }

    /// The same of an answer.
    fn give_answer(&self, answer: &str) -> Option<String> {
        fitted(answer, &self.theirs)
    }
}
