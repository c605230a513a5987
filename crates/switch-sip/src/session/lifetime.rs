//! Session timers (RFC 4028): each answered leg is refreshed from time to time, by its party or by us, and
//! ends if it is not.

use std::time::Duration;

use call::LegId;
use rsipstack::{
    sip::{Header, Method, Request, Response, StatusCode, StatusCodeKind, headers::RetryAfter},
    transaction::transaction::Transaction,
};
use tokio::time::Instant;

use super::{Input, Session, leg::Leg, proposal::Aim};
use crate::{
    config::SessionLimits,
    dispatch::answer,
    message::{
        build,
        extension::{self, TIMER},
        fields::{self, Body},
        session_timer::{self, Refresher, Terms},
    },
    outgoing::Retry,
    task::launch,
};

/// How long before its end a session that was not refreshed is given up at the most (section 10).
const MARGIN: Duration = Duration::from_secs(32);

/// How long a leg lives without a refresh.
pub(super) struct Lifetime {
    interval: Duration,
    shortest: Duration,
    is_ours: bool,
    /// When we refresh it.
    refresh_at: Option<Instant>,
    ends_at: Instant,
}

impl Lifetime {
    fn new(interval: Duration, shortest: Duration, is_ours: bool) -> Self {
        let now = Instant::now();
        let refresh_at = is_ours.then(|| now + interval / 2);
        Self { interval, shortest, is_ours, refresh_at, ends_at: now + interval - MARGIN.min(interval / 3) }
    }

    /// What a request of ours says of it.
    pub(super) fn headers(&self) -> [Header; 3] {
        let refresher = if self.is_ours { Refresher::Client } else { Refresher::Server };
        let terms = Terms { interval: self.interval, refresher };
        let shortest = session_timer::shortest_header(self.shortest);
        [extension::supported(&[TIMER]), terms.header(), shortest]
    }

    fn deadline(&self) -> Instant {
        self.refresh_at.map_or(self.ends_at, |at| at.min(self.ends_at))
    }
}

impl Session {
    /// When the next leg is to be refreshed, or ends.
    pub(super) fn lifetimes_end(&self) -> Option<Instant> {
        self.legs.iter().filter_map(|leg| leg.lifetime.as_ref().map(Lifetime::deadline)).min()
    }

    /// Refreshes the legs that are due, and ends those that were not refreshed.
    pub(super) fn watch_lifetimes(&mut self, now: Instant) {
        let is_due = |leg: &&Leg| leg.lifetime.as_ref().is_some_and(|life| now >= life.deadline());
        let due: Vec<_> = self.legs.iter().filter(is_due).map(|leg| leg.id).collect();
        for id in due {
            match self.leg_mut(id).and_then(|leg| leg.lifetime.as_mut()) {
                Some(life) if now < life.ends_at => {
                    life.refresh_at = None;
                    self.refresh(id);
                }
                Some(_) => self.on_breakdown(id),
                None => {}
            }
        }
    }

    /// Says in an INVITE that begins a leg how long the session shall live.
    pub(super) fn limit(&self, invite: &mut Request) {
        let limits = &self.core.config.sessions;
        if !limits.longest.is_zero() {
            invite.headers.push(session_timer::wish(limits.longest));
            invite.headers.push(session_timer::shortest_header(limits.shortest));
        }
    }

    /// Calls a party again for which the session is too short, with the least that it takes; says whether it
    /// did (section 7.3).
    pub(super) fn ask_for_longer(&mut self, id: LegId, response: &Response) -> bool {
        if response.status_code != StatusCode::SessionIntervalTooSmall {
            return false;
        }
        let least = session_timer::shortest(response);
        let longest = self.core.config.sessions.longest.max(least);
        self.repeat_invite(id, Retry::Length, |dialog, mut invite| {
            invite.headers.unique_push(session_timer::wish(longest));
            invite.headers.unique_push(session_timer::shortest_header(least));
            Some(dialog.renew(invite))
        })
    }

    /// Takes in what a leg's party agrees to.
    pub(super) fn live_as_agreed(&mut self, id: LegId, answer: &Response) {
        let SessionLimits { longest, shortest } = self.core.config.sessions;
        if longest.is_zero() {
            return;
        }
        let Some(leg) = self.leg_mut(id) else { return };
        let before = leg.lifetime.as_ref().map_or(longest, |life| life.interval);
        let Terms { interval, refresher } = session_timer::agreed_by_peer(answer, before);
        leg.lifetime = Some(Lifetime::new(interval, shortest, refresher == Refresher::Client));
    }

