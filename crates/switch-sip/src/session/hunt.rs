//! Ringing parties until one answers: all contacts of an extension at once, or one trunk after the other.

use std::{collections::VecDeque, net::SocketAddr, sync::Arc, time::Duration};

use call::{
    AccountId, DeviceId, EventKind, LegId, Number,
    event::{EndCause, LegDirection, LegEnd, LegOffer, Releaser, Side},
    party::{Endpoint, Owner},
};
use directory::{
    Snapshot,
    model::Trunk,
    routing::{Destination, TrunkHop},
};
use rsipstack::sip::{Response, StatusCode, StatusCodeKind};
use tokio::time::Instant;

use super::{
    Input, Session,
    ending::{Ending, Notice},
    leg::{Line, Progress},
    redirect::Redirections,
    routing::Called,
};
use crate::{
    cause::{Failure, best, sip_status},
    limits::Admission,
    message::{
        build,
        extension::{self, RELIABLE},
        fields::Body,
    },
    names::Place,
    random::leg_id,
    ringing::Ring,
    transport::Flow,
};

/// Parties that are being rung.
pub(super) struct Hunt {
    pub(super) purpose: Purpose,
    /// The side of those that are rung.
    pub(super) side: Side,
    /// Whom they will talk to.
    pub(super) partner: Option<LegId>,
    /// The partner's session description.
    pub(super) offer: Body,
    /// The Referred-By that they are shown (RFC 3892).
    pub(super) referrer: Option<Arc<str>>,
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
    /// Trunks to try yet.
    ways: VecDeque<Way>,
    /// A trunk is being connected to.
    is_reaching: bool,
    failures: Vec<Failure>,
    give_up_at: Instant,
    /// When a trunk that has said nothing is left.
    pub(super) silence_ends: Option<Instant>,
    /// The leg whose early media the caller hears.
    pub(super) early: Option<LegId>,
    /// The extensions that ring, for who takes the call elsewhere.
    rings: Vec<Ring>,
    /// The room that the rung parties take up.
    pub(super) admission: Option<Admission>,
    /// The latest provisional response that the caller was sent.
    told: Option<StatusCode>,
}

/// A trunk to try: anew, or at another one of its addresses.
struct Way {
    hop: TrunkHop,
    address: Option<SocketAddr>,
}

/// What parties are rung for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To be the first party of a call that the API places.
    First,
    /// To talk to the caller.
    Called,
    /// To take over a party that is handed on.
    Transfer,
    /// To take a party out of its parking slot.
    Retrieval,
}

impl Purpose {
    /// Whether the party that others are rung for is answered already, and stays if they fail.
    pub(super) fn is_for_one_who_talks(self) -> bool {
        matches!(self, Self::Transfer | Self::Retrieval)
    }
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

/// Whom to ring on whose behalf.
pub(super) struct Quest {
    pub(super) purpose: Purpose,
    /// The side of those that are rung.
    pub(super) side: Side,
    pub(super) partner: Option<LegId>,
    /// The partner's session description, if there is one.
    pub(super) offer: Body,
    pub(super) referrer: Option<Arc<str>>,
    /// Who has sent the call on to them; `None` if they are rung as it was routed.
    pub(super) sent: Option<SentOn>,
}

impl Quest {
    /// For the first party of a call that the API places.
    pub(super) fn first(side: Side, sent: SentOn) -> Self {
        Self {
            purpose: Purpose::First,
            side,
            partner: None,
            offer: Body::default(),
            referrer: None,
            sent: Some(sent),
        }
    }

