//! The call record (CDR): one per call, a projection of its events.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use rust_decimal::Decimal;

use crate::{
    event::{CallEvent, EndCause, EventKind, LegDirection, Releaser, Side, SipStatus},
    id::{AccountId, CallId, LegId},
    number::Number,
    party::{Endpoint, Owner, Transport},
    rating::{Charge, Rate},
    state::{Call, Leg, Phase, Sides},
    time::Timestamp,
};

/// A finished call. Refused, busy and unanswered calls have one too.
#[derive(Clone, Debug, PartialEq)]
pub struct CallRecord {
    /// The call.
    pub call_id: CallId,
    /// Calls that were merged into it.
    pub absorbed: Vec<CallId>,
    /// Whose equipment sent it.
    pub origination: Owner,
    /// To whom it was delivered last; `None` if it never had a route.
    pub termination: Option<Owner>,
    /// When it was accepted.
    pub started_at: Timestamp,
    /// When the called party first rang.
    pub ringing_at: Option<Timestamp>,
    /// When the called party answered.
    pub answered_at: Option<Timestamp>,
    /// When its parties parted; for an unanswered call, when it was given up.
    pub ended_at: Timestamp,
    /// Why it ended.
    pub cause: EndCause,
    /// Who ended it.
    pub released_by: ReleasedBy,
    /// How its time was spent.
    pub times: Times,
    /// How often a party was put on hold.
    pub hold_count: u32,
    /// The caller's number as received.
    pub caller_received: Number,
    /// The caller's number as used for routing.
    pub caller_routed: Number,
    /// The caller's name as received.
    pub caller_name: Option<Arc<str>>,
    /// The number as dialed.
    pub called_received: Number,
    /// The called number as used for routing.
    pub called_routed: Number,
    /// Country of the caller's number (ISO 3166-1 numeric).
    pub caller_country: Option<u16>,
    /// Country of the called number (ISO 3166-1 numeric).
    pub called_country: Option<u16>,
    /// SIP facts of the caller's leg.
    pub caller_leg: LegFacts,
    /// SIP facts of the last leg toward the called party.
    pub called_leg: Option<LegFacts>,
    /// The person or phone that answered; `None` if a trunk did, or nobody.
    pub answered_by: Option<Arc<str>>,
    /// Whom the call was transferred to, the last time.
    pub transferred_to: Option<TransferredTo>,
    /// Text shown for the called number.
    pub screen_pop: Option<Arc<str>>,
    /// What the origination account pays.
    pub origination_rate: Option<Rate>,
    /// What the termination account is paid.
    pub termination_rate: Option<Rate>,
    /// What happened to it, oldest first.
    pub interactions: Vec<Interaction>,
    /// Every leg, in the order in which they were offered.
    pub legs: Vec<LegRecord>,
}

/// Who ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReleasedBy {
    /// The calling party.
    Caller,
    /// The called party, or whom it was transferred to.
    Callee,
    /// The switch.
    Switch,
    /// A command of the API.
    Command,
}

/// The outcome of a call in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// The called party answered.
    Answered,
    /// It was busy.
    Busy,
    /// It did not answer in time.
    NoAnswer,
    /// The caller gave up first.
    Cancelled,
    /// It refused.
    Rejected,
    /// There is no such number.
    NoRoute,
    /// No phone was registered, or no trunk answered.
    Unavailable,
    /// A limit was reached.
    Limit,
    /// Something failed, or the server stopped.
    Failed,
}

/// How a call's time was spent. The parts add up to `ended_at - started_at`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Post-dial delay: until the called party rang.
    pub pdd: Duration,
    /// Until it answered, after it rang.
    pub ring: Duration,
    /// Talking.
    pub talk: Duration,
    /// With a party on hold or parked.
    pub hold: Duration,
    /// With a party being handed over.
    pub transfer: Duration,
}

