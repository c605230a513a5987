//! Where the call goes, and the INVITEs to those that are rung for it.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc, time::Duration};

use call::{
    AccountId, DeviceId, EventKind, LegId, Number, Timestamp,
    command::Target,
    event::{EndCause, LegDirection, LegOffer, LegRoute},
    party::{Endpoint, Owner},
};

use super::{Call, Phase, hunt::Hunt};
use crate::{
    Context,
    failure::Failure,
    features::{Feature, Place},
    leg::{
        BegunBy, Called, Leg, Party, Phase as LegPhase, Progress, early::Early, lifetime, reliable::Heard,
    },
    limits::Holder,
    message::{Body, ClientTx, Response, Shown},
    output::{Diversion, OutgoingInvite, Output},
    sdp::Sdp,
    world::{Callee, Destination, Routed, TrunkHop, Unroutable, Via},
};

/// Someone to ring: one contact of a phone, or a trunk.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) callee: Callee,
    pub(super) party: Party,
}

/// Where a call of somebody to a number goes.
pub(super) fn route(
    (owner, via): (Owner, Via),
    number: &Number,
    at: Timestamp,
    cx: &Context<'_>,
) -> Result<Destination, Unroutable> {
    let found = cx.world.route(owner, via, number, at);
    let is_code = via == Via::Device && cx.settings.features.knows(number.as_str());
    if is_code { nobody_else(found) } else { found }
}

/// Where a call to the target of a command goes.
pub(super) fn destination(
    owner: Owner,
    target: &Target,
    at: Timestamp,
    cx: &Context<'_>,
) -> Result<Destination, Unroutable> {
    let found = cx.world.destination(owner, target, at);
    match target {
        Target::Number(number) | Target::Extension(number) | Target::FeatureCode(number)
            if cx.settings.features.knows(number.as_str()) =>
        {
            nobody_else(found)
        }
        Target::Device(_) | Target::Number(_) | Target::Extension(_) | Target::FeatureCode(_) => found,
    }
}

/// A code that asks for nothing here may be the name of an extension, and is nobody's number in the world
/// outside.
fn nobody_else(found: Result<Destination, Unroutable>) -> Result<Destination, Unroutable> {
    found.ok().filter(|found| matches!(found, Destination::Phones { .. })).ok_or(Unroutable::Unknown)
}

impl Party {
    pub(super) fn of_trunk(hop: &TrunkHop) -> Self {
        Self {
            owner: hop.owner,
            endpoint: Endpoint::Trunk { id: hop.trunk, name: hop.name.clone() },
            number: hop.called.clone(),
            outside: hop.called.clone(),
            name: None,
            hidden: None,
            is_asserted: false,
        }
    }
}

impl Call {
    /// Dials what the caller dialed, with the caller's session description.
    pub(super) fn route_onward(&mut self, offer: Option<Sdp>, cx: &mut Context<'_>) {
        let caller = &self.setting.caller;
        let (owner, via, dialed) = (caller.owner, caller.via, caller.dialed.clone());
        let feature = match via {
            Via::Device => cx.settings.features.read(dialed.as_str(), Place::Call),
            Via::Trunk(_) => None,
        };
        match &feature {
            Some(Feature::Park) => return self.let_caller_wait(offer.as_ref(), cx),
            Some(Feature::EndWork) => return self.end_work(offer.as_ref(), cx),
            Some(Feature::Slot(_) | Feature::PickUp(_)) | None => {}
        }
        match route((owner, via), &dialed, self.clock.started_at, cx) {
            Ok(destination) => self.dial(offer, destination, cx),
            Err(why) => self.find_no_route(why, cx),
        }
    }

    /// Rings those that the caller has dialed.
    pub(super) fn dial(&mut self, offer: Option<Sdp>, destination: Destination, cx: &mut Context<'_>) {
        let hunt = Self::new_hunt(call::event::Side::Termination, self.caller, offer, cx);
        self.phase = Phase::Hunting(Box::new(hunt));
        self.hunt_for(destination, cx);
    }

    pub(super) fn find_no_route(&mut self, why: Unroutable, cx: &mut Context<'_>) {
        self.tell_routed(None, None, cx);
        self.give_up_caller(&why.into(), cx);
    }

    /// Says to whom the call goes now: by its own routing, or with the legs of what it was sent on to.
    pub(super) fn begin_attempt(&mut self, to: Owner, screen_pop: Option<Arc<str>>, cx: &mut Context<'_>) {
        let is_called = matches!(self.phase, Phase::Hunting(_));
        let Some(hunt) = self.hunt_mut() else { return };
        match hunt.sent {
            None if is_called => self.tell_routed(Some(to), screen_pop.as_ref(), cx),
            Some(_) | None => hunt.screen_pop = screen_pop,
        }
    }