    /// For whom the caller has dialed.
    pub(super) fn of_caller(caller: Option<LegId>, offer: Body) -> Self {
        let (purpose, side) = (Purpose::Called, Side::Termination);
        Self { purpose, side, partner: caller, offer, referrer: None, sent: None }
    }
}

impl Hunt {
    fn new(quest: Quest, limit: Duration) -> Self {
        // The room of who places a call is taken already.
        let senders = quest.sent.iter().filter(|_| quest.purpose != Purpose::First);
        Self {
            senders: senders.map(|sent| sent.by.account).collect(),
            sent: quest.sent,
            routing: 0,
            attempts: 0,
            screen_pop: None,
            instead: None,
            purpose: quest.purpose,
            side: quest.side,
            partner: quest.partner,
            offer: quest.offer,
            referrer: quest.referrer,
            redirections: Redirections::default(),
            ways: VecDeque::new(),
            is_reaching: false,
            failures: Vec::new(),
            give_up_at: Instant::now() + limit,
            silence_ends: None,
            early: None,
            rings: Vec::new(),
            admission: None,
            told: None,
        }
    }

    /// Those that ring do so for another from now on.
    pub(super) fn hand_to(&mut self, purpose: Purpose, partner: LegId, offer: Body) {
        (self.purpose, self.partner, self.offer) = (purpose, Some(partner), offer);
        (self.early, self.told) = (None, None);
    }

    pub(super) fn deadline(&self) -> Instant {
        self.silence_ends.map_or(self.give_up_at, |ends| ends.min(self.give_up_at))
    }
}

impl Session {
    /// Rings `destination`.
    pub(super) fn hunt_for(&mut self, directory: &Snapshot, quest: Quest, destination: Destination) {
        let mut hunt = Hunt::new(quest, self.core.config.no_answer);
        if hunt.sent.is_some() {
            self.routings += 1;
            hunt.routing = self.routings;
        }
        self.hunt = Some(hunt);
        self.let_hear_ringing();
        self.ring_destination(directory, destination);
    }

    /// Rings those of `destination` too.
    pub(super) fn ring_destination(&mut self, directory: &Snapshot, destination: Destination) {
        match destination {
            Destination::Phones { owner, extension, devices, screen_pop } => {
                self.begin_attempt(directory, owner, screen_pop);
                if let Err(failure) = self.admit_called(directory, owner, None) {
                    return self.count_failure(failure);
                }
                let contacts = self.contacts(directory, owner, &extension, &devices);
                if contacts.is_empty() {
                    return self.miss_all(directory, owner, &devices);
                }
                // The first party of a placed call has nobody yet whom others could take.
                if let Some(hunt) = self.hunt.as_mut().filter(|hunt| hunt.partner.is_some()) {
                    let ring = self.core.ringing.add(owner.account, extension, self.mailbox.clone());
                    hunt.rings.push(ring);
                }
                if self.has_sound_offer() {
                    let count = contacts.len();
                    contacts.into_iter().for_each(|contact| self.ring(contact, count));
                }
            }
            Destination::Trunks(mut hops) => {
                // Those that are not likely to take it go last; nothing but the call itself can tell for sure.
                hops.sort_by_key(|hop| !self.core.trunks.is_fit(hop.trunk));
                if self.has_sound_offer()
                    && let Some(hunt) = &mut self.hunt
                {
                    hunt.ways = hops.into_iter().map(|hop| Way { hop, address: None }).collect();
                    self.try_next_trunk(unavailable());
                }
            }
        }
    }

    /// Whether the offer for the called parties is sound; if not, the call fails.
    fn has_sound_offer(&mut self) -> bool {
        let Some(hunt) = &self.hunt else { return false };
        let (partner, offer) = (hunt.partner, hunt.offer.clone());
        let described = partner.map_or(Ok(()), |partner| self.describe(partner, &offer));
        if let Err(failure) = &described {
            self.fail(failure);
        }
        described.is_ok()
    }

    /// None of the phones is registered.
    fn miss_all(&mut self, directory: &Snapshot, owner: Owner, devices: &[DeviceId]) {
        if self.hunt.as_ref().is_some_and(|hunt| hunt.purpose == Purpose::First) {
            let device = devices.iter().find_map(|id| directory.device(*id));
            self.miss_phones(directory, owner, device);
        }
        self.count_failure(Failure::ours(StatusCode::TemporarilyUnavailable, EndCause::Unavailable));
    }

