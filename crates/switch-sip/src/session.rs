//! One call: a task that takes in what happens on its legs and says what becomes of it.
//!
//! A call is a back-to-back user agent (RFC 7092): each leg is a dialog of its own. The task alone changes
//! the call; everything reaches it as an [`Input`].

mod admission;
mod answer;
pub(crate) mod arrival;
mod attended;
mod auto_answer;
mod busy_signal;
pub(crate) mod description;
mod digits;
mod ending;
mod exchange;
mod feature;
mod handover;
mod hold;
mod hunt;
mod identity;
pub(crate) mod incoming;
mod leg;
mod lifetime;
mod login;
mod mailbox;
pub(crate) mod orders;
pub(crate) mod originate;
mod pairing;
mod parking;
mod path;
mod proposal;
mod recording;
mod redirect;
mod referral;
mod reinvite;
mod reliable;
mod routing;
mod sound;
mod transfer;
mod vanishing;
mod waiting;
mod work;

use std::{io, net::SocketAddr, sync::Arc};

use arrival::Arrival;
use attended::Asking;
use busy_signal::BusySignal;
use call::{
    CallEvent, CallId, EventKind, LegId, Number,
    command::{LegCommand, RecordingKind},
    party::Owner,
};
use directory::routing::{TrunkHop, Via};
use feature::{Onward, Visit};
use handover::{Estate, Plea};
use hunt::Hunt;
use leg::Leg;
pub(crate) use mailbox::Mailbox;
use path::MediaPath;
use proposal::Proposal;
use rsipstack::sip::Response;
use switch::{CallClock, SwitchError};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};
use transfer::Transfer;
use vanishing::Watch;

use crate::{
    core::Core, dispatch::Unanswered, identity::Identity, limits::Booking, media::Sound, sounds::SoundError,
    stack::Followup, transport::Flow,
};

/// What reaches a call.
pub(crate) enum Input {
    /// A response to the INVITE that began an outgoing leg.
    Response { leg: LegId, response: Arc<Response> },
    /// A request inside a leg's dialog.
    Request { leg: LegId, request: Box<Unanswered> },
    /// What the leg's peer did to its INVITE number `cseq` after sending it.
    Followup { leg: LegId, cseq: u32, followup: Followup },
    /// The final response to a request that was passed on.
    Exchanged { number: u64, response: Option<Box<Response>> },
    /// A trunk was connected to, or could not be; `others` are its further addresses.
    Reached { hop: TrunkHop, flow: Option<Flow>, others: Vec<SocketAddr> },
    /// The final response to a re-INVITE of ours.
    Proposed { number: u64, response: Option<Box<Response>> },
    /// The final response to an UPDATE of ours.
    Refreshed { leg: LegId, response: Option<Box<Response>> },
    /// A response to the INVITE by which a ringing phone is told to answer by itself.
    Prompted { leg: LegId, response: Arc<Response> },
    /// A re-INVITE that met another one may be tried again.
    ProposeAgain(u64),
    /// An INVITE wants to join the call.
    Arrival(Box<Arrival>),
    /// A party of another call wants to.
    Visit(Box<Visit>),
    /// The call that the party wanted to join does not take it.
    TurnedAway,
    /// Another call asks this one to give itself up to it.
    Surrender(Plea),
    /// A call that was asked so has done it, or does not.
    Surrendered(Result<Box<Estate>, SwitchError>),
    /// A file that a leg is to hear has been got, or could not be.
    SoundFetched { leg: LegId, number: u64, sound: Result<Arc<Sound>, SoundError> },
    /// A file that a leg heard is over.
    SoundEnded { leg: LegId, number: u64 },
    /// The file of a leg's recording is there, or could not be made.
    RecordingBegun { leg: LegId, number: u32, begun: io::Result<()> },
    /// The party of a leg has pressed a key.
    Key { leg: LegId, key: char },
    /// The party of a leg has answered the INFO with a key.
    KeySent { leg: LegId },
    /// The peer repeats its 2xx: our ACK was lost.
    AnswerRepeated { leg: LegId, response: Response },
    /// What the call is told to do; `taken` hears whether it can be done.
    Order { order: Order, taken: orders::Taken },
}

/// What the call is told to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Hangup,
    Leg(LegId, LegCommand),
    /// The server stops.
    Stop,
}

/// One call.
pub(crate) struct Session {
    core: Arc<Core>,
    id: CallId,
    clock: CallClock,
    mailbox: Mailbox,
    setting: Setting,
    media: MediaPath,
    watch: Watch,
    /// The call is to be recorded once its parties talk.
    recording: Option<RecordingKind>,
    legs: Vec<Leg>,
    /// The calling party's leg: from the beginning, or once it has answered a call that the API placed.
    caller: Option<LegId>,
    hunt: Option<Hunt>,
    /// How often the call was sent on.
    routings: u32,
    /// Where a call that the API places goes once its first party has answered.
    onward: Option<Onward>,
    /// That nobody could be got, and the first party hears so.
    busy_signal: Option<BusySignal>,
    transfer: Option<Transfer>,
    asking: Option<Asking>,
    proposals: Vec<Proposal>,
    exchanges: Vec<exchange::Exchange>,
    /// What the call takes up of its accounts and trunks.
    pub(crate) booking: Booking,
    /// When it was first answered by a called party.
    answered: Option<Instant>,
}

