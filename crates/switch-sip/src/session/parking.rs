//! Parties that wait in slots (RFC 5359 section 2.15, with the switch as the park server).

use call::{
    EventKind, LegId, Number,
    command::Target,
    event::{EndCause, Releaser, Side},
};
use directory::routing::Destination;
use rsipstack::sip::StatusCode;
use switch::SwitchError;
use tokio::time::Instant;

use super::{
    Session,
    ending::{Ending, Notice},
    feature::Lead,
    hunt::{Purpose, Quest, SentOn},
    leg::{Leg, Party},
    originate::number_of,
    referral::Referral,
    sound::Source,
};
use crate::{
    cause::sip_status,
    features::Given,
    slots::{Place, Slot},
};

/// That a leg's party waits in a slot.
pub(super) struct Parked {
    pub(super) slot: Slot,
    /// Who parked it, and is rung when it has waited for too long; nobody if it came by itself.
    parker: Option<Party>,
    ring_back_at: Instant,
}

impl Session {
    /// Lets the party that leg `id` talks to wait in a slot; the leg leaves, after its REFER was answered if it
    /// asked by one.
    pub(super) fn park(
        &mut self,
        id: LegId,
        wanted: Option<&str>,
        referral: Option<&Referral>,
    ) -> Result<(), SwitchError> {
        let (parker, waiting) = self.pair_at_rest(id)?;
        let party = self.leg(parker).ok_or(SwitchError::NotFound)?.party.clone();
        let place = Place { leg: waiting, mailbox: self.mailbox.clone() };
        let (codes, account) = (&self.core.config.features, party.owner.account);
        let slot = self.core.slots.take(codes, account, wanted, place)?;
        self.separate(parker);
        self.note_parked(waiting, slot, Some((parker, party)));
        self.let_wait(waiting, parker);
        if let Some(referral) = referral {
            self.notify_outcome(referral, &sip_status(&StatusCode::OK));
        }
        let gone = sip_status(&StatusCode::RequestTerminated);
        self.end_leg(parker, Notice::Tell, Ending::new(Releaser::Switch, EndCause::Transferred, gone));
        Ok(())
    }

    /// Lets a party that talks to nobody wait in a slot.
    pub(super) fn wait_in(&mut self, id: LegId, slot: Slot) {
        self.answered.get_or_insert_with(Instant::now);
        self.note_parked(id, slot, None);
        self.entertain(id, Source::Music);
    }

    fn note_parked(&mut self, id: LegId, slot: Slot, parker: Option<(LegId, Party)>) {
        let (by, parker) = parker.unzip();
        let ring_back_at = Instant::now() + self.core.config.park_time;
        self.tell(EventKind::LegParked { leg: id, slot: slot.name().clone(), by });
        if let Some(leg) = self.leg_mut(id) {
            leg.parked = Some(Parked { slot, parker, ring_back_at });
        }
    }

    /// Rings somebody who takes a parked party out of its slot by answering.
    pub(super) fn retrieve(&mut self, id: LegId, target: &Target) -> Result<(), SwitchError> {
        let parked = self.parked_at_rest(id)?;
        let directory = self.core.directory.snapshot();
        let owner = directory.account(parked.slot.account()).map(|account| account.owner());
        let at = self.clock.now();
        let to = owner.and_then(|owner| {
            let lead = Lead::of_target(&self.core, &directory, (owner, Given::Rung, at), target);
            lead.and_then(Lead::call).ok()
        });
        let to = to.ok_or(SwitchError::Unreachable("who shall take the party is not known"))?;
        self.ring_for_parked(id, number_of(target, &to), to);
        Ok(())
    }

    /// A parked leg that nobody is being joined with.
    pub(super) fn parked_at_rest(&self, id: LegId) -> Result<&Parked, SwitchError> {
        let parked = self.leg(id).and_then(|leg| leg.parked.as_ref());
        let parked = parked.ok_or(SwitchError::Conflict("the leg is not parked"))?;
        let is_at_rest = self.hunt.is_none() && !self.is_joining();
        if is_at_rest { Ok(parked) } else { Err(SwitchError::Conflict("the leg is being retrieved")) }
    }

    fn ring_for_parked(&mut self, id: LegId, number: Number, to: Destination) {
        let directory = self.core.directory.snapshot();
        let offer = self.talking_description(id);
        let parked = self.leg(id).and_then(|leg| leg.parked.as_ref());
        let account = parked.and_then(|parked| directory.account(parked.slot.account()));
        let sent = account.map(|account| SentOn { by: account.owner(), sender: None, to: number });
        let (purpose, side) = (Purpose::Retrieval, Side::Termination);
        let quest = Quest { purpose, side, partner: Some(id), offer, referrer: None, sent };
        self.hunt_for(&directory, quest, to);
    }

    /// A parked party was joined with who takes it: its slot is free. Says whether it was parked.
    pub(super) fn unpark(&mut self, id: LegId, by: LegId) -> bool {
        let was_parked = self.leg_mut(id).is_some_and(|leg| leg.parked.take().is_some());
        if was_parked {
            self.tell(EventKind::LegRetrieved { leg: id, by });
        }
        was_parked
    }

    /// Goes on after the end of leg `gone` while somebody is parked: says whether somebody is.
    pub(super) fn settle_parking(&mut self, gone: LegId) -> bool {
        if self.hunt.as_ref().is_some_and(|hunt| hunt.partner == Some(gone)) {
            self.hunt = None;
            let ours = sip_status(&StatusCode::RequestTerminated);
            self.end_rung(&Ending::new(Releaser::Switch, EndCause::Cancelled, ours));
        }
        let parked = |leg: &&Leg| leg.parked.is_some() && !leg.is_ended();
        let Some(waiting) = self.legs.iter().find(parked).map(|leg| leg.id) else { return false };
        if self.hunt.is_none() && !self.is_joining() {
            self.let_wait(waiting, gone);
        }
        true
    }

    /// When who parked somebody is to be rung.
    pub(super) fn ring_back_at(&self) -> Option<Instant> {
        let is_at_rest = self.hunt.is_none() && !self.is_joining();
        self.legs
            .iter()
            .filter_map(|leg| leg.parked.as_ref().filter(|parked| parked.parker.is_some()))
            .map(|parked| parked.ring_back_at)
            .min()
            .filter(|_| is_at_rest)
    }

    /// Rings who parked a party that has waited for too long; it waits on if that is in vain.
    pub(super) fn ring_back(&mut self, now: Instant) {
        if self.ring_back_at().is_none_or(|at| now < at) {
            return;
        }
        let next = now + self.core.config.park_time;
        let overdue = self.legs.iter_mut().find_map(|leg| {
            let parked = leg.parked.as_mut().filter(|parked| parked.ring_back_at <= now)?;
            parked.ring_back_at = next;
            Some((leg.id, parked.parker.clone()?))
        });
        let Some((id, parker)) = overdue else { return };
        let directory = self.core.directory.snapshot();
        let Some(device) = parker.endpoint.device().map(Target::Device) else { return };
        let giver = (parker.owner, Given::Rung, self.clock.now());
        if let Ok(to) = Lead::of_target(&self.core, &directory, giver, &device).and_then(Lead::call) {
            self.ring_for_parked(id, parker.number, to);
        }
    }
}