    /// Tries the next trunk; without one, the call fails like the last.
    fn try_next_trunk(&mut self, last: Failure) {
        let directory = self.core.directory.snapshot();
        let Some(hunt) = &mut self.hunt else { return };
        hunt.silence_ends = None;
        hunt.failures.clear();
        let Some(Way { hop, address }) = hunt.ways.pop_front() else { return self.fail(&last) };
        match (directory.trunk(hop.trunk), address) {
            (Some(trunk), Some(address)) => self.try_address_anew(trunk, hop, address),
            (Some(trunk), None) => self.try_trunk(&directory, trunk, hop),
            (None, _) => self.miss(&hop),
        }
    }

    /// Says to whom the call goes now: by its own routing, or with the legs of what it was sent on to.
    fn begin_attempt(&mut self, directory: &Snapshot, owner: Owner, screen_pop: Option<Arc<str>>) {
        let Some(hunt) = &mut self.hunt else { return };
        hunt.attempts += 1;
        match (&hunt.sent, hunt.purpose) {
            (None, Purpose::Called) => self.tell_routed(directory, Some(owner), screen_pop),
            _ => hunt.screen_pop = screen_pop,
        }
    }

    fn try_trunk(&mut self, directory: &Snapshot, trunk: &Trunk, hop: TrunkHop) {
        self.begin_attempt(directory, hop.owner, None);
        if let Err(full) = self.admit_called(directory, hop.owner, Some(trunk.id)) {
            return self.try_next_trunk(full);
        }
        match self.core.names.known(&Place::of(trunk)).as_deref() {
            Some([first, others @ ..]) => {
                self.queue_addresses(&hop, others);
                self.try_address(trunk, hop, *first);
            }
            _ => self.reach(trunk, hop, None),
        }
    }

    /// Lets other addresses of a trunk be tried before the next trunk is.
    fn queue_addresses(&mut self, hop: &TrunkHop, addresses: &[SocketAddr]) {
        let Some(hunt) = &mut self.hunt else { return };
        for address in addresses.iter().rev() {
            hunt.ways.push_front(Way { hop: hop.clone(), address: Some(*address) });
        }
    }

    /// Goes on to another address of the same trunk.
    fn try_address_anew(&mut self, trunk: &Trunk, hop: TrunkHop, address: SocketAddr) {
        if let Some(hunt) = &mut self.hunt {
            hunt.attempts += 1;
        }
        self.try_address(trunk, hop, address);
    }

    fn try_address(&mut self, trunk: &Trunk, hop: TrunkHop, address: SocketAddr) {
        match self.core.network.flow_to(trunk.transport, address, &trunk.host) {
            Some(flow) => self.ring_trunk(trunk, &hop, flow),
            None => self.reach(trunk, hop, Some(address)),
        }
    }

    /// Resolves the trunk's name, unless an address is given, and connects, apart from the call's task.
    fn reach(&mut self, trunk: &Trunk, hop: TrunkHop, address: Option<SocketAddr>) {
        if let Some(hunt) = &mut self.hunt {
            hunt.is_reaching = true;
        }
        let (core, mailbox) = (self.core.clone(), self.mailbox.clone());
        let (host, place, transport) = (trunk.host.clone(), Place::of(trunk), trunk.transport);
        self.core.stack.tasks.spawn(async move {
            let found = match address {
                Some(address) => Some(vec![address]),
                None => core.names.find(&place).await.map(|found| found.to_vec()),
            };
            let addresses = found.unwrap_or_default();
            let flow = match addresses.first() {
                Some(at) => core.network.reach(transport, *at, &host).await.ok(),
                None => None,
            };
            let others = addresses.into_iter().skip(1).collect();
            mailbox.post(Input::Reached { hop, flow, others });
        });
    }

