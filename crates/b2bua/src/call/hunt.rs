//! Ringing parties until one answers: all contacts of an extension that are preferred alike at once, those
//! that are less so after them, and one trunk after the other.

use std::{collections::VecDeque, net::SocketAddr, sync::Arc, time::Duration};

use call::{
    AccountId, EventKind, LegId, Number, TrunkId,
    event::{EndCause, LegDirection, LegEnd, LegOffer, Releaser, Side},
    party::{Endpoint, Owner},
};

use super::{
    Call, Phase,
    ending::{Ending, Notice},
    parking::Stay,
    redirect::Redirections,
    routing::Candidate,
};
use crate::{
    Context,
    failure::{Failure, best},
    leg::{Leg, Party},
    limits::Holder,
    message::{Body, ClientTx, Response},
    output::{Media, Output, Source},
    sdp::Sdp,
    world::{Callee, Destination, TrunkHop},
};

/// Parties that are being rung.
#[derive(Debug)]
pub(super) struct Hunt {
    /// The side of those that are rung.
    pub(super) side: Side,
    /// Whom they will talk to; nobody yet for the first party of a call that a program places.
    pub(super) partner: Option<LegId>,
    /// The partner's session description, if there is one.
    pub(super) offer: Option<Sdp>,
    /// The Referred-By that they are shown (RFC 3892).
    pub(super) referred_by: Option<Arc<str>>,
    /// That the call was sent on to them; `None` if they are rung as it was routed.
    pub(super) sent: Option<SentOn>,
    /// Which of the routings of the call it is, if it was sent on.
    pub(super) routing: u32,
    /// How many attempts were made: trunks, and phones that ring together.
    pub(super) attempts: u32,
    /// Text shown to whoever answers what it was sent on to.
    pub(super) screen_pop: Option<Arc<str>>,
    /// The number that is called instead of the one dialed, since a trunk has said so.
    pub(super) instead: Option<Number>,
    /// Those besides the caller who have sent the call on: what leaves their accounts counts there.
    pub(super) senders: Vec<AccountId>,
    /// Where the call was sent already.
    pub(super) redirections: Redirections,
    /// What is to be tried yet.
    steps: VecDeque<Step>,
    now: Trying,
    failures: Vec<Failure>,
    give_up_at: Duration,
    /// The leg whose early media the caller hears.
    pub(super) early: Option<LegId>,
    /// The extensions that ring, for who takes the call elsewhere.
    extensions: Vec<(AccountId, Number)>,
    /// The latest provisional response that was passed on.
    told: Option<u16>,
}

/// That a call was sent on, by whom and where.
#[derive(Clone)]
pub(super) struct SentOn {
    /// Who pays for it.
    pub(super) by: Owner,
    /// The leg whose party has sent it on, if one of the call's has.
    pub(super) sender: Option<LegId>,
    /// The number that it was sent to.
    pub(super) to: Number,
}

impl std::fmt::Debug for SentOn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SentOn").field("by", &self.by).field("sender", &self.sender).finish_non_exhaustive()
    }
}

/// Whom to try next.
#[derive(Debug)]
enum Step {
    Phones(Vec<Candidate>),
    Trunk(TrunkHop),
    /// A trunk at another one of its addresses.
    Address(TrunkHop, SocketAddr),
}

/// What is being tried.
#[derive(Debug)]
enum Trying {
    /// Phones, maybe for a while only since others are to ring after them.
    Phones { until: Option<Duration> },
    /// A trunk is being resolved and connected.
    Reaching(TrunkHop),
    /// A trunk, which is left if it says nothing at all for so long.
    Trunk { silent_until: Option<Duration> },
}

impl Hunt {
    /// For those who are rung on behalf of `partner`, who offers this.
    pub(super) fn new(side: Side, partner: Option<LegId>, offer: Option<Sdp>, give_up_at: Duration) -> Self {
        Self {
            side,
            partner,
            offer,
            referred_by: None,
            sent: None,
            routing: 0,
            attempts: 0,
            screen_pop: None,
            instead: None,
            senders: Vec::new(),
            redirections: Redirections::default(),
            steps: VecDeque::new(),
            now: Trying::Phones { until: None },
            failures: Vec::new(),
            give_up_at,
            early: None,
            extensions: Vec::new(),
            told: None,
        }
    }

