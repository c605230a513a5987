//! The call machine: a back-to-back user agent (RFC 7092) without sockets.
//!
//! Something happens ([`Input`]), the machine changes, and says what is to be done ([`Output`]) and when it
//! wants to be woken ([`B2bua::deadline`]). It knows no clock, socket, task, lock or chance: time comes in
//! with each input, what else it must know it asks the [`World`]. One machine holds all calls of a switch,
//! so that two calls which become one are two values of one map.
//!
//! ```text
//!  transactions, media, API ──Input──► B2bua::handle ──Output──► transactions, media, events
//!            timer ◄──deadline────────────┘  └──asks──► World: routes, contacts, limits, relay
//! ```
//!
//! Where to look: `call.rs` has the phases of a call, `leg.rs` those of a leg, and `features.rs` the feature
//! codes.

mod call;
mod calls;
mod error;
mod failure;
pub mod features;
mod input;
mod leg;
mod limits;
pub mod message;
mod output;
mod sdp;
mod settings;
mod work;
pub mod world;

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use ::call::{CallCommand, CallId, Timestamp};

pub use error::Refusal;
pub use features::{Feature, FeatureCodes};
pub use input::{Caller, Input, Invite, LegInput, Reliability};
pub use output::{Diversion, Diverted, Media, OutgoingInvite, Output, Source};
pub use sdp::{Direction, Sdp};
pub use settings::{MediaMode, Redirects, SessionLimits, Settings};
pub use world::World;

use crate::{call::Call, calls::Calls, limits::Counts, message::ClientTx, work::LastCalls};

/// All calls of a switch.
#[derive(Debug)]
pub struct B2bua {
    settings: Settings,
    state: State,
    out: VecDeque<Output>,
}

/// What calls share.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) calls: Calls,
    pub(crate) counts: Counts,
    pub(crate) last_calls: LastCalls,
    latest_tx: u64,
    latest_playback: u64,
    turned_away: u64,
    is_stopping: bool,
}

/// When something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Since some fixed moment, by a clock that nobody sets.
    pub monotonic: Duration,
    /// By the wall clock.
    pub wall: Timestamp,
}

/// What is in use. Once no call is up and nothing is being closed, all is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Calls that are up.
    pub calls: usize,
    /// Calls that are over, whose dialogs are being closed.
    pub closing: usize,
    /// Legs, with those that are being closed.
    pub legs: usize,
    /// Counts of accounts and trunks above zero.
    pub counts: usize,
    /// Parties in parking slots.
    pub parked: usize,
    /// Calls that can be taken at another phone than those that ring.
    pub ringing: usize,
}

/// What has become of a command so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    /// Whether it can be done is known later.
    Waits,
}

/// What a call has at hand while something happens to it.
pub(crate) struct Context<'a> {
    pub(crate) now: Now,
    pub(crate) world: &'a mut dyn World,
    pub(crate) settings: &'a Settings,
    pub(crate) state: &'a mut State,
    out: &'a mut VecDeque<Output>,
}

impl B2bua {
    /// A machine without calls.
    pub fn new(settings: Settings) -> Self {
        let last_calls = LastCalls::new(settings.end_work_within);
        let state = State {
            calls: Calls::default(),
            counts: Counts::default(),
            last_calls,
            latest_tx: 0,
            latest_playback: 0,
            turned_away: 0,
            is_stopping: false,
        };
        Self { settings, state, out: VecDeque::new() }
    }

    /// Takes in what happens at `now`, which never runs backwards.
    pub fn handle(&mut self, input: Input, now: Now, world: &mut dyn World) {
        let Self { settings, state, out } = self;
        let mut cx = Context { now, world, settings, state, out };
        match input {
            Input::Invite(invite) => call::arrival::take(*invite, &mut cx),
            Input::Leg { leg, event } => cx.on_leg(leg, event),
            Input::Command { ticket, command } => cx.on_command(ticket, command),
            Input::Reached { call, addresses } => cx.with(call, |call, cx| call.on_reached(addresses, cx)),
            Input::Timeout => {}
            Input::Stop => cx.stop(),
        }
        cx.on_time();
    }

    /// The next thing to do, until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When the machine wants [`Input::Timeout`], by the monotonic clock, unless something happens before.
    pub fn deadline(&self) -> Option<Duration> {
        self.state.calls.deadline()
    }

    /// How many calls were refused since there were as many as there may be.
    pub fn turned_away(&self) -> u64 {
        self.state.turned_away
    }

    /// What is in use now.
    pub fn usage(&self) -> Usage {
        Usage {
            calls: self.state.calls.up(),
            closing: self.state.calls.closing(),
            legs: self.state.calls.legs(),
            counts: self.state.counts.open(),
            parked: self.state.calls.parked(),
            ringing: self.state.calls.ringing_count(),
        }
    }
}

