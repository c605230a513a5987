//! REFER: a party asks for a transfer, and is told how it goes (RFC 3515).

use std::sync::Arc;

use call::{LegId, Number, event::SipStatus};

use super::{Call, routing::route, transfer::slot_of};
use crate::{
    Context,
    failure::Failure,
    leg::Leg,
    message::{Notify, Refer, Replaces, Request, Response, ServerTx, status},
    world::Via,
};

/// A REFER that was accepted.
#[derive(Clone)]
pub(super) struct Referral {
    leg: LegId,
    /// The number of its REFER, for all but the first of a dialog.
    id: Option<u32>,
    is_told: bool,
    /// Who refers, as it says itself (RFC 3892).
    pub(super) referred_by: Option<Arc<str>>,
}

impl std::fmt::Debug for Referral {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Referral").field("leg", &self.leg).field("id", &self.id).finish_non_exhaustive()
    }
}

impl Call {
    /// A party asks to send the one that it talks to elsewhere.
    pub(super) fn on_refer(&mut self, id: LegId, tx: ServerTx, refer: Refer, cx: &mut Context<'_>) {
        if self.is_trunk(id) && !cx.settings.refer_from_trunks {
            return cx.respond(id, tx, Response::of(403));
        }
        if self.pair_at_rest(id).is_err() {
            return cx.respond(id, tx, Response::of(491));
        }
        let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) else { return };
        let is_first = !std::mem::replace(&mut up.has_referred, true);
        let referral = Referral {
            leg: id,
            id: (!is_first).then_some(refer.id),
            is_told: refer.is_told,
            referred_by: refer.referred_by,
        };
        cx.respond(id, tx, Response::of(202));
        self.notify(&referral, status(100), false, cx);
        match refer.replaces {
            Replaces::No => self.refer_to_number(id, refer.to, referral, cx),
            Replaces::Leg(leg) | Replaces::RingingLeg(leg) => {
                self.refer_to_leg(id, leg, refer.to, referral, cx)
            }
            Replaces::Unknown => self.notify_outcome(&referral, 481, cx),
        }
    }

    /// Sends the party that leg `id` talks to on to a number.
    pub(super) fn refer_to_number(
        &mut self,
        id: LegId,
        number: Number,
        referral: Referral,
        cx: &mut Context<'_>,
    ) {
        if let Some(slot) = slot_of(&number, cx) {
            if self.park(id, slot.as_deref(), Some(&referral), cx).is_err() {
                self.notify_outcome(&referral, 486, cx);
            }
            return;
        }
        let Some(leg) = self.leg(id) else { return };
        let (owner, via) = (leg.party.owner, Via::of(&leg.party.endpoint));
        match route((owner, via), &number, self.clock.at(cx.now), cx) {
            Ok(destination) => {
                let taken = self.transfer_to(id, number, destination, Some(referral), cx);
                debug_assert!(taken.is_ok(), "whether it can be done was asked before");
            }
            Err(why) => self.notify(&referral, Failure::from(why).status, true, cx),
        }
    }

    /// The target of the transfer rings.
    pub(super) fn tell_referrer(&mut self, code: u16, cx: &mut Context<'_>) {
        let super::Phase::Transferring(transfer) = &self.phase else { return };
        if let Some(referral) = transfer.referral.clone() {
            self.notify(&referral, status(code), false, cx);
        }
    }

    /// The referral has come to its end.
    pub(super) fn notify_outcome(&mut self, referral: &Referral, code: u16, cx: &mut Context<'_>) {
        self.notify(referral, status(code), true, cx);
    }

    pub(super) fn notify(
        &mut self,
        referral: &Referral,
        status: SipStatus,
        is_final: bool,
        cx: &mut Context<'_>,
    ) {
        if referral.is_told && self.leg(referral.leg).is_some_and(Leg::is_up) {
            cx.request(referral.leg, Request::Notify(Notify { id: referral.id, status, is_final }));
        }
    }
}
