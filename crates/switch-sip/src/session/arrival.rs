//! An INVITE that joins a call which is up: to take a party out of its slot, to take a call that rings, or
//! in the place of one of its legs (RFC 3891).

use std::sync::Arc;

use call::{
    AccountId, EventKind, LegId,
    event::{EndCause, Releaser, Side, TransferMode, TransferTarget},
};
use rsipstack::{
    sip::{Request, StatusCode},
    transaction::transaction::Transaction,
};

use super::{
    Mailbox, Session,
    ending::{Ending, Notice},
    hunt::Purpose,
    incoming,
    leg::Leg,
    proposal::Aim,
    transfer::Transfer,
};
use crate::{
    cause::Failure,
    core::Core,
    dialogs::Replaces,
    features::Feature,
    inbound::Caller,
    limits,
    message::{
        fields::{Body, first},
        uri,
    },
    sdp::Description,
    transport::Flow,
};

/// An INVITE on its way to a call. If that ends first, it begins one of its own.
pub(crate) struct Arrival {
    wish: Wish,
    core: Arc<Core>,
    /// Gone once taken.
    parts: Option<(Transaction, Caller, Flow)>,
}

/// What an INVITE is to do in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    /// Take this parked party.
    Retrieve(LegId),
    /// Answer in the place of those that ring.
    PickUp,
    /// Take the place of this leg.
    Replace(LegId),
}

/// Whether an INVITE joins a call that is up.
pub(crate) enum Joins {
    /// This one.
    Call(Mailbox, ToCall),
    /// One that is not there.
    Nobody,
    /// It does not.
    No,
}

/// What it is to do there.
#[derive(Clone, Copy)]
pub(crate) struct ToCall(Wish);

impl ToCall {
    /// Whether it is to take a call that rings.
    pub(super) fn picks_up(self) -> bool {
        self.0 == Wish::PickUp
    }
}

/// Whether an INVITE of `caller` joins a call that is up.
pub(crate) fn find(core: &Core, invite: &Request, caller: &Caller) -> Joins {
    let account = caller.owner.account;
    if let Some(replaces) = first!(invite, Replaces) {
        let entry = Replaces::parse(replaces).and_then(|replaces| core.dialogs.of_replaces(&replaces));
        return match entry {
            Some(entry) => Joins::Call(entry.mailbox.clone(), ToCall(Wish::Replace(entry.leg))),
            None => Joins::Nobody,
        };
    }
    let is_phone = caller.endpoint.device().is_some();
    let feature = is_phone.then(|| core.config.features.read(&uri::requested_user(&invite.uri))).flatten();
    let joined = feature.and_then(|feature| joins_by(core, account, &feature));
    joined.map_or(Joins::No, |(mailbox, what)| Joins::Call(mailbox, what))
}

/// The call of an account that a feature code leads into.
pub(super) fn joins_by(core: &Core, account: AccountId, feature: &Feature) -> Option<(Mailbox, ToCall)> {
    match feature {
        Feature::Slot(name) => {
            let place = core.slots.find(account, name)?;
            Some((place.mailbox, ToCall(Wish::Retrieve(place.leg))))
        }
        Feature::PickUp(extension) => {
            let mailbox = core.ringing.find(account, extension.as_ref())?;
            Some((mailbox, ToCall(Wish::PickUp)))
        }
        Feature::Park | Feature::EndWork => None,
    }
}

impl Arrival {
    pub(crate) fn new(
        core: &Arc<Core>,
        ToCall(wish): ToCall,
        transaction: Transaction,
        caller: Caller,
        flow: Flow,
    ) -> Self {
        Self { wish, core: core.clone(), parts: Some((transaction, caller, flow)) }
    }
}

/// Nobody has taken it.
impl Drop for Arrival {
    fn drop(&mut self) {
        if let Some((transaction, caller, flow)) = self.parts.take() {
            match self.wish {
                Wish::Replace(_) => {
                    let gone = StatusCode::CallTransactionDoesNotExist;
                    crate::dispatch::answer(&self.core, transaction, gone, |_| {});
                }
                Wish::Retrieve(_) | Wish::PickUp => {
                    incoming::begin(&self.core, transaction, caller, flow);
                }
            }
        }
    }
}

impl Session {
    /// An INVITE wants to join the call. If it cannot, dropping it answers it.
    pub(super) fn on_arrival(&mut self, mut arrival: Arrival) {
        let account = arrival.parts.as_ref().map(|(_, caller, _)| caller.owner.account);
        let partner = account.and_then(|account| self.partner_for(ToCall(arrival.wish), account));
        let Some(partner) = partner else { return };
        let Some((transaction, caller, flow)) = arrival.parts.take() else { return };
        let offer = Body::of_request(&transaction.original);
        let Some(id) = self.take_in(transaction, &caller, &flow, Side::Termination) else { return };
        if let Err(failure) = self.admit_arrival(id, &caller).and_then(|()| self.describe(id, &offer)) {
            return self.refuse_arrival(id, &failure);
        }
        match arrival.wish {
            Wish::Retrieve(_) => {}
            Wish::PickUp if !self.can_cross(partner, &offer) => {
                let unfit = Failure::ours(StatusCode::NotAcceptableHere, EndCause::Rejected);
                return self.refuse_arrival(id, &unfit);
            }
            Wish::PickUp => self.pick_up(id),
            Wish::Replace(leg) => self.begin_replacing(leg, partner, id),
        }
        match offer.is_empty() {
            true => self.offer_to_arrival(partner, id),
            false => self.join_arrival(partner, id, offer),
        }
    }