    /// Agrees with what a leg's party asks for, and gives what the answer says of that.
    pub(super) fn live_as_asked(&mut self, id: LegId, request: &Request) -> Vec<Header> {
        let limits = &self.core.config.sessions;
        if limits.longest.is_zero() {
            return Vec::new();
        }
        let (terms, shortest) = (session_timer::agreed_by_us(request, limits), limits.shortest);
        if let Some(leg) = self.leg_mut(id) {
            leg.lifetime =
                Some(Lifetime::new(terms.interval, shortest, terms.refresher == Refresher::Server));
        }
        match terms.refresher {
            Refresher::Client => vec![extension::required(TIMER), terms.header()],
            // Who does not know the extension is not told of it, and what we do is the same.
            Refresher::Server if extension::is_supported(request, TIMER) => {
                vec![extension::required(TIMER), terms.header()]
            }
            Refresher::Server => Vec::new(),
        }
    }

    /// Refuses a request that asks for too short a session; says whether it did.
    pub(super) fn refuses_as_short(&self, request: &Request) -> bool {
        session_timer::is_too_short(request, &self.core.config.sessions)
    }

    /// Answers a request that asks for too short a session (section 9).
    pub(super) fn refuse_as_short(&self, transaction: Transaction) {
        let shortest = session_timer::shortest_header(self.core.config.sessions.shortest);
        answer(&self.core, transaction, StatusCode::SessionIntervalTooSmall, |response| {
            response.headers.push(shortest);
        });
    }

    /// Answers an UPDATE that offers nothing: it only refreshes (RFC 3311 section 5.2).
    pub(super) fn refresh_as_asked(&mut self, id: LegId, transaction: Transaction) {
        let headers = self.live_as_asked(id, &transaction.original);
        let contact = self.leg(id).and_then(Leg::dialog).map(|dialog| dialog.flow.contact().to_owned());
        let request = transaction.original.clone();
        answer(&self.core, transaction, StatusCode::OK, |response| {
            build::make_dialog(response, &request, &contact.unwrap_or_default());
            response.headers.extend(headers);
        });
    }

    /// Refuses an offer of a party that has another one open (RFC 3261 section 14.2, RFC 3311 section 5.2).
    pub(super) fn put_off(&self, transaction: Transaction) {
        answer(&self.core, transaction, StatusCode::ServerInternalError, |response| {
            let rest = rand::random_range(0..=10_u32);
            response.headers.push(Header::RetryAfter(RetryAfter::new(rest.to_string())));
        });
    }

    /// Refreshes a leg: with an UPDATE if its party takes that, else with its session description once more.
    fn refresh(&mut self, id: LegId) {
        let Some(dialog) = self.leg_mut(id).and_then(Leg::dialog_mut) else { return };
        if !dialog.takes(Method::Update) {
            let body = dialog.description().clone();
            return self.propose(id, body, Aim::Adjust);
        }
        let stack = self.core.stack.clone();
        let asked =
            self.leg_mut(id).and_then(|leg| leg.ask(&stack, Method::Update, 70, Body::default(), None));
        let (Some(exchange), mailbox) = (asked, self.mailbox.clone()) else { return };
        launch(&stack.tasks, async move {
            mailbox.post(Input::Refreshed { leg: id, response: exchange.await });
        });
    }

    /// The final response to an UPDATE of ours. Whatever it is, it comes from somebody who is there, unless
    /// the dialog is not known there.
    pub(super) fn on_refreshed(&mut self, id: LegId, response: Option<&Response>) {
        let code = response.map_or(408, |response| response.status_code.code());
        match response.filter(|response| response.status_code.kind() == StatusCodeKind::Successful) {
            _ if matches!(code, 408 | 481) => self.on_breakdown(id),
            Some(response) => {
                if let Some(dialog) = self.leg_mut(id).and_then(Leg::dialog_mut) {
                    dialog.retarget(fields::contact(response));
                }
                self.live_as_agreed(id, response);
            }
            None => self.refresh_otherwise(id, code),
        }
    }

    /// After a refusal of an UPDATE: with a re-INVITE next time if UPDATE is not known there after all.
    fn refresh_otherwise(&mut self, id: LegId, code: u16) {
        let Some(leg) = self.leg_mut(id) else { return };
        if matches!(code, 405 | 501)
            && let Some(dialog) = leg.dialog_mut()
        {
            dialog.forget_update();
            return self.refresh(id);
        }
        if let Some(life) = &mut leg.lifetime {
            // 491 wants a rest of at most four seconds (RFC 3261 section 14.1); the others had none to go by.
            life.refresh_at = Some(Instant::now() + Duration::from_millis(rand::random_range(2100..4000)));
        }
    }
}
