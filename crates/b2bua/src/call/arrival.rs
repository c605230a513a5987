//! An INVITE: it begins a call, or joins one that is up: to take a party out of its slot, to take a call
//! that rings, or in the place of one of its legs (RFC 3891).

use std::sync::Arc;

use call::{
    AccountId, CallId, EventKind, LegId,
    event::{CallStarted, EndCause, LegDirection, LegOffer, Origin, Side, TransferMode},
};

use super::{
    Call, Phase, Setting,
    ending::{Ending, Notice},
    join::{Join, Step, Who},
    parking::Stay,
    transfer::{Progress, Transfer},
};
use crate::{
    Context,
    failure::Failure,
    features::{Feature, Lead, Place},
    input::{Caller, Invite},
    leg::{BegunBy, Calling, Leg, Party, Phase as LegPhase, early::Early, reliable::Responses},
    limits::Holder,
    message::{Body, Replaces, Response},
    output::{Diversion, Output},
    sdp::Sdp,
    world::Via,
};

/// What somebody who comes is to do in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joining {
    /// Take this parked party.
    Retrieve(LegId),
    /// Answer in the place of those that ring.
    PickUp,
    /// The same, as this leg's is one of their dialogs.
    PickUpFrom(LegId),
    /// Take the place of this leg.
    Replace(LegId),
}

/// Takes an INVITE: into the call that it names, or into one of its own.
pub(crate) fn take(invite: Invite, cx: &mut Context<'_>) {
    let account = invite.caller.owner.account;
    let found = match invite.replaces {
        Replaces::No => dialed_feature(&invite, cx).and_then(|feature| joined_by(account, &feature, cx)),
        Replaces::Leg(leg) | Replaces::RingingLeg(leg) => replaced(leg, cx),
        Replaces::Unknown => None,
    };
    let joined = found.filter(|(call, what)| {
        let call = cx.state.calls.get(*call);
        call.is_some_and(|call| call.partner_for(*what, account).is_some())
    });
    match (joined, invite.replaces) {
        // It has come too late (RFC 3891 section 3).
        (Some((_, Joining::Replace(_))), Replaces::RingingLeg(_)) => refuse(&invite, Response::of(486), cx),
        (Some((call, what)), _) => cx.with(call, |call, cx| call.on_arrival(invite, what, cx)),
        (None, Replaces::No) => begin(invite, cx),
        (None, _) => refuse(&invite, Response::of(481), cx),
    }
}

/// The call of a leg whose place somebody wants: what rings is picked up.
fn replaced(leg: LegId, cx: &Context<'_>) -> Option<(CallId, Joining)> {
    let id = cx.state.calls.of_leg(leg)?;
    let rings = cx.state.calls.get(id)?.leg(leg).is_some_and(Leg::is_called);
    Some((id, if rings { Joining::PickUpFrom(leg) } else { Joining::Replace(leg) }))
}

fn dialed_feature(invite: &Invite, cx: &Context<'_>) -> Option<Feature> {
    match invite.caller.via {
        Via::Device(_) => cx.settings.features.read(invite.caller.requested.as_str(), Place::Call),
        Via::Trunk(_) => None,
    }
}

/// The call of an account that a feature code leads into, and what for.
pub(super) fn joined_by(
    account: AccountId,
    feature: &Feature,
    cx: &Context<'_>,
) -> Option<(CallId, Joining)> {
    let calls = &cx.state.calls;
    match feature.leads_to()? {
        Lead::Slot(name) => calls.parked_in(account, name).map(|(call, leg)| (call, Joining::Retrieve(leg))),
        Lead::Ringing(extension) => calls.ringing(account, extension).map(|call| (call, Joining::PickUp)),
    }
}

fn refuse(invite: &Invite, response: Response, cx: &mut Context<'_>) {
    cx.respond(invite.leg, invite.transaction, response);
    cx.push(Output::Forget { leg: invite.leg });
}

