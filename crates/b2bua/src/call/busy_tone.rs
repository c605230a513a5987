//! The end of a call that a program placed and whose second party could not be got: the first one, who is on
//! the line already, hears a tone for a while, and its BYE says why (RFC 3326).

use std::time::Duration;

use call::LegId;

use super::{Call, Phase};
use crate::{
    Context,
    failure::Failure,
    leg::{BegunBy, Leg},
    output::Source,
    sdp::Sdp,
};

/// How long the tone lasts.
const TONE: Duration = Duration::from_secs(4);

/// A call that is about to end.
#[derive(Debug)]
pub(super) struct BusyTone {
    until: Duration,
    failure: Failure,
}

impl Call {
    /// Lets a first party that is up hear that nobody could be got; the call ends after that. Says whether there
    /// is such a party, and it can hear it.
    pub(super) fn give_busy_tone(&mut self, failure: &Failure, cx: &mut Context<'_>) -> bool {
        let hears = |leg: &Leg| leg.theirs.as_ref().is_some_and(Sdp::is_speakable);
        let party = self.lonely_first_party().filter(|id| self.leg(*id).is_some_and(hears));
        let is_new = self.busy_tone_ends().is_none();
        let Some(party) = party.filter(|_| is_new && !cx.is_direct()) else { return false };
        let until = cx.now.monotonic + TONE;
        self.phase = Phase::BusyTone(Box::new(BusyTone { until, failure: failure.clone() }));
        self.entertain(party, Source::Busy, cx);
        true
    }

    /// When the tone is over.
    pub(super) fn busy_tone_ends(&self) -> Option<Duration> {
        match &self.phase {
            Phase::BusyTone(tone) => Some(tone.until),
            Phase::Placing { .. }
            | Phase::Hunting(_)
            | Phase::Joining(_)
            | Phase::Talking
            | Phase::Transferring(_)
            | Phase::Parked(_)
            | Phase::Ending => None,
        }
    }

    /// Ends the call once the tone is over.
    pub(super) fn watch_busy_tone(&mut self, cx: &mut Context<'_>) {
        let Phase::BusyTone(tone) = &self.phase else { return };
        if cx.now.monotonic >= tone.until {
            let failure = tone.failure.clone();
            self.end_for(&failure, cx);
        }
    }

    /// The party that was rung first for a command and is up, if it is all that there is.
    pub(super) fn lonely_first_party(&self) -> Option<LegId> {
        let caller = self.leg(self.caller?).filter(|leg| leg.begun_by == BegunBy::Us && leg.is_up())?;
        let is_alone = self.legs.iter().all(|leg| leg.id == caller.id || leg.is_ended());
        is_alone.then_some(caller.id)
    }
}
