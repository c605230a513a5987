//! Whom to try next, and the way there.

use std::{net::SocketAddr, sync::Arc};

use call::{
    EventKind, Number, TrunkId,
    event::{LegDirection, LegEnd, LegOffer, Releaser, Side},
    party::{Endpoint, Owner},
};

use super::{Step, Trying, unavailable};
use crate::{
    Context,
    call::{Call, routing::Candidate},
    failure::{Failure, best},
    leg::Party,
    output::Output,
    world::{Callee, Destination, TrunkHop},
};

impl Call {
    /// Rings those of `destination` too.
    pub(in crate::call) fn ring_destination(&mut self, destination: Destination, cx: &mut Context<'_>) {
        match destination {
            Destination::Phones { owner, extension, devices, screen_pop } => {
                self.begin_attempt(owner, screen_pop, cx);
                if let Err(failure) = self.admit_called(owner, None, cx) {
                    return self.count_failure(failure, cx);
                }
                let waves = Self::contacts(owner, &extension, &devices, cx);
                if waves.is_empty() {
                    return self.miss_all(owner, &devices, cx);
                }
                if let Some(hunt) = self.hunt_mut() {
                    hunt.extensions.push((owner.account, extension));
                }
                if self.has_sound_offer(cx) {
                    self.queue_phones(waves);
                    self.try_next(None, cx);
                }
            }
            Destination::Trunks(mut hops) => {
                // Those that are not likely to take it go last; nothing but the call itself can tell for
                // sure.
                hops.sort_by_key(|hop| !cx.world.is_fit(hop.trunk));
                if self.has_sound_offer(cx) {
                    if let Some(hunt) = self.hunt_mut() {
                        hunt.steps = hops.into_iter().map(Step::Trunk).collect();
                    }
                    self.try_next(None, cx);
                }
            }
        }
    }

    pub(in crate::call) fn queue_phones(&mut self, waves: Vec<Vec<Candidate>>) {
        if let Some(hunt) = self.hunt_mut() {
            for wave in waves.into_iter().rev() {
                hunt.steps.push_front(Step::Phones(wave));
            }
        }
    }

    /// Whether the offer for the called parties is sound; if not, the call fails.
    pub(in crate::call) fn has_sound_offer(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(hunt) = self.hunt() else { return false };
        let (partner, offer) = (hunt.partner, hunt.offer.clone());
        let (Some(partner), Some(offer)) = (partner, offer) else { return true };
        let described = self.describe(partner, &offer, cx);
        if let Err(failure) = &described {
            self.fail_hunt(failure, cx);
        }
        described.is_ok()
    }

    /// Tries the next ones; without any, the call fails like the last.
    pub(in crate::call) fn try_next(&mut self, last: Option<Failure>, cx: &mut Context<'_>) {
        let now = cx.now.monotonic;
        let Some(hunt) = self.hunt_mut() else { return };
        let next = hunt.steps.pop_front();
        hunt.attempts += u32::from(next.is_some());
        match next {
            Some(Step::Phones(candidates)) => {
                let waves = u32::try_from(hunt.steps.len()).unwrap_or(u32::MAX).saturating_add(1);
                let left = hunt.give_up_at.saturating_sub(now);
                let until = (waves > 1).then(|| now + left / waves);
                hunt.now = Trying::Phones { until };
                self.ring_together(candidates, cx);
            }
            Some(Step::Trunk(hop)) => {
                hunt.failures.clear();
                self.try_trunk(hop, cx);
            }
            Some(Step::Address(hop, address)) => {
                hunt.failures.clear();
                self.reach(hop, Some(address), cx);
            }
            None => {
                let failure = best(&hunt.failures).cloned().or(last);
                self.fail_hunt(&failure.unwrap_or_else(unavailable), cx);
            }
        }
    }