/// What SIP said on a leg.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LegFacts {
    /// The final status: toward the caller, or from the called party.
    pub status: Option<SipStatus>,
    /// The peer's address and port.
    pub address: Option<SocketAddr>,
    /// What carried SIP.
    pub transport: Option<Transport>,
    /// The peer's `User-Agent` or `Server`.
    pub user_agent: Option<Arc<str>>,
    /// The Call-ID header.
    pub sip_call_id: Option<Arc<str>>,
    /// Our tag.
    pub local_tag: Option<Arc<str>>,
    /// Host of the From URI.
    pub from_domain: Option<Arc<str>>,
    /// Host of the To URI.
    pub to_domain: Option<Arc<str>>,
    /// Host of the request URI.
    pub ruri_domain: Option<Arc<str>>,
    /// `Diversion` headers, comma-joined.
    pub diversion: Option<Arc<str>>,
}

/// Whom a call was transferred to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferredTo {
    /// The number dialed for it.
    pub number: Number,
    /// Its name, where the directory knows one.
    pub name: Option<Arc<str>>,
}

/// Something a party did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interaction {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: InteractionKind,
    /// Who, by the name of their endpoint in the directory.
    pub by: Option<Arc<str>>,
    /// To whom, for transfers and parking: a number or a slot.
    pub target: Option<Number>,
}

/// What a party did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InteractionKind {
    /// Answered.
    Answered,
    /// Put the other side on hold.
    Held,
    /// Took the other side back from hold, or a parked party out of its slot.
    Retrieved,
    /// Asked for a transfer.
    TransferAttempted,
    /// The transfer came about.
    TransferCompleted,
    /// The transfer came to nothing.
    TransferStopped,
    /// Parked a party.
    Parked,
    /// Hung up.
    HungUp,
}

/// A leg, as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct LegRecord {
    /// Its id.
    pub leg_id: LegId,
    /// The account that it belonged to.
    pub owner: Owner,
    /// The calling or the called party's.
    pub side: Side,
    /// Who called whom.
    pub direction: LegDirection,
    /// The phone or trunk.
    pub endpoint: Endpoint,
    /// The number shown as calling.
    pub from: Number,
    /// The number called.
    pub to: Number,
    /// When it came into being.
    pub offered_at: Timestamp,
    /// When it rang.
    pub ringing_at: Option<Timestamp>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Why.
    pub cause: EndCause,
    /// The final SIP status.
    pub status: Option<SipStatus>,
}

impl CallRecord {
    /// The record of the call `id` that `events` tell of, oldest first. Events of calls that were merged
    /// into it may be among them. `None` if they do not begin with the call's start.
    pub fn project(id: CallId, events: &[Arc<CallEvent>]) -> Option<Self> {
        let call = Call::replay(id, events)?;
        let caller_leg = call.legs().iter().find(|leg| leg.offer.side == Side::Origination);
        let called_leg = call.legs().iter().rfind(|leg| leg.offer.side == Side::Termination);
        let answering = call.legs().iter().find(|leg| is_answering(leg));
        let (released_by, cause) = release(&call, caller_leg, called_leg);
        let (started, routed) = (call.started(), call.routed());
        Some(Self {
            call_id: id,
            absorbed: absorbed(events),
            origination: call.origination(),
            termination: call.termination(),
            started_at: call.started_at(),
            ringing_at: call.ringing_at(),
            answered_at: call.answered_at(),
            ended_at: ended_at(&call),
            cause,
            released_by,
            times: Times::of(&call),
            hold_count: call.hold_count(),
            caller_received: started.caller.clone(),
            caller_routed: routed.map_or(&started.caller, |routed| &routed.caller).clone(),
            caller_name: started.caller_name.clone(),
            called_received: started.dialed.clone(),
            called_routed: routed.map_or(&started.dialed, |routed| &routed.called).clone(),
            caller_country: routed.and_then(|routed| routed.caller_country),
            called_country: routed.and_then(|routed| routed.called_country),
            caller_leg: caller_leg.map(LegFacts::of).unwrap_or_default(),
            called_leg: called_leg.map(LegFacts::of),
            answered_by: answering.map(|leg| leg.offer.endpoint.name().into()),
            transferred_to: transferred_to(events),
            screen_pop: routed.and_then(|routed| routed.screen_pop.clone()),
            origination_rate: routed.and_then(|routed| routed.origination_rate.clone()),
            termination_rate: routed.and_then(|routed| routed.termination_rate.clone()),
            interactions: events.iter().filter_map(|event| Interaction::of(&call, event)).collect(),
            legs: call.legs().iter().filter_map(LegRecord::of).collect(),
        })
    }

