//! Ringing parties until one answers: all contacts of an extension that are preferred alike at once, those
//! that are less so after them, and one trunk after the other.

mod outcomes;
mod trying;

use std::{collections::VecDeque, net::SocketAddr, sync::Arc, time::Duration};

use call::{
    AccountId, LegId, Number,
    event::{EndCause, Side},
    party::Owner,
};

use super::{Call, Phase, redirect::Redirections, routing::Candidate};
use crate::{
    Context,
    failure::Failure,
    leg::Leg,
    output::Source,
    sdp::Sdp,
    world::{Destination, TrunkHop},
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

    pub(super) fn extensions(&self) -> &[(AccountId, Number)] {
        &self.extensions
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
}

pub(super) fn unavailable() -> Failure {
    Failure::ours(503, EndCause::Unavailable)
}
