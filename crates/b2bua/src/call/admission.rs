//! Whether accounts, phones and trunks have room for the call, and for how long.
//!
//! How a refusal is told, by what the field does. Too many calls in a second: 503 with Retry-After, since
//! whoever sends them shall slow down (RFC 3261 section 21.5.4). A called account that has all the calls it
//! may have: 486, which its callers hear as the busy tone that it is; a trunk that brings such a call does
//! not try another way, which would end at the same account. A trunk without room: 503, as if it had said so
//! itself (RFC 3398 section 7.2.4.1 has it for "no circuit available"), so that the next one is tried. A
//! caller whose own account is full: 503 to a trunk, which has other ways; 480 to a phone, since phones take
//! a 503 of their only server for its failure, and 486 would say that the called party is busy. A phone that has
//! all the calls it may have is treated so itself: 480 when it calls, 486 in its place when it is called.

use std::time::Duration;

use call::{
    LegId, TrunkId,
    event::{EndCause, Releaser},
    party::{Endpoint, Owner},
};

use super::{Call, Phase, ending::Ending};
use crate::{
    Context,
    failure::Failure,
    limits::{self, Full, Holder},
    output::Output,
    world::Via,
};

impl Call {
    /// Takes up room on the caller's side, for the whole call.
    pub(super) fn admit_caller(&mut self, cx: &mut Context<'_>) -> Result<(), Failure> {
        let caller = &self.setting.caller;
        let (account, via) = (caller.owner.account, caller.via);
        self.take_room(Holder::Call, &limits::calling(cx.world, account, via), cx).map_err(|full| match via {
            Via::Device(_) if !full.is_for_now() => limit(480),
            Via::Device(_) | Via::Trunk(_) => limit(503),
        })
    }

    /// Takes up room for the parties that are to be rung now, and on the side of those who have sent the call
    /// on to them. A calling party that is rung on a program's behalf is of the account that places the call,
    /// and counted there.
    pub(super) fn admit_called(
        &mut self,
        owner: Owner,
        trunk: Option<TrunkId>,
        cx: &mut Context<'_>,
    ) -> Result<(), Failure> {
        self.booking.release(&mut cx.state.counts, Holder::Hunt);
        if matches!(self.phase, Phase::Placing { .. }) && self.is_inside(owner.account) {
            return Ok(());
        }
        let Some(hunt) = self.hunt() else { return Ok(()) };
        let senders = hunt.senders.iter().filter(|sender| **sender != owner.account);
        let sent_on: Vec<_> =
            senders.flat_map(|sender| limits::calling(cx.world, *sender, Via::Device(None))).collect();
        let claims = [limits::called(cx.world, owner.account, trunk), sent_on].concat();
        self.take_room(Holder::Hunt, &claims, cx).map_err(|full| match trunk {
            None if !full.is_for_now() => limit(486),
            None | Some(_) => limit(503),
        })
    }

    /// Takes up room of the phone or trunk that has sent an INVITE, for as long as its leg goes on.
    pub(super) fn admit_sender(&mut self, id: LegId, cx: &mut Context<'_>) -> Result<(), Failure> {
        let sender = self.leg(id).map(|leg| &leg.party.endpoint);
        let is_phone = sender.is_some_and(|sender| sender.device().is_some());
        let claims: Vec<_> = sender.map(|sender| limits::sent_by(cx.world, sender)).into_iter().collect();
        let refused = |full: Full| limit(if is_phone && !full.is_for_now() { 480 } else { 503 });
        self.take_room(Holder::Leg(id), &claims, cx).map_err(refused)
    }

    /// Takes up room of a phone that is to be rung, for as long as its leg goes on.
    pub(super) fn admit_rung(
        &mut self,
        id: LegId,
        endpoint: &Endpoint,
        cx: &mut Context<'_>,
    ) -> Result<(), Failure> {
        let device = endpoint.device();
        let claims: Vec<_> = device.map(|device| limits::to_phone(cx.world, device)).into_iter().collect();
        self.take_room(Holder::Leg(id), &claims, cx).map_err(|_| limit(486))
    }

    /// Takes up room for somebody who joins the call by an INVITE.
    pub(super) fn admit_arrival(
        &mut self,
        id: LegId,
        owner: Owner,
        cx: &mut Context<'_>,
    ) -> Result<(), Failure> {
        let claims = limits::called(cx.world, owner.account, None);
        self.take_room(Holder::Leg(id), &claims, cx).map_err(|_| limit(480))?;
        self.admit_sender(id, cx)
    }

    pub(super) fn take_room(
        &mut self,
        holder: Holder,
        claims: &[limits::Claim],
        cx: &mut Context<'_>,
    ) -> Result<(), Full> {
        let taken = self.booking.admit(&mut cx.state.counts, holder, claims, cx.now.monotonic);
        if let Err(Full { of, bound }) = taken {
            cx.push(Output::LimitReached { of, bound });
        }
        taken
    }

    /// When the call will have lasted as long as it may.
    pub(super) fn length_ends(&self) -> Option<Duration> {
        match self.phase {
            Phase::Ending => None,
            Phase::Placing { .. }
            | Phase::Hunting(_)
            | Phase::Joining(_)
            | Phase::Talking
            | Phase::Transferring(_)
            | Phase::BusyTone(_)
            | Phase::Parked(_) => Some(self.answered_at? + self.booking.max_length()?),
        }
    }

    pub(super) fn end_for_length(&mut self, cx: &mut Context<'_>) {
        self.end_all(&Ending::new(Releaser::Switch, EndCause::Limit, 480), cx);
    }
}

fn limit(code: u16) -> Failure {
    Failure::ours(code, EndCause::Limit)
}
