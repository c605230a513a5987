//! Parties that wait in slots (RFC 5359 section 2.15, with the switch as the park server).

use std::{sync::Arc, time::Duration};

use call::{
    AccountId, EventKind, LegId, Number,
    command::Target,
    event::{EndCause, Side},
};

use super::{
    Call, Phase,
    ending::{Ending, Notice},
    hunt::{Hunt, SentOn},
    join::Join,
    originate::number_of,
    referral::Referral,
    routing::destination,
};
use crate::{
    Context, Refusal, failure::Failure, leg::Party, limits::Holder, output::Source, sdp::Sdp,
    world::Destination,
};

/// A party that waits in a slot.
#[derive(Debug)]
pub(crate) struct Parked {
    pub(crate) leg: LegId,
    slot: Arc<str>,
    account: AccountId,
    /// Who parked it, and is rung when it has waited for too long; nobody if it came by itself.
    parker: Option<Party>,
    ring_back_at: Duration,
    pub(super) stay: Stay,
}

/// Whether anybody takes it.
#[derive(Debug)]
pub(super) enum Stay {
    /// It waits.
    Waiting,
    /// Somebody is rung to take it.
    Ringing(Box<Hunt>),
    /// It is being joined with who takes it.
    Joining(Join),
}

impl Parked {
    /// Its slot, and whose that is.
    pub(crate) fn place(&self) -> (AccountId, Arc<str>) {
        (self.account, self.slot.clone())
    }
}

impl Call {
    /// Lets the party that leg `id` talks to wait in a slot; the leg leaves, after its REFER was answered if
    /// it asked by one.
    pub(super) fn park(
        &mut self,
        id: LegId,
        wanted: Option<&str>,
        referral: Option<&Referral>,
        cx: &mut Context<'_>,
    ) -> Result<(), Refusal> {
        let (parker, waiting) = self.pair_at_rest(id)?;
        let party = self.leg(parker).ok_or(Refusal::NotFound)?.party.clone();
        let account = party.owner.account;
        let slot = free_slot(account, wanted, cx)?;
        self.separate(parker);
        self.wait_in(waiting, slot, account, Some((parker, party)), cx);
        self.offer_nothing(waiting, parker, cx);
        if let Some(referral) = referral {
            self.notify_outcome(referral, 200, cx);
        }
        self.end_leg(parker, Notice::Tell, Ending::cancelled(EndCause::Transferred), cx);
        Ok(())
    }

    /// A party waits in a slot from now on.
    pub(super) fn wait_in(
        &mut self,
        leg: LegId,
        slot: Arc<str>,
        account: AccountId,
        parker: Option<(LegId, Party)>,
        cx: &mut Context<'_>,
    ) {
        let (by, parker) = parker.unzip();
        let now = cx.now.monotonic;
        self.answered_at.get_or_insert(now);
        self.tell(EventKind::LegParked { leg, slot: slot.clone(), by }, cx);
        let ring_back_at = now + cx.settings.park_time;
        let parked = Parked { leg, slot, account, parker, ring_back_at, stay: Stay::Waiting };
        self.phase = Phase::Parked(Box::new(parked));
        self.entertain(leg, Source::Music, cx);
    }

    /// Lets the caller, who has dialed the code, wait in a slot.
    pub(super) fn let_caller_wait(&mut self, offer: Option<&Sdp>, cx: &mut Context<'_>) {
        let Some(caller) = self.caller_leg() else { return };
        let account = self.setting.caller.owner.account;
        let slot = free_slot(account, None, cx).map_err(|_| Failure::ours(486, EndCause::Busy));
        let ready = self.waiting_answer(caller, offer, cx).and_then(|answer| Ok((answer, slot?)));
        match ready {
            Ok((answer, slot)) => {
                self.answer_invite(caller, None, answer.into(), cx);
                self.wait_in(caller, slot, account, None, cx);
            }
            Err(failure) => self.give_up_caller(&failure, cx),
        }
    }

