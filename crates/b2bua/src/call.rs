//! One call, and the phase that it is in.
//!
//! ```text
//!  originate ─► Placing ──first party answers──┐       ┌──────────── Transferring ◄── transfer, REFER, Replaces
//!                                              ▼       ▼                 │
//!  INVITE ──────────────────────────────► Hunting ─► Talking ◄──joined, failed
//!                                              │       ▲  │
//!         the caller is up already (API), ─────┴► Joining │ park
//!         or another call's party comes                   ▼
//!                                                      Parked ──taken──► Talking
//!
//!  from each: everybody has left ─► Ending ─► nothing
//! ```
//!
//! Who talks to whom is [`Call::bridges`]: pairs of legs, apart from the phase.

mod admission;
mod alerting;
mod answer;
pub(crate) mod arrival;
mod auto_answer;
mod busy_tone;
mod closing;
mod early;
mod ending;
mod features;
mod hold;
mod hunt;
mod join;
mod keys;
mod media;
mod merge;
mod negotiation;
mod orders;
pub(crate) mod originate;
mod parking;
mod phase;
mod recording;
mod redirect;
mod referral;
mod reliable;
mod requests;
mod ringing;
mod routing;
mod session_timer;
mod sound;
mod transfer;
mod vanishing;

use std::{sync::Arc, time::Duration};

use ::call::{
    AccountId, CallEvent, CallId, EventKind, LegId, Number, Timestamp, command::RecordingKind,
    party::Endpoint,
};

use crate::{
    Context, Now,
    input::Caller,
    leg::Leg,
    limits::Booking,
    message::Alerting,
    output::{Diversion, Output},
};
use hunt::Hunt;
use phase::Phase;
use vanishing::Watch;

/// One call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: CallId,
    clock: Clock,
    setting: Setting,
    phase: Phase,
    /// Those that are over go once their dialogs are closed.
    legs: Vec<Leg>,
    /// Ends of legs that are told once another leg is there.
    untold_ends: Vec<EventKind>,
    /// Who talks to whom.
    bridges: Vec<Bridge>,
    /// The calling party's leg: from the beginning, or once it has answered a call that a program placed.
    caller: Option<LegId>,
    /// What the call takes up of its accounts and trunks.
    booking: Booking,
    /// It is to be recorded once its parties talk.
    recording: Option<RecordingKind>,
    /// How often it was sent on.
    routings: u32,
    /// When it was first answered by a called party.
    answered_at: Option<Duration>,
    watch: Watch,
    /// When the map looks at it next.
    pub(crate) due: Option<Duration>,
}

/// Two legs that talk to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bridge(LegId, LegId);

/// What a call has from its beginning on.
#[derive(Debug)]
struct Setting {
    caller: Caller,
    hops: u8,
    /// How the call has come here.
    diversion: Diversion,
    /// How it says that a phone is to ring.
    alerting: Alerting,
    /// The same as RFC 7044 has it.
    history: Option<Arc<str>>,
}

/// The call's own time: events never run backwards.
#[derive(Clone, Copy, Debug)]
struct Clock {
    started_at: Timestamp,
    since: Duration,
    /// When something was last told: of a call that became part of this one, too.
    latest: Timestamp,
}

impl Clock {
    const fn start(now: Now) -> Self {
        Self { started_at: now.wall, since: now.monotonic, latest: now.wall }
    }

    fn at(&self, now: Now) -> Timestamp {
        let since = now.monotonic.saturating_sub(self.since).as_micros();
        Timestamp::from_micros(self.started_at.as_micros() + i64::try_from(since).unwrap_or(i64::MAX / 2))
    }
}

impl Bridge {
    fn other(self, leg: LegId) -> Option<LegId> {
        match self {
            Self(one, other) if one == leg => Some(other),
            Self(other, one) if one == leg => Some(other),
            Self(..) => None,
        }
    }
}

impl Call {
    fn new(id: CallId, setting: Setting, now: Now) -> Self {
        Self {
            id,
            clock: Clock::start(now),
            setting,
            phase: Phase::Talking,
            legs: Vec::with_capacity(2),
            untold_ends: Vec::new(),
            bridges: Vec::new(),
            caller: None,
            booking: Booking::default(),
            recording: None,
            routings: 0,
            answered_at: None,
            watch: Watch::start(now.monotonic),
            due: None,
        }
    }

    /// Tells what has happened. The end of the last leg that is there, while others are still to be rung, is
    /// told after the next one's offer: with its last leg a call is over.
    fn tell(&mut self, kind: EventKind, cx: &mut Context<'_>) {
        let is_end = matches!(kind, EventKind::LegEnded { .. });
        if is_end && self.hunt().is_some() && self.legs.iter().all(Leg::is_ended) {
            return self.untold_ends.push(kind);
        }
        let is_offer = matches!(kind, EventKind::LegOffered { .. });
        self.put_event(kind, cx);
        if is_offer {
            self.tell_ends(cx);
        }
    }