/// What a call has from its beginning on.
pub(crate) struct Setting {
    pub(crate) origination: Owner,
    pub(crate) via: Via,
    pub(crate) dialed: Number,
    pub(crate) caller: Number,
    pub(crate) caller_name: Option<Arc<str>>,
    pub(crate) identity: Identity,
    pub(crate) max_forwards: u8,
    /// How the call has come here (RFC 5806).
    pub(crate) diversion: Option<Arc<str>>,
    /// The same as RFC 7044 has it.
    pub(crate) history: Option<Arc<str>>,
}

impl Session {
    pub(crate) fn new(
        core: Arc<Core>,
        (id, clock): (CallId, CallClock),
        mailbox: Mailbox,
        setting: Setting,
    ) -> Self {
        Self {
            booking: core.limiter.booking(),
            answered: None,
            watch: Watch::new(),
            recording: None,
            media: MediaPath::new(core.relay.clone(), mailbox.clone()),
            core,
            id,
            clock,
            mailbox,
            setting,
            legs: Vec::with_capacity(2),
            caller: None,
            hunt: None,
            routings: 0,
            onward: None,
            busy_signal: None,
            transfer: None,
            asking: None,
            proposals: Vec::new(),
            exchanges: Vec::new(),
        }
    }

    /// Lives through the call.
    pub(crate) async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Input>) {
        while !self.is_over() {
            let input = match self.deadline() {
                Some(deadline) => timeout_at(deadline, inbox.recv()).await,
                None => Ok(inbox.recv().await),
            };
            match input {
                Ok(Some(Input::Surrender(plea))) => match self.surrender(plea, inbox) {
                    Some(kept) => (self, inbox) = kept,
                    None => return,
                },
                Ok(Some(input)) => self.take(input),
                Ok(None) => return,
                Err(_) => self.on_deadline(Instant::now()),
            }
            self.send_proposals();
        }
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Response { leg, response } => self.on_response(leg, &response),
            Input::Request { leg, request } => self.take_request(leg, request),
            Input::Followup { leg, cseq, followup } => self.on_followup(leg, cseq, followup),
            Input::Exchanged { number, response } => self.on_exchanged(number, response.as_deref()),
            Input::Reached { hop, flow, others } => self.on_reached(&hop, flow, &others),
            Input::Proposed { number, response } => self.on_proposed(number, response.as_deref()),
            Input::Refreshed { leg, response } => self.on_refreshed(leg, response.as_deref()),
            Input::Prompted { leg, response } => self.on_prompted(leg, &response),
            Input::ProposeAgain(number) => self.propose_again(number),
            Input::SoundFetched { leg, number, sound } => self.on_sound_fetched(leg, number, sound),
            Input::SoundEnded { leg, number } => self.on_sound_ended(leg, number),
            Input::RecordingBegun { leg, number, begun } => self.on_recording_begun(leg, number, begun),
            Input::Key { leg, key } => self.on_key(leg, key),
            Input::KeySent { leg } => self.on_key_sent(leg),
            Input::AnswerRepeated { leg, response } => self.on_repeated_answer(leg, &response),
            Input::Arrival(arrival) => self.on_arrival(*arrival),
            Input::Visit(visit) => self.on_visit(*visit),
            Input::TurnedAway => self.turn_away(),
            Input::Surrender(plea) => drop(plea),
            Input::Surrendered(answer) => self.on_surrendered(answer),
            Input::Order { order, taken } => self.obey(order, taken),
        }
    }

    fn is_over(&self) -> bool {
        self.hunt.is_none() && self.asking.is_none() && self.legs.iter().all(Leg::is_ended)
    }

    fn deadline(&self) -> Option<Instant> {
        self.hunt
            .as_ref()
            .map(Hunt::deadline)
            .into_iter()
            .chain(self.length_ends())
            .chain(self.lifetimes_end())
            .chain(self.ring_back_at())
            .chain(self.watch_ends())
            .chain(self.busy_signal_ends())
            .chain(self.prompts_end())
            .min()
    }

    fn on_deadline(&mut self, now: Instant) {
        if self.length_ends().is_some_and(|ends| now >= ends) {
            return self.end_for_length();
        }
        self.watch_hunt(now);
        self.watch_lifetimes(now);
        self.ring_back(now);
        self.watch_media(now);
        self.watch_busy_signal(now);
        self.watch_prompts(now);
    }

    fn tell(&self, kind: EventKind) {
        self.core.events.send(CallEvent { call_id: self.id, at: self.clock.now(), kind });
    }

    /// Ends once what was told until now is durable, or the budget of answers is spent.
    fn durable(&self) -> impl Future<Output = ()> + Send + use<> {
        self.core.events.durable(self.core.config.answer_budget)
    }

    fn leg(&self, id: LegId) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.id == id)
    }

    fn leg_mut(&mut self, id: LegId) -> Option<&mut Leg> {
        self.legs.iter_mut().find(|leg| leg.id == id)
    }
}

/// However the task ends, the call ends with it: no leg is left without its last event.
impl Drop for Session {
    fn drop(&mut self) {
        self.end_all_failed();
        self.core.calls.remove(self.id);
    }
}
