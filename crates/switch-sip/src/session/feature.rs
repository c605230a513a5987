//! Feature codes that are dialed as calls: to wait in a parking slot, to take a party out of one, or to take
//! a call that rings.

use call::{AccountId, CallId, EventKind, LegId, event::EndCause};
use directory::routing::{Destination, Via};
use rsipstack::sip::StatusCode;

use super::{
    Input, Mailbox, Session, Setting,
    arrival::{ToCall, joins_by},
    attended::{Other, Wish},
    handover::{Estate, Sought},
    leg::Leg,
    proposal::Aim,
};
use crate::{
    cause::Failure,
    features::Feature,
    message::fields::Body,
    slots::{Place, Slot},
};

/// Where a call that the API places goes once its first party has answered.
pub(super) enum Onward {
    /// There.
    Dial(Destination),
    /// To what a feature code asks for.
    Ask(Feature),
}

impl Onward {
    /// Whether the party joins a call that is up: then it is a called party of that.
    pub(super) fn joins(&self) -> bool {
        matches!(self, Self::Ask(Feature::Slot(_) | Feature::PickUp(_)))
    }
}

/// Asks a call to take in a party that is in a call of its own. Dropped, it is refused.
pub(crate) struct Visit {
    to: ToCall,
    account: AccountId,
    leg: LegId,
    /// Gone once taken.
    from: Option<Mailbox>,
}

impl Drop for Visit {
    fn drop(&mut self) {
        if let Some(from) = self.from.take() {
            from.post(Input::TurnedAway);
        }
    }
}

impl Session {
    /// Gives an answered party what a feature code asks for.
    pub(super) fn serve(&mut self, party: LegId, feature: Feature) {
        let account = self.setting.origination.account;
        if feature == Feature::Park {
            return match self.take_slot(party) {
                Ok(slot) => self.wait_in(party, slot),
                Err(failure) => self.give_up_caller(&failure),
            };
        }
        let Some((mailbox, to)) = joins_by(&self.core, account, &feature) else { return self.turn_away() };
        self.onward = Some(Onward::Ask(feature));
        let from = Some(self.mailbox.clone());
        mailbox.post(Input::Visit(Box::new(Visit { to, account, leg: party, from })));
    }

    /// There is nothing to take.
    pub(super) fn turn_away(&mut self) {
        self.onward = None;
        self.give_up_caller(&Failure::ours(StatusCode::NotFound, EndCause::NoRoute));
    }

    /// The feature code that the caller has dialed.
    pub(super) fn feature(&self) -> Option<Feature> {
        let Setting { via, dialed, .. } = &self.setting;
        self.core.config.features.read(dialed.as_str()).filter(|_| *via == Via::Device)
    }

    /// Lets the caller wait in a slot.
    pub(super) fn let_caller_wait(&mut self, offer: &Body) {
        let Some(caller) = self.caller_leg() else { return };
        let unfit = || Failure::ours(StatusCode::NotAcceptableHere, EndCause::Rejected);
        let answer = self.waiting_answer(caller, offer).ok_or_else(unfit);
        match answer.and_then(|answer| Ok((answer, self.take_slot(caller)?))) {
            Ok((answer, slot)) => {
                self.answer_invite(caller, answer);
                self.wait_in(caller, slot);
            }
            Err(failure) => self.give_up_caller(&failure),
        }
    }

    fn take_slot(&self, id: LegId) -> Result<Slot, Failure> {
        let place = Place { leg: id, mailbox: self.mailbox.clone() };
        let (codes, account) = (&self.core.config.features, self.setting.origination.account);
        let slot = self.core.slots.take(codes, account, None, place);
        slot.map_err(|_| Failure::ours(StatusCode::BusyHere, EndCause::Busy))
    }

    /// Another call's party wants to join this one.
    pub(super) fn on_visit(&mut self, mut visit: Visit) {
        let Some(host) = self.partner_for(visit.to, visit.account).filter(|_| self.asking.is_none()) else {
            return;
        };
        let Some(mailbox) = visit.from.take() else { return };
        let other = Other { leg: visit.leg, account: Some(visit.account), mailbox };
        self.ask_for(other, Sought::Visitor, host, Wish::Visit(visit.to, visit.account));
    }

    /// The party is there: its call is part of this one now, if there is still something for it.
    pub(super) fn welcome(&mut self, host: LegId, estate: Estate, (to, account): (ToCall, AccountId)) {
        if self.partner_for(to, account) != Some(host) {
            let mailbox = estate.session.mailbox.clone();
            estate.release();
            return mailbox.post(Input::TurnedAway);
        }
        let (absorbed, visitor): (CallId, LegId) = (estate.session.id, estate.leg);
        self.absorb(estate);
        self.tell(EventKind::CallMerged { absorbed });
        if to.picks_up() {
            self.pick_up(visitor);
        }
        match self.leg(host).is_some_and(Leg::is_pending) {
            true => self.answer_with(host, visitor),
            false => self.introduce(visitor, host),
        }
    }

    /// Answers a caller with what a party that is up answers to the caller's offer.
    fn answer_with(&mut self, caller: LegId, party: LegId) {
        match self.pass(caller, party, self.talking_description(caller)) {
            Ok(body) => self.propose(party, body, Aim::Join { with: caller }),
            Err(failure) => self.give_up_caller(&failure),
        }
    }
}