    /// The way to a trunk is there, or there is none.
    pub(super) fn on_reached(&mut self, hop: &TrunkHop, flow: Option<Flow>, others: &[SocketAddr]) {
        let directory = self.core.directory.snapshot();
        let Some(hunt) = self.hunt.as_mut().filter(|hunt| hunt.is_reaching) else { return };
        hunt.is_reaching = false;
        self.queue_addresses(hop, others);
        match (directory.trunk(hop.trunk), flow) {
            (Some(trunk), Some(flow)) => self.ring_trunk(trunk, hop, flow),
            _ => self.miss(hop),
        }
    }

    fn ring_trunk(&mut self, trunk: &Trunk, hop: &TrunkHop, flow: Flow) {
        let flow = flow.with_access(self.core.trunks.login(trunk), &Arc::default());
        let Some(called) = Called::trunk(trunk, hop, flow) else { return self.miss(hop) };
        let Some(hunt) = &mut self.hunt else { return };
        hunt.silence_ends = Some(Instant::now() + self.core.config.trunk_silence);
        self.ring(called, 1);
    }

    /// A trunk that there is no way to: a leg that ends as it begins, and the next trunk.
    fn miss(&mut self, hop: &TrunkHop) {
        let failure = unavailable();
        if let Some(hunt) = &self.hunt {
            let leg = leg_id(self.clock.now());
            let from = self.shown(hop.owner.account == self.setting.origination.account);
            let endpoint = Endpoint::Trunk { id: hop.trunk, name: hop.name.clone() };
            let offer = LegOffer {
                side: hunt.side,
                direction: LegDirection::Outgoing,
                owner: hop.owner,
                route: self.route_of(hop.owner, &endpoint, &from),
                endpoint,
                from,
                to: hop.called.clone(),
                sip: None,
            };
            self.tell(EventKind::LegOffered { leg, offer: Arc::new(offer) });
            let end = LegEnd::new(Releaser::Switch, failure.cause, Some(failure.status.clone()));
            self.tell(EventKind::LegEnded { leg, end });
        }
        self.try_next_trunk(failure);
    }

    /// A response to the INVITE of an outgoing leg.
    pub(super) fn on_response(&mut self, id: LegId, response: &Response) {
        let Some(leg) = self.leg(id).filter(|leg| leg.is_pending()) else { return };
        let rang = leg.progress == Progress::Ringing;
        if let Some(hunt) = &mut self.hunt {
            hunt.silence_ends = None;
        }
        match response.status_code.kind() {
            StatusCodeKind::Provisional => self.on_provisional(id, response),
            StatusCodeKind::Successful => {
                self.on_answer(id, response);
                self.take_early_bye(id, response);
            }
            _ if self.log_in(id, response) || self.ask_for_longer(id, response) => {}
            _ if self.redirect(id, response) => {}
            _ => self.on_refusal(id, Failure::of(response, rang)),
        }
    }

    fn on_provisional(&mut self, id: LegId, response: &Response) {
        if response.status_code == StatusCode::Trying || !self.hear(id, response) {
            return;
        }
        let body = Body::of_response(response);
        let rings = response.status_code == StatusCode::Ringing || body.is_sdp();
        if let Some(leg) = self.leg_mut(id).filter(|leg| rings && leg.progress == Progress::Offered) {
            leg.progress = Progress::Ringing;
            self.tell(EventKind::LegRinging { leg: id });
        }
        let body = self.early_media(id, body);
        self.tell_progress(&response.status_code, body);
    }

    /// What the caller hears of a party before the answer: only one party can be heard.
    fn early_media(&mut self, id: LegId, body: Body) -> Body {
        let (Some(hunt), Some(caller)) = (&mut self.hunt, self.caller) else { return Body::default() };
        if !body.is_sdp() || hunt.purpose != Purpose::Called || *hunt.early.get_or_insert(id) != id {
            return Body::default();
        }
        let passed = self.pass(id, caller, body).unwrap_or_default();
        self.media.connect(caller, id);
        self.answer_to_caller(caller, passed)
    }