    /// For those that a party has sent the call on to.
    pub(super) fn sent_on(&mut self, sent: SentOn) {
        self.senders.push(sent.by.account);
        self.sent = Some(sent);
    }

    pub(super) fn deadline(&self) -> Duration {
        let left_at = match self.now {
            Trying::Phones { until } => until,
            Trying::Trunk { silent_until } => silent_until,
            Trying::Reaching(_) => None,
        };
        left_at.map_or(self.give_up_at, |at| at.min(self.give_up_at))
    }

    pub(super) fn has_extensions(&self) -> bool {
        !self.extensions.is_empty()
    }

    pub(super) fn rings_at(&self, account: AccountId, extension: Option<&Number>) -> bool {
        let fits = |(owner, number): &(AccountId, Number)| {
            *owner == account && extension.is_none_or(|extension| number == extension)
        };
        self.extensions.iter().any(fits)
    }

    /// Whether a trunk is being resolved and connected.
    pub(super) fn is_reaching(&self) -> bool {
        matches!(self.now, Trying::Reaching(_))
    }

    /// Whether there are trunks to try yet.
    pub(super) fn is_trying_trunks(&self) -> bool {
        let is_trunk = |step: &Step| matches!(step, Step::Trunk(_) | Step::Address(..));
        self.is_reaching() || self.steps.iter().any(is_trunk)
    }

    /// Lets them ring for another one, who offers this.
    pub(super) fn hand_to(&mut self, partner: LegId, offer: Option<Sdp>) {
        self.partner = Some(partner);
        self.offer = offer;
        self.early = None;
    }

    /// Somebody answers, at last something.
    fn hear(&mut self) {
        if let Trying::Trunk { silent_until } = &mut self.now {
            *silent_until = None;
        }
    }
}

impl Call {
    /// A hunt that ends when nobody has answered for as long as may be.
    pub(super) fn new_hunt(side: Side, partner: Option<LegId>, offer: Option<Sdp>, cx: &Context<'_>) -> Hunt {
        Hunt::new(side, partner, offer, cx.now.monotonic + cx.settings.no_answer)
    }

    /// Rings `destination` in a hunt that has just begun.
    pub(super) fn hunt_for(&mut self, destination: Destination, cx: &mut Context<'_>) {
        self.count_routing();
        self.let_hear_ringing(cx);
        self.ring_destination(destination, cx);
    }

    /// Numbers the routing of those that are rung, if the call was sent on to them.
    pub(super) fn count_routing(&mut self) {
        let routing = self.routings + 1;
        if let Some(hunt) = self.hunt_mut().filter(|hunt| hunt.sent.is_some()) {
            (hunt.routing, hunt.attempts) = (routing, 0);
            self.routings = routing;
        }
    }

    /// Lets a party that is up hear ringing while others are rung for it.
    pub(super) fn let_hear_ringing(&mut self, cx: &mut Context<'_>) {
        if matches!(self.phase, Phase::Parked(_)) {
            return;
        }
        let partner = self.hunt().and_then(|hunt| hunt.partner);
        if let Some(partner) = partner.filter(|id| self.leg(*id).is_some_and(Leg::is_up)) {
            self.entertain(partner, Source::Ringback, cx);
        }
    }

