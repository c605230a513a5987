//! Two calls become one: a party of one is joined with a party of the other (RFC 5589 section 7), or comes
//! to it.
//!
//! Both are values of one map, so that merging is a function of two calls and nothing can come between.

use call::{
    EventKind, LegId, Number,
    event::{Side, TransferMode, TransferTarget},
};

use super::{
    Call, Phase,
    hunt::{Hunt, SentOn},
    join::{Join, Step, Who},
    referral::Referral,
    transfer::{Progress, Transfer},
};
use crate::{
    Context, Refusal,
    leg::{Called, Leg},
};

/// What the other call of an attended transfer is doing.
enum Other {
    /// The leg talks to another one.
    Talking,
    /// The leg is the caller, for whom others ring.
    Ringing,
}

impl Call {
    /// Joins the party that leg `id` talks to with that of another leg, on command.
    pub(super) fn transfer_to_leg(
        &mut self,
        id: LegId,
        (call_id, leg): (call::CallId, LegId),
        cx: &mut Context<'_>,
    ) -> Result<(), Refusal> {
        let (initiator, _) = self.pair_at_rest(id)?;
        if call_id == self.id {
            self.leg(leg).filter(|leg| !leg.is_ended()).ok_or(Refusal::NotFound)?;
            return Err(Refusal::Conflict("both legs are of the same call"));
        }
        let other = cx.state.calls.get(call_id).ok_or(Refusal::NotFound)?;
        match other.offers(leg, None)? {
            Other::Talking => {}
            Other::Ringing => return Err(Refusal::Conflict("the leg is not on call")),
        }
        self.join_with_other(initiator, call_id, leg, None, cx)
    }

    /// The party of leg `id` refers the one that it talks to to a dialog of its own in another call.
    pub(super) fn refer_to_leg(
        &mut self,
        id: LegId,
        leg: LegId,
        number: Number,
        referral: Referral,
        cx: &mut Context<'_>,
    ) {
        let account = self.leg(id).map(|leg| leg.party.owner.account);
        let other = cx.state.calls.of_leg(leg).and_then(|call| cx.state.calls.get(call));
        let Some(call) = other.map(|other| other.id) else { return self.notify_outcome(&referral, 481, cx) };
        match other.map(|other| other.offers(leg, account)) {
            Some(Ok(Other::Talking)) => {
                let joined = self.join_with_other(id, call, leg, Some(referral), cx);
                debug_assert!(joined.is_ok(), "it was looked at just now");
            }
            Some(Ok(Other::Ringing)) => self.take_ringing(id, (call, leg), number, referral, cx),
            // Somebody else is being joined there, say: whoever was asked first is called again for this one.
            Some(Err(Refusal::Conflict(_))) => self.refer_to_number(id, number, referral, cx),
            Some(Err(_)) | None => self.notify_outcome(&referral, 481, cx),
        }
    }

    /// What leg `id`, of this account if one is given, is doing here that another call could be joined with.
    fn offers(&self, id: LegId, account: Option<call::AccountId>) -> Result<Other, Refusal> {
        let leg = self.leg(id).filter(|leg| !leg.is_ended()).ok_or(Refusal::NotFound)?;
        if account.is_some_and(|account| account != leg.party.owner.account) {
            return Err(Refusal::NotFound);
        }
        // Who was asked for an offer could not be given the answer of another; and a trunk that is being
        // reached is so for this call.
        let is_caller = |hunt: &Hunt| hunt.partner == Some(id) && hunt.offer.is_some() && !hunt.is_reaching();
        match &self.phase {
            Phase::Hunting(hunt) if is_caller(hunt) && self.legs.iter().any(Leg::is_called) => {
                Ok(Other::Ringing)
            }
            _ => self.pair_at_rest(id).map(|_| Other::Talking),
        }
    }

    /// Joins the party that the initiator talks to with that of a leg of another call, which becomes part of
    /// this one.
    fn join_with_other(
        &mut self,
        initiator: LegId,
        call: call::CallId,
        asked: LegId,
        referral: Option<Referral>,
        cx: &mut Context<'_>,
    ) -> Result<(), Refusal> {
        let (_, transferred) = self.pair_at_rest(initiator)?;
        let other = cx.state.calls.take(call).ok_or(Refusal::NotFound)?;
        let absorbed = other.id;
        self.absorb(*other, cx);
        let peer = self.peer_of(asked).ok_or(Refusal::NotFound)?;
        let (recipient, leaver) = self.recipient_of(initiator, asked, peer);
        let target = self.target(recipient);
        self.tell_transfer(initiator, target, TransferMode::Attended, cx);
        self.tell(EventKind::CallMerged { absorbed }, cx);
        let join = Join { stays: transferred, comes: recipient, step: Step::Asking(Who::Comes) };
        let progress = Progress::Joining(join);
        let transfer = Transfer { initiator, transferred, leaver: Some(leaver), referral, progress };
        self.phase = Phase::Transferring(Box::new(transfer));
        self.ask_first(Who::Comes, cx);
        Ok(())
    }