fn begin(invite: Invite, cx: &mut Context<'_>) {
    if !cx.takes_calls() || cx.state.calls.contains(invite.call) {
        let retry_after = Some(cx.settings.retry_after);
        return refuse(&invite, Response { retry_after, ..Response::of(503) }, cx);
    }
    let setting = Setting {
        caller: invite.caller.clone(),
        hops: invite.hops.saturating_sub(1),
        diversion: Diversion { by: Vec::new(), received: invite.diversion.clone() },
        alerting: invite.alerting.clone(),
        history: invite.history.clone(),
    };
    let call = Box::new(Call::new(invite.call, setting, cx.now));
    cx.keep(call, |call, cx| call.accept(invite, cx));
}

impl Party {
    pub(super) fn of_caller(caller: &Caller) -> Self {
        Self {
            owner: caller.owner,
            endpoint: caller.endpoint.clone(),
            number: caller.inside.clone(),
            outside: caller.outside.clone(),
            name: caller.name.clone(),
            hidden: caller.hidden.clone(),
            is_asserted: false,
        }
    }
}

impl Call {
    fn accept(&mut self, invite: Invite, cx: &mut Context<'_>) {
        let caller = &invite.caller;
        let started = CallStarted {
            origination: caller.owner,
            origin: Origin::Invite,
            caller: caller.number.clone(),
            caller_name: caller.name.clone(),
            dialed: caller.dialed.clone(),
        };
        self.tell(EventKind::CallStarted(Arc::new(started)), cx);
        let offer = invite.body.sdp().cloned();
        self.caller = Some(self.take_in(invite, Side::Origination, cx));
        let admitted = self.admit_caller(cx).and_then(|()| match self.caller {
            Some(caller) => self.admit_sender(caller, cx),
            None => Ok(()),
        });
        match admitted {
            Ok(()) => self.route_onward(offer, cx),
            Err(failure) => self.give_up_caller(&failure, cx),
        }
    }

    /// Takes an INVITE into the call: a leg comes into being.
    fn take_in(&mut self, invite: Invite, side: Side, cx: &mut Context<'_>) -> LegId {
        let Invite { leg: id, transaction, caller, body, reliability, timer, takes_update, facts, .. } =
            invite;
        let offer = LegOffer {
            side,
            direction: LegDirection::Incoming,
            owner: caller.owner,
            endpoint: caller.endpoint.clone(),
            from: caller.calling.clone(),
            to: caller.requested.clone(),
            sip: Some(facts),
            route: None,
        };
        self.tell(EventKind::LegOffered { leg: id, offer: Arc::new(offer) }, cx);
        let first = 1 + cx.world.chance(1 << 30);
        let phase = LegPhase::Calling(Calling {
            invite: transaction,
            requested: caller.requested.clone(),
            has_offered: !body.is_empty(),
            timer,
            responses: Responses::new(reliability, first),
            early: Early::Open,
        });
        let (party, begun_by) = (Party::of_caller(&caller), BegunBy::Party);
        let theirs = body.sdp().cloned();
        self.legs.push(Leg { id, party, begun_by, theirs, ours: None, takes_update, phase });
        id
    }