    /// Who has sent the call to a party that is rung now, and what that costs; `None` for what the call itself
    /// was routed to, and for phones of who has sent it.
    pub(super) fn route_of(
        &self,
        owner: Owner,
        endpoint: &Endpoint,
        shown: &Number,
        cx: &Context<'_>,
    ) -> Option<Arc<LegRoute>> {
        let hunt = self.hunt()?;
        let sent = hunt.sent.as_ref()?;
        if endpoint.device().is_some() && owner.account == sent.by.account {
            return None;
        }
        let routed = cx.world.routed(Routed {
            origination: sent.by,
            termination: Some(owner),
            at: self.clock.at(cx.now),
            caller: shown,
            called: &sent.to,
            screen_pop: hunt.screen_pop.as_ref(),
        });
        Some(Arc::new(LegRoute {
            sent_by: sent.by,
            sender: sent.sender,
            hunt: hunt.routing,
            attempt: hunt.attempts,
            routed: Arc::new(routed),
        }))
    }

    fn tell_routed(
        &mut self,
        termination: Option<Owner>,
        screen_pop: Option<&Arc<str>>,
        cx: &mut Context<'_>,
    ) {
        let caller = &self.setting.caller;
        let is_inside = termination.is_some_and(|to| self.is_inside(to.account));
        let instead = self.hunt().and_then(|hunt| hunt.instead.as_ref());
        let routed = cx.world.routed(Routed {
            origination: caller.owner,
            termination,
            at: self.clock.started_at,
            caller: &caller.shown(is_inside).number,
            called: instead.unwrap_or(&caller.dialed),
            screen_pop,
        });
        self.tell(EventKind::CallRouted(Arc::new(routed)), cx);
    }

    /// Every contact of some phones that can be rung, those first that are preferred.
    pub(super) fn contacts(
        owner: Owner,
        extension: &Number,
        devices: &[DeviceId],
        cx: &Context<'_>,
    ) -> Vec<Vec<Candidate>> {
        let mut waves = BTreeMap::<_, Vec<Candidate>>::new();
        for device in devices {
            let Some(phone) = cx.world.phone(*device) else { continue };
            let party = Party {
                owner,
                endpoint: phone.endpoint,
                number: extension.clone(),
                outside: phone.caller_id,
                name: phone.name,
                hidden: None,
                is_asserted: false,
            };
            for contact in cx.world.contacts(*device) {
                let callee = Callee::Phone { device: *device, binding: contact.binding };
                let candidate = Candidate { callee, party: party.clone() };
                waves.entry(Reverse(contact.preference)).or_default().push(candidate);
            }
        }
        waves.into_values().collect()
    }

    /// None of the phones is registered.
    pub(super) fn miss_all(&mut self, owner: Owner, devices: &[DeviceId], cx: &mut Context<'_>) {
        let failure = Failure::ours(480, EndCause::Unavailable);
        if matches!(self.phase, Phase::Placing { .. })
            && let Some(phone) = devices.iter().find_map(|id| cx.world.phone(*id))
        {
            let caller = &self.setting.caller;
            let numbers = (caller.dialed.clone(), caller.inside.clone());
            self.tell_missed((owner, phone.endpoint), numbers, &failure, cx);
        }
        self.count_failure(failure, cx);
    }

    /// Sends an INVITE to someone, who may be asked to answer at once: a leg comes into being.
    pub(super) fn ring(&mut self, candidate: Candidate, answers_itself: bool, cx: &mut Context<'_>) {
        let Some(Hunt { side, partner, offer, .. }) = self.hunt() else { return };
        let (side, partner, offer) = (*side, *partner, offer.clone());
        let Candidate { callee, party } = candidate;
        let id = cx.world.leg_id(self.clock.at(cx.now));
        let body = match self.offer_for(id, partner, offer.as_ref(), cx) {
            Ok(body) => body,
            Err(failure) => {
                cx.media(crate::output::Media::Release(id));
                return self.count_failure(failure, cx);
            }
        };
        let shown = self.shown_to(party.owner.account);
        let from = shown.number.clone();
        let invite = self.invite(&party, shown, body, cx);
        let invite = OutgoingInvite { answers_itself, ..invite };
        let (transaction, ours) = (cx.next_tx(), invite.body.sdp().cloned());
        cx.push(Output::Invite { leg: id, transaction, callee: callee.clone(), invite: Box::new(invite) });
        let route = self.route_of(party.owner, &party.endpoint, &from, cx);
        let offer_told = LegOffer {
            side,
            direction: LegDirection::Outgoing,
            owner: party.owner,
            endpoint: party.endpoint.clone(),
            from,
            to: party.number.clone(),
            sip: None,
            route,
        };
        self.tell(EventKind::LegOffered { leg: id, offer: Arc::new(offer_told) }, cx);
        self.booking.share(Holder::Hunt, Holder::Leg(id));
        let called = Called {
            invite: transaction,
            callee,
            progress: Progress::Offered,
            offered: partner.filter(|_| offer.is_some()),
            was_too_short: false,
            hung_up: Vec::new(),
            heard: Heard::default(),
            early: Early::Open,
            prompt: None,
        };
        let phase = LegPhase::Called(called);
        let begun_by = BegunBy::Us;
        self.legs.push(Leg { id, party, begun_by, theirs: None, ours, takes_update: None, phase });
    }