    /// Who takes the party over, and whose leg is no longer needed then: the asked leg is the initiator's own
    /// second one, or the recipient's.
    fn recipient_of(&self, initiator: LegId, asked: LegId, peer: LegId) -> (LegId, LegId) {
        let endpoint = |id| self.leg(id).map(|leg| &leg.party.endpoint);
        if endpoint(initiator) == endpoint(asked) { (peer, asked) } else { (asked, peer) }
    }

    pub(super) fn target(&self, recipient: LegId) -> TransferTarget {
        let leg = self.leg(recipient);
        let number = leg.map_or_else(|| Number::from(""), |leg| leg.party.number.clone());
        let name = leg.and_then(|leg| match &leg.party.endpoint {
            call::party::Endpoint::Device { name, .. } if **name != *number.as_str() => Some(name.clone()),
            call::party::Endpoint::Device { .. } | call::party::Endpoint::Trunk { .. } => None,
        });
        TransferTarget { number, name }
    }

    /// A transfer to somebody who still rings for the initiator: the ringing goes on for the party that is
    /// handed over, so that the recipient is asked once (RFC 5589 section 7.6). The initiator may give up its
    /// own INVITE; if it does not, that ends with the transfer.
    fn take_ringing(
        &mut self,
        initiator: LegId,
        (call, leaver): (call::CallId, LegId),
        number: Number,
        referral: Referral,
        cx: &mut Context<'_>,
    ) {
        let Ok((_, transferred)) = self.pair_at_rest(initiator) else { return };
        let Some(mut other) = cx.state.calls.take(call) else { return };
        let hunt = match std::mem::replace(&mut other.phase, Phase::Talking) {
            Phase::Hunting(hunt) => hunt,
            phase => {
                other.phase = phase;
                return cx.state.calls.put(other);
            }
        };
        let absorbed = other.id;
        self.absorb(*other, cx);
        let by = self.leg(leaver).map(|leg| leg.party.owner);
        let name = by.and_then(|by| cx.world.extension_name(by.account, &number));
        let target = TransferTarget { number: number.clone(), name };
        self.tell_transfer(initiator, target, TransferMode::Attended, cx);
        self.tell(EventKind::CallMerged { absorbed }, cx);
        let mut hunt = *hunt;
        hunt.hand_to(transferred, self.talking_description(transferred));
        hunt.side = Side::Termination;
        hunt.referred_by.clone_from(&referral.referred_by);
        // Whom it tries from now on, it tries since the initiator has sent the party there.
        by.into_iter()
            .for_each(|by| hunt.sent_on(SentOn { by, sender: Some(initiator), to: number.clone() }));
        let (leaver, referral) = (Some(leaver), Some(referral));
        let progress = Progress::Ringing(Box::new(hunt));
        let transfer = Transfer { initiator, transferred, leaver, referral, progress };
        self.phase = Phase::Transferring(Box::new(transfer));
        self.count_routing();
        self.let_hear_ringing(cx);
        if self.legs.iter().any(|leg| leg.called().is_some_and(Called::rang)) {
            self.tell_referrer(180, cx);
        }
    }

    /// Takes over the legs of another call, and all that is known of them.
    pub(super) fn absorb(&mut self, other: Self, cx: &mut Context<'_>) {
        let Self { id, clock, mut legs, mut bridges, booking, recording, answered_at, .. } = other;
        self.clock.latest = self.clock.latest.max(clock.latest);
        cx.state.last_calls.merge(id, self.id);
        self.booking.absorb(&mut cx.state.counts, booking);
        self.legs.append(&mut legs);
        self.bridges.append(&mut bridges);
        self.recording = self.recording.take().or(recording);
        self.answered_at = match (self.answered_at, answered_at) {
            (Some(own), Some(others)) => Some(own.min(others)),
            (own, others) => own.or(others),
        };
    }
}