    /// Rings those of `destination` too.
    pub(super) fn ring_destination(&mut self, destination: Destination, cx: &mut Context<'_>) {
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

    fn queue_phones(&mut self, waves: Vec<Vec<Candidate>>) {
        if let Some(hunt) = self.hunt_mut() {
            for wave in waves.into_iter().rev() {
                hunt.steps.push_front(Step::Phones(wave));
            }
        }
    }

    /// Whether the offer for the called parties is sound; if not, the call fails.
    fn has_sound_offer(&mut self, cx: &mut Context<'_>) -> bool {
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
    fn try_next(&mut self, last: Option<Failure>, cx: &mut Context<'_>) {
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
                let count = candidates.len();
                for candidate in candidates {
                    self.ring(candidate, self.asks_to_answer(count), cx);
                }
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

    fn try_trunk(&mut self, hop: TrunkHop, cx: &mut Context<'_>) {
        self.begin_attempt(hop.owner, None, cx);
        match self.admit_called(hop.owner, Some(hop.trunk), cx) {
            Ok(()) => self.reach(hop, None, cx),
            Err(full) => self.try_next(Some(full), cx),
        }
    }

    fn reach(&mut self, hop: TrunkHop, address: Option<SocketAddr>, cx: &mut Context<'_>) {
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
        self.ring(Candidate { callee, party: Party::of_trunk(&hop) }, false, cx);
    }

    /// A trunk that there is no way to: a leg that ends as it begins, and the next trunk.
    fn miss(&mut self, hop: &TrunkHop, cx: &mut Context<'_>) {
        let failure = unavailable();
        let from = self.shown_to(hop.owner.account).number;
        let endpoint = Endpoint::Trunk { id: hop.trunk, name: hop.name.clone() };
        self.tell_missed((hop.owner, endpoint), (from, hop.called.clone()), &failure, cx);
        self.try_next(Some(failure), cx);
    }

    /// Tells of a party that could not even be rung: a leg that ends as it begins.
    pub(super) fn tell_missed(
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

    /// A trunk's INVITE was sent once more, with credentials: it may be silent for so long again.
    pub(super) fn on_logged_in(&mut self, cx: &Context<'_>) {
        let until = Some(cx.now.monotonic + cx.settings.trunk_silence);
        if let Some(Trying::Trunk { silent_until }) = self.hunt_mut().map(|hunt| &mut hunt.now) {
            *silent_until = until;
        }
    }

    /// A response to the INVITE of a leg that is rung.
    pub(super) fn on_called_response(
        &mut self,
        id: LegId,
        tx: ClientTx,
        response: Response,
        cx: &mut Context<'_>,
    ) {
        let Some(called) = self.leg(id).and_then(Leg::called).filter(|called| called.invite == tx) else {
            return;
        };
        let rang = called.rang();
        if let Some(leg) = self.leg_mut(id) {
            leg.takes_update = response.takes_update.or(leg.takes_update);
        }
        if let Some(hunt) = self.hunt_mut() {
            hunt.hear();
        }
        if response.is_provisional() {
            return self.on_provisional(id, response, cx);
        }
        if response.is_success() {
            return self.on_answer(id, &response, cx);
        }
        if self.ask_for_longer(id, &response, cx) || self.redirect(id, &response, cx) {
            return;
        }
        self.on_refusal(id, Failure::of(&response, rang), cx);
    }

    fn on_provisional(&mut self, id: LegId, response: Response, cx: &mut Context<'_>) {
        if response.status.code == 100 || !self.hear(id, &response, cx) {
            return;
        }
        let rings = response.status.code == 180 || response.body.sdp().is_some();
        let is_news = rings && self.leg_mut(id).and_then(Leg::called_mut).is_some_and(|called| called.ring());
        if is_news {
            self.tell(EventKind::LegRinging { leg: id }, cx);
        }
        let body = self.early_media(id, response.body, cx);
        self.tell_progress(response.status.code, body, cx);
    }

    /// What the caller hears of a party before the answer: only one party can be heard.
    fn early_media(&mut self, id: LegId, body: Body, cx: &mut Context<'_>) -> Body {
        let (Some(caller), Some(sdp)) = (self.caller_leg(), body.sdp()) else { return Body::Empty };
        let Phase::Hunting(hunt) = &mut self.phase else { return Body::Empty };
        if *hunt.early.get_or_insert(id) != id || self.leg(caller).is_some_and(Leg::is_up) {
            return Body::Empty;
        }
        let passed = self.pass(id, caller, sdp, cx).ok().map(|sdp| self.within_offer(caller, sdp));
        cx.media(Media::Connect(caller, id));
        passed.into()
    }

    /// Passes a provisional response on to who waits for it, unless it says nothing new.
    fn tell_progress(&mut self, code: u16, body: Body, cx: &mut Context<'_>) {
        let Some(hunt) = self.hunt_mut() else { return };
        if body.is_empty() && hunt.told == Some(code) {
            return;
        }
        hunt.told = Some(code);
        match &self.phase {
            Phase::Hunting(_) => self.tell_caller_progress(code, body, cx),
            Phase::Transferring(_) => self.tell_referrer(code, cx),
            Phase::Placing { .. }
            | Phase::Joining(_)
            | Phase::Talking
            | Phase::Parked(_)
            | Phase::BusyTone(_)
            | Phase::Ending => {}
        }
    }

    fn on_refusal(&mut self, id: LegId, failure: Failure, cx: &mut Context<'_>) {
        let ending = Ending { by: Releaser::Party, ..Ending::failed(&failure) };
        self.end_leg(id, Notice::Known, ending, cx);
        self.count_failure(failure, cx);
    }

    /// Goes on after one of the rung parties has failed.
    pub(super) fn count_failure(&mut self, failure: Failure, cx: &mut Context<'_>) {
        let is_global = failure.is_global();
        let Some(hunt) = self.hunt_mut() else { return };
        hunt.failures.push(failure.clone());
        if is_global {
            hunt.steps.retain(|step| !matches!(step, Step::Phones(_)));
            self.end_rung(&Ending::cancelled(EndCause::Cancelled), cx);
        }
        if self.legs.iter().any(Leg::is_called) {
            return;
        }
        let Some(hunt) = self.hunt_mut() else { return };
        match hunt.steps.front() {
            _ if matches!(hunt.now, Trying::Reaching(_)) => {}
            Some(Step::Phones(_)) => self.try_next(Some(failure), cx),
            Some(Step::Trunk(_) | Step::Address(..)) if failure.is_of_trunk() => {
                self.try_next(Some(failure), cx)
            }
            Some(Step::Trunk(_) | Step::Address(..)) | None => {
                let best = best(&hunt.failures).cloned().unwrap_or(failure);
                self.fail_hunt(&best, cx);
            }
        }
    }

    /// Nobody could be got.
    pub(super) fn fail_hunt(&mut self, failure: &Failure, cx: &mut Context<'_>) {
        self.booking.release(&mut cx.state.counts, Holder::Hunt);
        match &mut self.phase {
            Phase::Placing { .. } | Phase::Hunting(_) => self.give_up_caller(failure, cx),
            Phase::Transferring(_) => self.fail_transfer(failure, cx),
            // The party waits on in its slot.
            Phase::Parked(parked) => parked.stay = Stay::Waiting,
            Phase::Joining(_) | Phase::Talking | Phase::BusyTone(_) | Phase::Ending => {}
        }
    }

    /// Whether nobody answers in time, and whether those who are tried now are to be left for the next.
    pub(super) fn watch_hunt(&mut self, cx: &mut Context<'_>) {
        let now = cx.now.monotonic;
        let Some(hunt) = self.hunt_mut() else { return };
        if now >= hunt.give_up_at {
            self.end_rung(&Ending::new(Releaser::Party, EndCause::NoAnswer, 487), cx);
            return self.fail_hunt(&Failure::ours(480, EndCause::NoAnswer), cx);
        }
        let is_over = |until: &mut Option<Duration>| until.take_if(|until| now >= *until).is_some();
        match &mut hunt.now {
            Trying::Trunk { silent_until } => {
                if is_over(silent_until) {
                    let failure = Failure::ours(408, EndCause::Unavailable);
                    self.end_rung(&Ending::failed(&failure), cx);
                    self.count_failure(failure, cx);
                }
            }
            Trying::Phones { until } => {
                if is_over(until) {
                    self.end_rung(&Ending::new(Releaser::Party, EndCause::NoAnswer, 487), cx);
                    self.count_failure(Failure::ours(480, EndCause::NoAnswer), cx);
                }
            }
            Trying::Reaching(_) => {}
        }
    }
}

pub(super) fn unavailable() -> Failure {
    Failure::ours(503, EndCause::Unavailable)
}