    /// Rings these at once, but for those that have all the calls they may have.
    fn ring_together(&mut self, candidates: Vec<Candidate>, cx: &mut Context<'_>) {
        let answer_themselves = self.asks_to_answer(candidates.len());
        let mut full = None;
        for candidate in candidates {
            let id = cx.world.leg_id(self.clock.at(cx.now));
            match self.admit_rung(id, &candidate.party.endpoint, cx) {
                Ok(()) => self.ring(id, candidate, answer_themselves, cx),
                Err(failure) => {
                    self.pass_over(&candidate.party, &failure, cx);
                    full = Some(failure);
                }
            }
        }
        if let Some(failure) = full {
            self.count_failure(failure, cx);
        }
    }

    /// Tells of a phone that is not rung.
    fn pass_over(&mut self, party: &Party, failure: &Failure, cx: &mut Context<'_>) {
        let from = self.shown_to(party.owner.account).number;
        let who = (party.owner, party.endpoint.clone());
        self.tell_missed(who, (from, party.number.clone()), failure, cx);
    }

    pub(in crate::call) fn try_trunk(&mut self, hop: TrunkHop, cx: &mut Context<'_>) {
        self.begin_attempt(hop.owner, None, cx);
        match self.admit_called(hop.owner, Some(hop.trunk), cx) {
            Ok(()) => self.reach(hop, None, cx),
            Err(full) => self.try_next(Some(full), cx),
        }
    }

    pub(in crate::call) fn reach(
        &mut self,
        hop: TrunkHop,
        address: Option<SocketAddr>,
        cx: &mut Context<'_>,
    ) {
        let trunk: TrunkId = hop.trunk;
        if let Some(hunt) = self.hunt_mut() {
            hunt.now = Trying::Reaching(hop);
        }
        cx.push(Output::Reach { call: self.id, trunk, address });
    }

    /// The way to a trunk is there, or there is none. Other addresses of it are tried before the next trunk
    /// is.
    pub(crate) fn on_reached(&mut self, addresses: Vec<SocketAddr>, cx: &mut Context<'_>) {
        let silent_until = Some(cx.now.monotonic + cx.settings.trunk_silence);
        let Some(hunt) = self.hunt_mut() else { return };
        let Trying::Reaching(hop) = &hunt.now else { return };
        let hop = hop.clone();
        hunt.now = Trying::Trunk { silent_until };
        let Some((first, others)) = addresses.split_first() else { return self.miss(&hop, cx) };
        for address in others.iter().rev() {
            hunt.steps.push_front(Step::Address(hop.clone(), *address));
        }
        let callee = Callee::Trunk { trunk: hop.trunk, address: *first };
        let id = cx.world.leg_id(self.clock.at(cx.now));
        self.ring(id, Candidate { callee, party: Party::of_trunk(&hop) }, false, cx);
    }

    /// A trunk that there is no way to: a leg that ends as it begins, and the next trunk.
    pub(in crate::call) fn miss(&mut self, hop: &TrunkHop, cx: &mut Context<'_>) {
        let failure = unavailable();
        let from = self.shown_to(hop.owner.account).number;
        let endpoint = Endpoint::Trunk { id: hop.trunk, name: hop.name.clone() };
        self.tell_missed((hop.owner, endpoint), (from, hop.called.clone()), &failure, cx);
        self.try_next(Some(failure), cx);
    }

    /// Tells of a party that could not even be rung: a leg that ends as it begins.
    pub(in crate::call) fn tell_missed(
        &mut self,
        (owner, endpoint): (Owner, Endpoint),
        (from, to): (Number, Number),
        failure: &Failure,
        cx: &mut Context<'_>,
    ) {
        let side = self.hunt().map_or(Side::Termination, |hunt| hunt.side);
        let leg = cx.world.leg_id(self.clock.at(cx.now));
        let direction = LegDirection::Outgoing;
        let route = self.route_of(owner, &endpoint, &from, cx);
        let offer = LegOffer { side, direction, owner, endpoint, from, to, sip: None, route };
        self.tell(EventKind::LegOffered { leg, offer: Arc::new(offer) }, cx);
        let end = LegEnd::new(Releaser::Switch, failure.cause, Some(failure.status.clone()));
        self.tell(EventKind::LegEnded { leg, end }, cx);
    }
}