    /// The sides that `account` has of the call; `None` if it is a stranger's.
    pub fn sides_of(&self, account: AccountId) -> Option<Sides> {
        Sides::of(account, self.origination, self.termination)
    }

    /// The outcome in one word.
    pub fn disposition(&self) -> Disposition {
        if self.answered_at.is_some() {
            return Disposition::Answered;
        }
        match self.cause {
            EndCause::Busy => Disposition::Busy,
            EndCause::NoAnswer | EndCause::AnsweredElsewhere => Disposition::NoAnswer,
            EndCause::Cancelled | EndCause::Normal | EndCause::Transferred => Disposition::Cancelled,
            EndCause::Rejected => Disposition::Rejected,
            EndCause::NoRoute => Disposition::NoRoute,
            EndCause::Unavailable => Disposition::Unavailable,
            EndCause::Limit => Disposition::Limit,
            EndCause::Failed | EndCause::Interrupted => Disposition::Failed,
        }
    }

    /// From the answer to the end, holds and transfers included; zero if unanswered.
    pub fn connected(&self) -> Duration {
        self.answered_at.map(|answered_at| self.ended_at.since(answered_at)).unwrap_or_default()
    }

    /// What the origination account pays; `None` without a rate, zero without an answer.
    pub fn origination_charge(&self) -> Option<Charge> {
        self.charge(self.origination_rate.as_ref())
    }

    /// What the termination account is paid; `None` without a rate, zero without an answer.
    pub fn termination_charge(&self) -> Option<Charge> {
        self.charge(self.termination_rate.as_ref())
    }

    fn charge(&self, rate: Option<&Rate>) -> Option<Charge> {
        let free = Charge { price: Decimal::ZERO, duration: Duration::ZERO };
        rate.map(|rate| if self.answered_at.is_some() { rate.charge(self.connected()) } else { free })
    }
}

impl Times {
    fn of(call: &Call) -> Self {
        let spent = |phase| call.timeline().spent(phase);
        Self {
            pdd: spent(Phase::Dialing),
            ring: spent(Phase::Ringing),
            talk: spent(Phase::Talking),
            hold: spent(Phase::OnHold),
            transfer: spent(Phase::Transferring),
        }
    }

    /// All of it together.
    pub fn total(&self) -> Duration {
        self.pdd + self.ring + self.talk + self.hold + self.transfer
    }
}

impl LegFacts {
    fn of(leg: &Leg) -> Self {
        let sip = leg.offer.sip.as_ref();
        Self {
            status: leg.end.as_ref().and_then(|end| end.sip.clone()),
            address: sip.map(|sip| sip.address),
            transport: sip.map(|sip| sip.transport),
            user_agent: leg.user_agent.clone(),
            sip_call_id: sip.map(|sip| sip.sip_call_id.clone()),
            local_tag: sip.map(|sip| sip.local_tag.clone()),
            from_domain: sip.map(|sip| sip.from_domain.clone()),
            to_domain: sip.map(|sip| sip.to_domain.clone()),
            ruri_domain: sip.map(|sip| sip.ruri_domain.clone()),
            diversion: sip.and_then(|sip| sip.diversion.clone()),
        }
    }
}

impl LegRecord {
    fn of(leg: &Leg) -> Option<Self> {
        let end = leg.end.as_ref()?;
        Some(Self {
            leg_id: leg.id,
            owner: leg.offer.owner,
            side: leg.offer.side,
            direction: leg.offer.direction,
            endpoint: leg.offer.endpoint.clone(),
            from: leg.offer.from.clone(),
            to: leg.offer.to.clone(),
            offered_at: leg.offered_at,
            ringing_at: leg.ringing_at,
            answered_at: leg.answered_at,
            ended_at: leg.ended_at?,
            cause: end.cause,
            status: end.sip.clone(),
        })
    }
}

