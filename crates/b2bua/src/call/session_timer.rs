//! Session timers (RFC 4028), and whatever else is due on a leg: each answered leg is refreshed from time to
//! time, by its party or by us, and ends if it is not.

use std::time::Duration;

use call::LegId;

use super::{Call, requests::is_lost};
use crate::{
    Context,
    leg::{
        Confirmed, Leg, Phase as LegPhase,
        lifetime::{Due, Lifetime},
        negotiation::{Aim, Method, Negotiation, Ours, Proposal, Purpose},
        reliable,
    },
    message::{Body, MAX_FORWARDS, Offer, Request, Response, ServerTx, SessionTimer},
    settings::SessionLimits,
};

/// What we agree to where a party asks; nothing if sessions are without a limit.
pub(super) fn agree(
    request: &SessionTimer,
    (limits, now): (&SessionLimits, Duration),
) -> (Option<Lifetime>, SessionTimer) {
    if limits.longest.is_zero() {
        return (None, SessionTimer::default());
    }
    let (lifetime, answer) = Lifetime::agreed_by_us(request, (limits, now));
    (Some(lifetime), answer)
}

impl Call {
    /// Takes in what a leg's party agrees to.
    pub(super) fn live_as_agreed(&mut self, id: LegId, answer: &SessionTimer, cx: &Context<'_>) {
        let limits = &cx.settings.sessions;
        let Some(up) = self.leg_mut(id).and_then(Leg::up_mut).filter(|_| !limits.longest.is_zero()) else {
            return;
        };
        let before = up.lifetime.as_ref().map_or(limits.longest, |life| life.interval);
        up.lifetime = Some(Lifetime::agreed_by_peer(answer, before, (limits, cx.now.monotonic)));
    }

    /// Answers an UPDATE that offers nothing: it only refreshes (RFC 3311 section 5.2).
    pub(super) fn refresh_as_asked(&mut self, id: LegId, tx: ServerTx, offer: &Offer, cx: &mut Context<'_>) {
        let settings = cx.settings;
        let (life, timer) = agree(&offer.timer, (&settings.sessions, cx.now.monotonic));
        let Some(leg) = self.leg_mut(id) else { return };
        leg.takes_update = offer.takes_update.or(leg.takes_update);
        let timer = match leg.up_mut() {
            Some(up) => {
                up.lifetime = life;
                timer
            }
            None => SessionTimer::default(),
        };
        cx.respond(id, tx, Response { timer, ..Response::of(200) });
    }

    /// Does what is due on each leg.
    pub(super) fn watch_legs(&mut self, cx: &mut Context<'_>) {
        let now = cx.now.monotonic;
        let due: Vec<_> = self
            .legs
            .iter()
            .filter(|leg| leg.deadline().is_some_and(|at| now >= at))
            .map(|leg| leg.id)
            .collect();
        for id in due {
            self.watch_responses(id, cx);
            self.watch_lifetime(id, cx);
            self.watch_prompt(id, cx);
            self.watch_keep_alive(id, cx);
            self.send_keys(id, cx);
            let is_overdue = self.leg(id).is_some_and(|leg| {
                matches!(&leg.phase, LegPhase::Closing(closing) if closing.deadline().is_some_and(|at| now >= at))
            });
            if is_overdue {
                self.give_up_closing(id, cx);
            }
        }
    }

    fn watch_lifetime(&mut self, id: LegId, cx: &mut Context<'_>) {
        let life = self.leg_mut(id).and_then(Leg::up_mut).and_then(|up| up.lifetime.as_mut());
        match life.and_then(|life| life.on_time(cx.now.monotonic)) {
            Some(Due::Refresh) => self.refresh(id, cx),
            Some(Due::End) => self.on_breakdown(id, cx),
            None => {}
        }
    }

    fn watch_responses(&mut self, id: LegId, cx: &mut Context<'_>) {
        let now = cx.now.monotonic;
        let Some(leg) = self.leg_mut(id) else { return };
        let (invite, responses) = match &mut leg.phase {
            LegPhase::Calling(calling) => (calling.invite, &mut calling.responses),
            LegPhase::Up(up) => match &mut up.confirmed {
                Confirmed::AwaitingAck { invite, responses, .. } => (*invite, responses),
                Confirmed::OwesAck { .. } | Confirmed::Yes => return,
            },
            LegPhase::Called(_) | LegPhase::Closing(_) => return,
        };
        match responses.on_time(now) {
            Some(reliable::Due::Repeat(response)) => cx.respond(id, invite, *response),
            Some(reliable::Due::GiveUp) => self.on_deaf(id, invite, cx),
            None => {}
        }
    }

    /// Refreshes a leg: with an UPDATE if its party takes that, else with its session description once more.
    /// One that negotiates is refreshed by that, or a little later.
    fn refresh(&mut self, id: LegId, cx: &mut Context<'_>) {
        let Some(leg) = self.leg_mut(id) else { return };
        let (takes_update, ours) = (leg.takes_update == Some(true), leg.ours.clone());
        let Some(up) = leg.up_mut() else { return };
        if !up.is_free() {
            return self.refresh_later(id, cx);
        }
        if !takes_update {
            up.proposals.push_back(Proposal::new(ours.into(), None, Purpose::Adjust));
            return;
        }
        let timer = up.lifetime.as_ref().map(Lifetime::asked).unwrap_or_default();
        let offer = Offer { body: Body::Empty, timer, hops: MAX_FORWARDS, ..Offer::default() };
        let request = cx.request(id, Request::Update(offer));
        up.negotiation =
            Negotiation::Ours(Ours { request, method: Method::Update, offered: None, aim: Aim::Refresh });
    }

    /// 491 wants a rest of at most four seconds (RFC 3261 section 14.1); the others had none to go by.
    fn refresh_later(&mut self, id: LegId, cx: &mut Context<'_>) {
        let rest = Duration::from_millis((2100 + cx.world.chance(1900)).into());
        let at = cx.now.monotonic + rest;
        if let Some(life) = self.leg_mut(id).and_then(Leg::up_mut).and_then(|up| up.lifetime.as_mut()) {
            life.rest_until(at);
        }
    }

    /// A refusal of our UPDATE. Whatever it is, it comes from somebody who is there, unless the dialog is
    /// not known there. If UPDATE is not known there after all, a re-INVITE takes its place.
    pub(super) fn on_refresh_declined(&mut self, id: LegId, response: &Response, cx: &mut Context<'_>) {
        match response.status.code {
            _ if is_lost(response) => self.on_breakdown(id, cx),
            405 | 501 => {
                if let Some(leg) = self.leg_mut(id) {
                    leg.takes_update = Some(false);
                }
                self.refresh(id, cx);
            }
            _ => self.refresh_later(id, cx),
        }
    }
}
