//! How the legs of a simulated call end, and what the end of one means for the others.

use call::{
    EventKind, LegId,
    event::{EndCause, Releaser, Side},
};

use super::{Conversation, Ending, WantedFor, leg::SimulatedLeg};

impl Conversation {
    /// A party hangs up: a caller who was not answered gives up, those who are being called refuse.
    pub(in crate::simulated) fn hang_up(&mut self, by: Side) {
        if let Some(leg) = self.leg_of(by) {
            self.hang_up_leg(leg);
        }
    }

    pub(in crate::simulated) fn hang_up_leg(&mut self, leg: LegId) {
        if self.live_leg(leg).is_some_and(SimulatedLeg::is_tried) {
            return self.refuse(EndCause::Rejected);
        }
        if self.release(leg, Ending::by(Releaser::Party)) {
            self.part_from(leg);
        }
    }

    /// A command ends one leg. Says whether the leg was there.
    pub(in crate::simulated) fn release_leg(&mut self, leg: LegId) -> bool {
        let found = self.release(leg, Ending::by(Releaser::Command));
        if found {
            self.part_from(leg);
        }
        found
    }

    /// Ends every leg; says whether there was one.
    pub(in crate::simulated) fn release_all(&mut self, ending: Ending) -> bool {
        self.release_each(SimulatedLeg::is_live, ending)
    }

    pub(super) fn release_tried(&mut self, ending: Ending) -> bool {
        self.release_each(SimulatedLeg::is_tried, ending)
    }

    /// Nobody of those who were called can be had. Whoever was to talk to them goes back to where they were,
    /// or, where they were nowhere yet, is told by the end of their leg.
    pub(super) fn give_up(&mut self, ending: Ending) {
        match std::mem::replace(&mut self.wanted_for, WantedFor::Caller) {
            WantedFor::Caller | WantedFor::Onward(_) => _ = self.release_all(ending),
            WantedFor::Transfer { initiator, .. } => {
                self.events.push(EventKind::TransferFailed { initiator });
                self.end_if_alone();
            }
            WantedFor::Retrieval { .. } => self.end_if_alone(),
        }
    }

    /// What follows from the end of `leg`.
    fn part_from(&mut self, leg: LegId) {
        let is_tried = self.legs.iter().any(SimulatedLeg::is_tried);
        match self.wanted_for {
            WantedFor::Transfer { transferred, .. } if transferred == leg => self.lose_transferred(),
            WantedFor::Transfer { .. } | WantedFor::Retrieval { .. } if !is_tried => {
                self.give_up(Ending::by(Releaser::Switch));
            }
            WantedFor::Retrieval { parked } if parked == leg => {
                _ = self.release_all(Ending::by(Releaser::Switch))
            }
            _ => self.end_if_alone(),
        }
    }

    fn lose_transferred(&mut self) {
        if let WantedFor::Transfer { initiator, .. } =
            std::mem::replace(&mut self.wanted_for, WantedFor::Caller)
        {
            self.events.push(EventKind::TransferFailed { initiator });
        }
        self.release_all(Ending::by(Releaser::Switch));
    }

    /// Ends the call if nobody in it can talk, wait or be reached any more.
    fn end_if_alone(&mut self) {
        let tried = self.legs.iter().filter(|leg| leg.is_tried()).count();
        let others = self.live_legs().len() - tried;
        let is_parked = self.legs.iter().any(|leg| leg.slot.is_some());
        let goes_on = match self.wanted_for {
            WantedFor::Onward(_) => tried > 0,
            _ if tried > 0 => others > 0,
            _ => others > 1 || is_parked,
        };
        if !goes_on {
            self.release_all(Ending::by(Releaser::Switch));
        }
    }

    fn release_each(&mut self, which: fn(&SimulatedLeg) -> bool, ending: Ending) -> bool {
        let legs: Vec<_> = self.legs.iter().filter(|leg| which(leg)).map(|leg| leg.id).collect();
        for leg in &legs {
            self.release(*leg, ending);
        }
        !legs.is_empty()
    }

    pub(super) fn release(&mut self, id: LegId, ending: Ending) -> bool {
        let Ok(leg) = self.leg_mut(id) else { return false };
        let events = leg.end(ending);
        self.events.extend(events);
        for leg in self.legs.iter_mut().filter(|leg| leg.peer == Some(id)) {
            leg.peer = None;
        }
        true
    }
}