impl Interaction {
    fn of(call: &Call, event: &CallEvent) -> Option<Self> {
        let (kind, target) = match &event.kind {
            EventKind::LegAnswered { leg, .. } if called_party(call, *leg) => {
                (InteractionKind::Answered, None)
            }
            EventKind::LegHeld { .. } => (InteractionKind::Held, None),
            EventKind::LegResumed { .. } | EventKind::LegRetrieved { .. } => {
                (InteractionKind::Retrieved, None)
            }
            EventKind::TransferStarted { target, .. } => {
                (InteractionKind::TransferAttempted, Some(target.number.clone()))
            }
            EventKind::TransferCompleted { .. } => (InteractionKind::TransferCompleted, None),
            EventKind::TransferFailed { .. } => (InteractionKind::TransferStopped, None),
            EventKind::LegParked { slot, .. } => (InteractionKind::Parked, Some(Number::from(&**slot))),
            EventKind::LegEnded { end, .. } if end.by == Releaser::Party && end.cause == EndCause::Normal => {
                (InteractionKind::HungUp, None)
            }
            _ => return None,
        };
        let by = match event.kind {
            EventKind::LegRetrieved { by, .. } => Some(by),
            _ => event.kind.leg(),
        };
        let by = by.and_then(|leg| call.leg(leg)).map(|leg| leg.offer.endpoint.name().into());
        Some(Self { at: event.at, kind, by, target })
    }
}

fn called_party(call: &Call, leg: LegId) -> bool {
    call.leg(leg).is_some_and(|leg| leg.offer.side == Side::Termination)
}

fn is_answering(leg: &Leg) -> bool {
    leg.offer.side == Side::Termination && leg.answered_at.is_some() && leg.offer.endpoint.device().is_some()
}

fn ended_at(call: &Call) -> Timestamp {
    call.started_at() + Times::of(call).total()
}

fn absorbed(events: &[Arc<CallEvent>]) -> Vec<CallId> {
    let merged = |event: &Arc<CallEvent>| match event.kind {
        EventKind::CallMerged { absorbed } => Some(absorbed),
        _ => None,
    };
    events.iter().filter_map(merged).collect()
}

fn transferred_to(events: &[Arc<CallEvent>]) -> Option<TransferredTo> {
    let completed =
        events.iter().rposition(|event| matches!(event.kind, EventKind::TransferCompleted { .. }))?;
    events.iter().take(completed).rev().find_map(|event| match &event.kind {
        EventKind::TransferStarted { target, .. } => {
            Some(TransferredTo { number: target.number.clone(), name: target.name.clone() })
        }
        _ => None,
    })
}

/// Who ended the call and why. An answered call ends when its parties part; an unanswered one is the
/// caller's doing if the caller gave up, else it goes by the last party that was tried.
fn release(call: &Call, caller: Option<&Leg>, called: Option<&Leg>) -> (ReleasedBy, EndCause) {
    if call.is_interrupted() {
        return (ReleasedBy::Switch, EndCause::Interrupted);
    }
    if let (Some(_), Some(release)) = (call.answered_at(), call.release()) {
        return (released_by(release.by, release.side), release.end.cause);
    }
    let end_of = |leg: Option<&Leg>| leg.and_then(|leg| leg.end.clone());
    let (caller_end, called_end) = (end_of(caller), end_of(called));
    match (caller_end, called_end) {
        (Some(end), _) if end.by != Releaser::Switch => (released_by(end.by, Side::Origination), end.cause),
        (_, Some(end)) if end.by != Releaser::Switch => (released_by(end.by, Side::Termination), end.cause),
        (Some(end), _) | (None, Some(end)) => (ReleasedBy::Switch, end.cause),
        (None, None) => (ReleasedBy::Switch, EndCause::Failed),
    }
}

fn released_by(by: Releaser, side: Side) -> ReleasedBy {
    match (by, side) {
        (Releaser::Switch, _) => ReleasedBy::Switch,
        (Releaser::Command, _) => ReleasedBy::Command,
        (Releaser::Party, Side::Origination) => ReleasedBy::Caller,
        (Releaser::Party, Side::Termination) => ReleasedBy::Callee,
    }
}
