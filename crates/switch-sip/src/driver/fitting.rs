//! Offers and answers on their way between a party and the machine, with the codecs that the relay can make of each
//! other (RFC 3264): a party is offered what the other one has and, after that, what can be made of it; and it is
//! answered by what it has offered itself, whatever the other one answers.
//!
//! Two who share a codec never need it: theirs come first, and what only we had offered is taken out of the answer.

use sip::sdp::{Offered, extended, fitted, is_foreign, offered};

/// What a leg's party and we have offered each other latest.
#[derive(Debug, Default)]
pub(super) struct Fitting {
    theirs: Vec<Offered>,
    /// Before what can be made was added; nothing if nothing was.
    ours: Vec<Offered>,
}

impl Fitting {
    pub(super) fn take_offer(&mut self, offer: &str) {
        self.theirs = offered(offer);
    }

    /// Whether an answer of the party is one of what only we had offered.
    pub(super) fn is_foreign(&self, answer: &str) -> bool {
        is_foreign(answer, &self.ours)
    }

    /// The offer that the party gets in the place of another, if that differs.
    pub(super) fn give_offer(&mut self, offer: &str, can_make: bool) -> Option<String> {
        let more = if can_make { extended(offer) } else { None };
        self.ours = if more.is_some() { offered(offer) } else { Vec::new() };
        more
    }

    /// The same of an answer.
    pub(super) fn give_answer(&self, answer: &str) -> Option<String> {
        fitted(answer, &self.theirs)
    }
}
