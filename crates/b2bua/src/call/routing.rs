//! Where the call goes.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use call::{
    DeviceId, EventKind, Number, Timestamp,
    command::Target,
    event::{EndCause, LegRoute},
    party::{Endpoint, Owner},
};

use super::{Call, Phase};
use crate::{
    Context,
    failure::Failure,
    features::{Feature, Place},
    leg::Party,
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
    let is_code = matches!(via, Via::Device(_)) && cx.settings.features.knows(number.as_str());
    if is_code { extension(owner, number, at, cx) } else { cx.world.route(owner, via, number, at) }
}

/// Where a call to the target of a command goes.
pub(super) fn destination(
    owner: Owner,
    target: &Target,
    at: Timestamp,
    cx: &Context<'_>,
) -> Result<Destination, Unroutable> {
    match target {
        Target::Number(number) | Target::Extension(number) | Target::FeatureCode(number)
            if cx.settings.features.knows(number.as_str()) =>
        {
            extension(owner, number, at, cx)
        }
        Target::Device(_) | Target::Number(_) | Target::Extension(_) | Target::FeatureCode(_) => {
            cx.world.destination(owner, target, at)
        }
    }
}

/// A code that asks for nothing here may be the name of an extension, and is nobody's number in the world
/// outside: nobody is asked whether it may be called there.
fn extension(
    owner: Owner,
    number: &Number,
    at: Timestamp,
    cx: &Context<'_>,
) -> Result<Destination, Unroutable> {
    cx.world.destination(owner, &Target::Extension(number.clone()), at)
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
            Via::Device(_) => cx.settings.features.read(dialed.as_str(), Place::Call),
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
}