    fn offer_for(
        &mut self,
        to: LegId,
        partner: Option<LegId>,
        offer: Option<&Sdp>,
        cx: &mut Context<'_>,
    ) -> Result<Body, Failure> {
        match (partner, offer) {
            (Some(partner), Some(offer)) => self.pass(partner, to, offer, cx).map(Body::Sdp),
            (None, Some(offer)) => Ok(Body::Sdp(offer.clone())),
            (_, None) => Ok(Body::Empty),
        }
    }

    /// What an INVITE says to someone who is rung.
    fn invite(&self, party: &Party, caller: Shown, body: Body, cx: &Context<'_>) -> OutgoingInvite {
        OutgoingInvite {
            called: party.number.clone(),
            caller,
            body,
            takes_reliable: self.takes_reliable(),
            timer: lifetime::wish(&cx.settings.sessions, Duration::ZERO),
            hops: self.setting.hops,
            diversion: Some(self.diversion()).filter(|diversion| *diversion != Diversion::default()),
            history: self.setting.history.clone(),
            referred_by: self.hunt().and_then(|hunt| hunt.referred_by.clone()),
            answers_itself: false,
            alerting: self.alerting_for(party, cx),
        }
    }

    /// Sends the INVITE of a leg that is rung once more, in the same dialog, as `change` makes it.
    pub(super) fn invite_again(
        &mut self,
        id: LegId,
        change: impl FnOnce(&mut OutgoingInvite),
        cx: &mut Context<'_>,
    ) -> Option<ClientTx> {
        let (callee, mut invite) = self.invite_anew(id, cx)?;
        // The early dialogs of the INVITE before are over.
        self.drop_negotiations(id, cx);
        if let Some(hunt) = self.hunt_mut() {
            hunt.early.take_if(|early| *early == id);
        }
        change(&mut invite);
        let (transaction, ours) = (cx.next_tx(), invite.body.sdp().cloned());
        cx.push(Output::Invite { leg: id, transaction, callee, invite: Box::new(invite) });
        let leg = self.leg_mut(id)?;
        leg.ours = ours;
        let called = leg.called_mut()?;
        called.invite = transaction;
        (called.heard, called.early) = (Heard::default(), Early::Open);
        Some(transaction)
    }

    /// The INVITE to a leg that is rung, as it would be sent now.
    pub(super) fn invite_anew(
        &mut self,
        id: LegId,
        cx: &mut Context<'_>,
    ) -> Option<(Callee, OutgoingInvite)> {
        let Hunt { partner, offer, .. } = self.hunt()?;
        let (partner, offer) = (*partner, offer.clone());
        let leg = self.leg(id)?;
        let (party, callee) = (leg.party.clone(), leg.called()?.callee.clone());
        let body = self.offer_for(id, partner, offer.as_ref(), cx).ok()?;
        let shown = self.shown_to(party.owner.account);
        Some((callee, self.invite(&party, shown, body, cx)))
    }

    /// Calls a party again for which the session is too short, with the least that it takes; says whether it
    /// did (RFC 4028 section 7.3).
    pub(super) fn ask_for_longer(&mut self, id: LegId, response: &Response, cx: &mut Context<'_>) -> bool {
        let Some(called) = self.leg_mut(id).and_then(Leg::called_mut) else { return false };
        if response.status.code != 422 || std::mem::replace(&mut called.was_too_short, true) {
            return false;
        }
        let least = response.timer.shortest.unwrap_or(lifetime::SHORTEST);
        let timer = lifetime::wish(&cx.settings.sessions, least);
        self.invite_again(id, |invite| invite.timer = timer, cx).is_some()
    }

    /// Who a called party of an account sees: whom it will talk to, or for the calling party of a call that
    /// a program places, the number that will be dialed.
    pub(super) fn shown_to(&self, account: AccountId) -> Shown {
        let caller = &self.setting.caller;
        if matches!(self.phase, Phase::Placing { .. }) {
            return Shown { number: caller.dialed.clone(), name: None, hidden: None };
        }
        let partner = self.hunt().and_then(|hunt| hunt.partner).filter(|id| Some(*id) != self.caller);
        match partner.and_then(|id| self.leg(id)) {
            Some(partner) => partner.party.shown_to(account),
            None => caller.shown(self.is_inside(account)),
        }
    }
}