impl Context<'_> {
    /// Lets `act` change a call, which is out of the map meanwhile. A call that is no more changes nothing.
    pub(crate) fn with(&mut self, id: CallId, act: impl FnOnce(&mut Call, &mut Self)) {
        if let Some(call) = self.state.calls.take(id) {
            self.keep(call, act);
        }
    }

    /// Lets `act` change a call, and puts it into the map. A fault of ours ends the call that it is in, and no
    /// other.
    pub(crate) fn keep(&mut self, mut call: Box<Call>, act: impl FnOnce(&mut Call, &mut Self)) {
        let mut run = |act: &mut dyn FnMut(&mut Call, &mut Self)| {
            let acted = catch_unwind(AssertUnwindSafe(|| {
                act(&mut call, self);
                call.go_on(self);
            }));
            acted.is_ok()
        };
        let mut act = Some(act);
        let is_sound = run(&mut |call, cx| act.take().into_iter().for_each(|act| act(call, cx)));
        if is_sound || run(&mut |call, cx| call.fail(cx)) {
            self.state.calls.put(call);
        }
    }

    fn on_leg(&mut self, leg: ::call::LegId, event: LegInput) {
        match self.state.calls.of_leg(leg) {
            Some(id) => self.with(id, |call, cx| call.on_leg(leg, event, cx)),
            None => {
                // Whoever asks in a dialog that is no more is told so.
                if let LegInput::Request(transaction, _) = event {
                    self.respond(leg, transaction, message::Response::of(481));
                }
            }
        }
    }

    fn on_command(&mut self, ticket: u64, command: CallCommand) {
        let result = match command {
            CallCommand::Originate(originate) => {
                call::originate::begin(originate, self).map(|()| Outcome::Done)
            }
            CallCommand::HangupCall { call_id } => self.order(call_id, |call, cx| {
                call.release_all(::call::event::Releaser::Command, cx);
                Ok(Outcome::Done)
            }),
            CallCommand::Leg { call_id, leg_id, command } => {
                self.order(call_id, |call, cx| call.obey(leg_id, &command, ticket, cx))
            }
        };
        match result {
            Ok(Outcome::Waits) => {}
            Ok(Outcome::Done) => self.taken(ticket, Ok(())),
            Err(refusal) => self.taken(ticket, Err(refusal)),
        }
    }

    /// Tells a program what became of its command.
    pub(crate) fn taken(&mut self, ticket: u64, result: Result<(), Refusal>) {
        self.push(Output::Taken { ticket, result });
    }

    fn order(
        &mut self,
        id: CallId,
        act: impl FnOnce(&mut Call, &mut Self) -> Result<Outcome, Refusal>,
    ) -> Result<Outcome, Refusal> {
        let mut result = Err(Refusal::NotFound);
        self.with(id, |call, cx| {
            if !call.is_over() {
                result = act(call, cx);
            }
        });
        result
    }

    fn stop(&mut self) {
        self.state.is_stopping = true;
        for id in self.state.calls.ids() {
            self.with(id, Call::interrupt);
        }
    }

    /// Does what is due. Each call is looked at once: what is due again at once waits for the next input.
    fn on_time(&mut self) {
        for id in self.state.calls.due(self.now.monotonic) {
            self.with(id, Call::on_time);
        }
    }

    /// Whether a new call may begin; counted if there are too many.
    pub(crate) fn takes_calls(&mut self) -> bool {
        let has_room = self.state.calls.up() < self.settings.max_calls;
        self.state.turned_away += u64::from(!has_room);
        has_room && !self.state.is_stopping
    }

    pub(crate) fn push(&mut self, output: Output) {
        self.out.push_back(output);
    }

    pub(crate) fn next_tx(&mut self) -> ClientTx {
        self.state.latest_tx += 1;
        ClientTx(self.state.latest_tx)
    }

    pub(crate) fn next_playback(&mut self) -> u64 {
        self.state.latest_playback += 1;
        self.state.latest_playback
    }

    /// Sends a request in a leg's dialog.
    pub(crate) fn request(&mut self, leg: ::call::LegId, request: message::Request) -> ClientTx {
        let transaction = self.next_tx();
        self.push(Output::Request { leg, transaction, request });
        transaction
    }

    /// Answers a request of a leg's party.
    pub(crate) fn respond(
        &mut self,
        leg: ::call::LegId,
        transaction: message::ServerTx,
        response: message::Response,
    ) {
        self.push(Output::Respond { leg, transaction, response: Box::new(response) });
    }

    pub(crate) fn media(&mut self, media: Media) {
        self.push(Output::Media(media));
    }

    /// The time, and T1.
    pub(crate) fn timing(&self) -> (Duration, Duration) {
        (self.now.monotonic, self.settings.t1)
    }

    pub(crate) fn is_direct(&self) -> bool {
        self.settings.media == MediaMode::Direct
    }
}