    fn tell_ends(&mut self, cx: &mut Context<'_>) {
        for kind in std::mem::take(&mut self.untold_ends) {
            self.put_event(kind, cx);
        }
    }

    fn put_event(&mut self, kind: EventKind, cx: &mut Context<'_>) {
        let at = self.clock.at(cx.now).max(self.clock.latest);
        self.clock.latest = at;
        cx.push(Output::Event(CallEvent { call_id: self.id, at, kind }));
    }

    /// After anything has happened: sends what waits for its dialog to be free, and notes that everybody has
    /// left.
    pub(crate) fn go_on(&mut self, cx: &mut Context<'_>) {
        self.send_proposals(cx);
        self.forget_closed(cx);
        if self.legs.iter().all(Leg::is_ended) && self.hunt().is_none() {
            self.end(cx);
        }
    }

    /// Does what is due by now.
    pub(crate) fn on_time(&mut self, cx: &mut Context<'_>) {
        if self.length_ends().is_some_and(|ends| cx.now.monotonic >= ends) {
            return self.end_for_length(cx);
        }
        self.watch_hunt(cx);
        self.watch_legs(cx);
        self.ring_back(cx);
        self.watch_media(cx);
        self.watch_busy_tone(cx);
    }

    /// When something is next due.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        let legs = self.legs.iter().filter_map(Leg::deadline);
        let hunt = self.hunt().map(Hunt::deadline);
        let others =
            [hunt, self.length_ends(), self.ring_back_at(), self.watch_ends(), self.busy_tone_ends()];
        legs.chain(others.into_iter().flatten()).min()
    }

    /// Whether everybody has left.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Ending)
    }

    /// Whether nothing is left of it.
    pub(crate) fn is_gone(&self) -> bool {
        self.is_over() && self.legs.is_empty()
    }

    pub(crate) fn leg_ids(&self) -> impl Iterator<Item = LegId> {
        let prompts = self.legs.iter().filter_map(|leg| Some(leg.called()?.prompt.as_ref()?.leg));
        self.legs.iter().map(|leg| leg.id).chain(prompts)
    }

    fn leg(&self, id: LegId) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.id == id)
    }

    fn leg_mut(&mut self, id: LegId) -> Option<&mut Leg> {
        self.legs.iter_mut().find(|leg| leg.id == id)
    }

    /// The leg that `leg` talks to.
    fn peer_of(&self, leg: LegId) -> Option<LegId> {
        self.bridges.iter().find_map(|bridge| bridge.other(leg))
    }

    /// The peer of a leg, if both are up.
    fn talking_peer(&self, id: LegId) -> Option<LegId> {
        self.leg(id).filter(|leg| leg.is_up())?;
        self.peer_of(id).filter(|peer| self.leg(*peer).is_some_and(Leg::is_up))
    }

    /// Lets two legs talk to each other, and to nobody else.
    fn connect(&mut self, one: LegId, other: LegId, cx: &mut Context<'_>) {
        self.separate(one);
        self.separate(other);
        self.bridges.push(Bridge(one, other));
        self.change_music(one, other, cx);
    }

    /// Parts a leg from its peer, and says who that was.
    fn separate(&mut self, id: LegId) -> Option<LegId> {
        let peer = self.peer_of(id)?;
        self.bridges.retain(|bridge| bridge.other(id).is_none());
        Some(peer)
    }

    /// The calling party's leg, if it is not over.
    fn caller_leg(&self) -> Option<LegId> {
        self.caller.filter(|id| self.leg(*id).is_some_and(|leg| !leg.is_ended()))
    }

    /// Whether an extension rings, and the call can be taken elsewhere.
    pub(crate) fn rings(&self) -> bool {
        !self.ringing_extensions().is_empty()
    }

    /// The extensions that ring, if the call can be taken elsewhere.
    pub(crate) fn ringing_extensions(&self) -> &[(AccountId, Number)] {
        let hunt = self.hunt().filter(|hunt| hunt.partner.is_some());
        hunt.map_or(&[], Hunt::extensions)
    }

    fn is_inside(&self, account: AccountId) -> bool {
        account == self.setting.caller.owner.account
    }

    fn device_of(&self, id: LegId) -> Option<::call::DeviceId> {
        self.leg(id)?.party.endpoint.device()
    }

    fn is_trunk(&self, id: LegId) -> bool {
        self.leg(id).is_some_and(|leg| matches!(leg.party.endpoint, Endpoint::Trunk { .. }))
    }
}