    /// Rings somebody who takes a parked party out of its slot by answering.
    pub(super) fn retrieve(
        &mut self,
        id: LegId,
        target: &Target,
        cx: &mut Context<'_>,
    ) -> Result<(), Refusal> {
        let account = self.parked_at_rest(id)?.account;
        let owner = cx.world.account(account);
        let to = owner.and_then(|owner| destination(owner, target, self.clock.at(cx.now), cx).ok());
        let to = to.ok_or(Refusal::Unreachable("who shall take the party is not known"))?;
        self.ring_for_parked(number_of(target, &to), to, cx);
        Ok(())
    }

    /// A parked leg that nobody is being joined with.
    pub(super) fn parked_at_rest(&self, id: LegId) -> Result<&Parked, Refusal> {
        let parked = self.parked().filter(|parked| parked.leg == id);
        let parked = parked.ok_or(Refusal::Conflict("the leg is not parked"))?;
        match parked.stay {
            Stay::Waiting => Ok(parked),
            Stay::Ringing(_) | Stay::Joining(_) => Err(Refusal::Conflict("the leg is being retrieved")),
        }
    }

    fn ring_for_parked(&mut self, number: Number, to: Destination, cx: &mut Context<'_>) {
        let Some(Parked { leg, account, .. }) = self.parked() else { return };
        let (leg, account) = (*leg, *account);
        let offer = self.talking_description(leg);
        let mut hunt = Self::new_hunt(Side::Termination, Some(leg), offer, cx);
        let by = cx.world.account(account);
        by.into_iter().for_each(|by| hunt.sent_on(SentOn { by, sender: None, to: number.clone() }));
        if let Phase::Parked(parked) = &mut self.phase {
            parked.stay = Stay::Ringing(Box::new(hunt));
        }
        self.hunt_for(to, cx);
    }

    /// Goes on after the end of leg `gone` while somebody is parked: says whether somebody is.
    pub(super) fn settle_parking(&mut self, gone: LegId, cx: &mut Context<'_>) -> bool {
        let Phase::Parked(parked) = &mut self.phase else { return false };
        let waiting = parked.leg;
        if waiting == gone {
            self.booking.release(&mut cx.state.counts, Holder::Hunt);
            self.phase = Phase::Talking;
            self.end_rung(&Ending::cancelled(EndCause::Cancelled), cx);
            return false;
        }
        match &parked.stay {
            Stay::Joining(join) if join.comes == gone => {
                parked.stay = Stay::Waiting;
                self.offer_nothing(waiting, gone, cx);
                self.entertain(waiting, Source::Music, cx);
            }
            Stay::Joining(_) | Stay::Ringing(_) | Stay::Waiting => {}
        }
        true
    }

    /// When who parked somebody is to be rung.
    pub(super) fn ring_back_at(&self) -> Option<Duration> {
        let parked = self.parked()?;
        parked.parker.as_ref()?;
        matches!(parked.stay, Stay::Waiting).then_some(parked.ring_back_at)
    }

    /// Rings who parked a party that has waited for too long; it waits on if that is in vain.
    pub(super) fn ring_back(&mut self, cx: &mut Context<'_>) {
        if self.ring_back_at().is_none_or(|at| cx.now.monotonic < at) {
            return;
        }
        let Phase::Parked(parked) = &mut self.phase else { return };
        parked.ring_back_at = cx.now.monotonic + cx.settings.park_time;
        let Some(parker) = parked.parker.clone() else { return };
        let device = parker.endpoint.device().map(Target::Device);
        let at = self.clock.at(cx.now);
        if let Some(to) = device.and_then(|device| destination(parker.owner, &device, at, cx).ok()) {
            self.ring_for_parked(parker.number, to, cx);
        }
    }
}

/// The slot of that name, or the first free one.
pub(super) fn free_slot(
    account: AccountId,
    wanted: Option<&str>,
    cx: &Context<'_>,
) -> Result<Arc<str>, Refusal> {
    let mut slots = cx.settings.features.slots();
    let is_free = |name: &Arc<str>| cx.state.calls.parked_in(account, name).is_none();
    match wanted {
        None => slots.find(is_free).ok_or(Refusal::Conflict("every parking slot is taken")),
        Some(wanted) => {
            let name = slots.find(|name| **name == *wanted);
            let name = name.ok_or(Refusal::Conflict("there is no such parking slot"))?;
            Some(name).filter(is_free).ok_or(Refusal::Conflict("the parking slot is taken"))
        }
    }
}