    /// An INVITE joins the call.
    fn on_arrival(&mut self, invite: Invite, what: Joining, cx: &mut Context<'_>) {
        let (owner, body) = (invite.caller.owner, invite.body.clone());
        let Some(partner) = self.partner_for(what, owner.account) else { return };
        let id = self.take_in(invite, Side::Termination, cx);
        let sound = self.admit_arrival(id, owner, cx).and_then(|()| match body.sdp() {
            Some(sdp) if !self.can_cross(partner, sdp) => Err(Failure::ours(488, EndCause::Rejected)),
            Some(sdp) => self.describe(id, sdp, cx),
            None => Ok(()),
        });
        if let Err(failure) = sound {
            // What goes on in the call goes on.
            return self.end_leg(id, Notice::Tell, Ending::failed(&failure), cx);
        }
        let step = if body.is_empty() { Step::AwaitingAck } else { Step::Offering(Who::Stays) };
        self.begin_joining(what, Join { stays: partner, comes: id, step }, cx);
        match body {
            Body::Empty => {
                if let Err(failure) = self.offer_in_answer(partner, id, cx) {
                    self.refuse_arrival(id, &failure, cx);
                }
            }
            Body::Sdp(sdp) => self.offer_to(Who::Stays, &sdp, cx),
            Body::Other(_) => self.refuse_arrival(id, &Failure::ours(488, EndCause::Rejected), cx),
        }
    }

    /// Whether a party that still waits for its answer, and one that comes with this offer, may each have the
    /// other's offer as its answer: the keys of an offer are none of an answer.
    fn can_cross(&self, partner: LegId, theirs: &Sdp) -> bool {
        let Some(partner) = self.leg(partner).filter(|leg| leg.is_calling()) else { return true };
        !theirs.is_secured() && !partner.theirs.as_ref().is_some_and(Sdp::is_secured)
    }

    /// Whom a party that comes shall talk to, if it may.
    pub(super) fn partner_for(&self, what: Joining, account: AccountId) -> Option<LegId> {
        match what {
            Joining::Retrieve(id) => self.parked_at_rest(id).ok().map(|parked| parked.leg),
            Joining::PickUp => {
                let partner = self.hunt()?.partner.filter(|_| !self.is_early_for_good())?;
                self.leg(partner).filter(|leg| leg.theirs.is_some() && !leg.is_ended()).map(|leg| leg.id)
            }
            Joining::PickUpFrom(id) => {
                self.leg_of(account, id)?;
                self.partner_for(Joining::PickUp, account)
            }
            Joining::Replace(id) => {
                self.leg_of(account, id)?;
                self.pair_at_rest(id).ok().map(|(_, peer)| peer)
            }
        }
    }

    fn leg_of(&self, account: AccountId, id: LegId) -> Option<&Leg> {
        self.leg(id).filter(|leg| leg.party.owner.account == account)
    }

    /// Goes into the phase in which the two are joined: whoever rings is let go, and nobody else can come.
    pub(super) fn begin_joining(&mut self, what: Joining, join: Join, cx: &mut Context<'_>) {
        let before = std::mem::replace(&mut self.phase, Phase::Talking);
        self.phase = match (what, before) {
            (Joining::Replace(initiator), _) => {
                let target = self.target(join.comes);
                self.tell_transfer(initiator, target, TransferMode::Attended, cx);
                let (transferred, progress) = (join.stays, Progress::Joining(join));
                let transfer = Transfer { initiator, transferred, leaver: None, referral: None, progress };
                Phase::Transferring(Box::new(transfer))
            }
            (_, Phase::Transferring(mut transfer)) => {
                transfer.progress = Progress::Joining(join);
                Phase::Transferring(transfer)
            }
            (_, Phase::Parked(mut parked)) => {
                parked.stay = Stay::Joining(join);
                Phase::Parked(parked)
            }
            (Joining::PickUp | Joining::PickUpFrom(_) | Joining::Retrieve(_), _) => Phase::Joining(join),
        };
        if matches!(what, Joining::PickUp | Joining::PickUpFrom(_)) {
            self.end_rung(&Ending::elsewhere(), cx);
            self.booking.release(&mut cx.state.counts, Holder::Hunt);
            self.answered_at.get_or_insert(cx.now.monotonic);
        }
    }

    fn refuse_arrival(&mut self, id: LegId, failure: &Failure, cx: &mut Context<'_>) {
        self.end_leg(id, Notice::Tell, Ending::failed(failure), cx);
        self.settle_end(id, failure.cause, failure.reasons.clone(), cx);
    }
}