    /// Whom the arriving party shall talk to, if it may.
    pub(super) fn partner_for(&self, ToCall(wish): ToCall, account: AccountId) -> Option<LegId> {
        match wish {
            Wish::Retrieve(id) => self.parked_at_rest(id).ok().map(|_| id),
            Wish::PickUp => {
                let hunt = self.hunt.as_ref().filter(|hunt| hunt.purpose != Purpose::First)?;
                let partner = hunt.partner.filter(|_| !self.is_early_for_good())?;
                self.leg(partner).filter(|leg| !leg.description.is_empty()).map(|leg| leg.id)
            }
            Wish::Replace(id) => {
                self.leg(id).filter(|leg| leg.party.owner.account == account)?;
                self.pair_at_rest(id).ok().map(|(_, peer)| peer)
            }
        }
    }

    fn admit_arrival(&mut self, id: LegId, caller: &Caller) -> Result<(), Failure> {
        let directory = self.core.directory.snapshot();
        let claims = limits::called(&directory, caller.owner, None);
        let admission = self.booking.admit(&claims, self.core.clock.monotonic());
        let full = |_| Failure::ours(StatusCode::TemporarilyUnavailable, EndCause::Limit);
        let admission = admission.map_err(full)?;
        if let Some(leg) = self.leg_mut(id) {
            leg.admission = Some(admission);
        }
        Ok(())
    }

    fn refuse_arrival(&mut self, id: LegId, failure: &Failure) {
        self.end_leg(id, Notice::Tell, Ending::after(Releaser::Switch, failure));
        self.settle_end(id, failure.cause, None);
    }

    /// Answers an INVITE that offers nothing with what the waiting party has; the ACK brings the answer
    /// (RFC 3261 section 13.2.1).
    fn offer_to_arrival(&mut self, partner: LegId, id: LegId) {
        match self.pass(partner, id, self.talking_description(partner)) {
            Ok(body) => {
                if let Some(leg) = self.leg_mut(id) {
                    leg.meets = Some(partner);
                }
                self.answer_invite(id, body, Some(partner));
            }
            Err(failure) => self.refuse_arrival(id, &failure),
        }
    }

    /// The arriving party has answered that.
    pub(super) fn meet(&mut self, partner: LegId, id: LegId, answer: Body) {
        match answer.is_sdp() {
            true => self.join_arrival(partner, id, answer),
            false => self.on_breakdown(id),
        }
    }

    /// Joins the waiting party with the arriving one, which has this session description.
    fn join_arrival(&mut self, partner: LegId, id: LegId, theirs: Body) {
        if self.leg(partner).is_some_and(Leg::is_pending) {
            return self.cross(partner, id, theirs);
        }
        match self.pass(id, partner, theirs) {
            Ok(body) => self.propose(partner, body, Aim::Join { with: id }),
            Err(failure) => self.refuse_arrival(id, &failure),
        }
    }

    fn begin_replacing(&mut self, initiator: LegId, transferred: LegId, id: LegId) {
        let leg = self.leg(id);
        let number = leg.map(|leg| leg.party.number.clone()).unwrap_or_else(|| "".into());
        let name = leg.and_then(Leg::name);
        let target = Arc::new(TransferTarget { number, name });
        self.tell(EventKind::TransferStarted { initiator, target, mode: TransferMode::Attended });
        let recipient = Some(id);
        self.transfer =
            Some(Transfer { initiator, transferred, recipient, consultation: None, referral: None });
    }

    /// The arriving party takes the call of those that ring.
    pub(super) fn pick_up(&mut self, id: LegId) {
        let purpose = self.hunt.take().map(|hunt| hunt.purpose);
        self.end_rung(&Ending::answered_elsewhere());
        self.answered.get_or_insert_with(tokio::time::Instant::now);
        if let (Some(Purpose::Transfer), Some(transfer)) = (purpose, &mut self.transfer) {
            transfer.recipient = Some(id);
        }
    }

    /// Whether a caller and who picks up its call may each have the other's offer as the answer: keys of an offer are
    /// none of an answer.
    fn can_cross(&self, caller: LegId, theirs: &Body) -> bool {
        let is_plain = |body: &Body| {
            let description = Description::parse(&body.bytes);
            description.is_ok_and(|description| description.media().iter().all(|media| !media.is_secured))
        };
        let is_answered = self.leg(caller).is_some_and(Leg::is_answered);
        is_answered || theirs.is_empty() || (is_plain(theirs) && is_plain(&self.talking_description(caller)))
    }

    /// Both have called: each gets the other's offer as its answer, which may name more than was offered
    /// (RFC 3264 section 6.1).
    fn cross(&mut self, caller: LegId, id: LegId, theirs: Body) {
        let own = self.talking_description(caller);
        let (Ok(for_arrived), Ok(for_caller)) = (self.pass(caller, id, own), self.pass(id, caller, theirs))
        else {
            let failure = Failure::ours(StatusCode::NotAcceptableHere, EndCause::Rejected);
            return self.give_up_caller(&failure);
        };
        if self.leg(id).is_some_and(Leg::is_pending) {
            self.answer_invite(id, for_arrived, Some(caller));
        }
        self.answer_invite(caller, for_caller, Some(id));
        self.connect(caller, id);
        self.tell(EventKind::LegsBridged { a: caller, b: id });
    }
}