    /// Passes a provisional response on to who waits for it, unless it says nothing new.
    fn tell_progress(&mut self, status: &StatusCode, body: Body) {
        let Some(hunt) = &mut self.hunt else { return };
        if body.is_empty() && hunt.told.as_ref() == Some(status) {
            return;
        }
        hunt.told = Some(status.clone());
        match hunt.purpose {
            Purpose::Called => self.tell_caller_progress(status, body),
            Purpose::Transfer => self.tell_referrer(status),
            Purpose::First | Purpose::Retrieval => {}
        }
    }

    fn tell_caller_progress(&mut self, status: &StatusCode, body: Body) {
        let Some(caller) = self.caller_leg() else { return };
        let body = self.describe_to(caller, body);
        let Some(leg) = self.leg(caller) else { return };
        let (Line::Incoming(invite), Some(dialog)) = (&leg.line, leg.dialog()) else { return };
        invite.respond(status.clone(), &leg.tag(), |response| {
            if self.is_early_for_good() {
                response.headers.push(extension::required(RELIABLE));
            }
            build::make_dialog(response, &invite.request, dialog.flow.contact());
            build::set_body(&mut response.headers, &mut response.body, body);
        });
    }

    pub(super) fn is_trying_trunks(&self) -> bool {
        self.hunt.as_ref().is_some_and(|hunt| !hunt.ways.is_empty() || hunt.is_reaching)
    }

    fn on_refusal(&mut self, id: LegId, failure: Failure) {
        self.end_leg(id, Notice::Known, Ending::after(Releaser::Party, &failure));
        self.count_failure(failure);
    }

    /// Goes on after one of the rung parties has failed.
    pub(super) fn count_failure(&mut self, failure: Failure) {
        let Some(hunt) = &mut self.hunt else { return };
        hunt.failures.push(failure.clone());
        if failure.is_global() {
            let ours = sip_status(&StatusCode::RequestTerminated);
            self.end_rung(&Ending::new(Releaser::Switch, EndCause::Cancelled, ours));
        }
        let is_ringing = self.legs.iter().any(|leg| leg.is_called() && leg.is_pending());
        let Some(hunt) = self.hunt.as_ref().filter(|_| !is_ringing) else { return };
        if failure.is_of_trunk() && !hunt.ways.is_empty() {
            return self.try_next_trunk(failure);
        }
        let best = best(&hunt.failures).cloned().unwrap_or(failure);
        self.fail(&best);
    }

    /// Nobody could be got.
    fn fail(&mut self, failure: &Failure) {
        let Some(hunt) = self.hunt.take() else { return };
        match hunt.purpose {
            Purpose::First | Purpose::Called => self.give_up_caller(failure),
            Purpose::Transfer => self.fail_transfer(failure),
            // The party waits on in its slot.
            Purpose::Retrieval => {}
        }
    }

    /// Whether nobody answers in time, and whether a trunk is silent for too long.
    pub(super) fn watch_hunt(&mut self, now: Instant) {
        let Some(hunt) = &self.hunt else { return };
        if now >= hunt.give_up_at {
            let ours = sip_status(&StatusCode::RequestTerminated);
            self.end_rung(&Ending::new(Releaser::Party, EndCause::NoAnswer, ours));
            self.fail(&Failure::ours(StatusCode::TemporarilyUnavailable, EndCause::NoAnswer));
        } else if hunt.silence_ends.is_some_and(|ends| now >= ends) {
            let failure = Failure::ours(StatusCode::RequestTimeout, EndCause::Unavailable);
            self.end_rung(&Ending::after(Releaser::Switch, &failure));
            self.count_failure(failure);
        }
    }
}

fn unavailable() -> Failure {
    Failure::ours(StatusCode::ServiceUnavailable, EndCause::Unavailable)
}
