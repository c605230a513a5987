//! Drives the call machine ([`b2bua`]): feeds it from transactions, timers and media, does what it wants done,
//! and nothing else.

mod arrivals;
mod invites;
mod line;
mod media;
mod promises;
pub(crate) mod reading;
mod requests;
mod responses;
mod sending;
mod surroundings;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use b2bua::{B2bua, Input, LegInput, Now, Output, Refusal, Settings, message::ClientTx};
use call::{CallCommand, CallId, LegId};
use rsipstack::{sip::Response, transaction::transaction::Transaction};
use switch::SwitchError;
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::sleep,
};

use crate::{
    config::{MediaMode, Redirects},
    core::Core,
    inbound::Caller,
    media::Sound,
    sounds::SoundError,
    stack::Followup,
    transport::Flow,
};
use line::Line;
use surroundings::Surroundings;

/// The way to the driver.
pub(crate) struct Driver {
    events: mpsc::UnboundedSender<Event>,
    asked: mpsc::UnboundedSender<Asked>,
    pub(crate) usage: Arc<InUse>,
}

/// Where what is posted waits until a driver serves it.
pub(crate) struct Inbox {
    events: mpsc::UnboundedReceiver<Event>,
    asked: mpsc::UnboundedReceiver<Asked>,
    /// For what the driver posts to itself.
    posts: mpsc::UnboundedSender<Event>,
    usage: Arc<InUse>,
}

/// What comes within dialogs.
enum Asked {
    /// A request.
    Request { leg: LegId, transaction: Box<Transaction> },
    /// A party repeats its 2xx: our ACK was lost.
    Answer { leg: LegId, response: Box<Response> },
}

/// What the machine has in use.
#[derive(Default)]
pub(crate) struct InUse {
    pub(crate) calls: AtomicUsize,
    /// Dialogs, with those that are being closed.
    lines: AtomicUsize,
    pub(crate) parked: AtomicUsize,
    pub(crate) ringing: AtomicUsize,
    pub(crate) counts: AtomicUsize,
    changed: Notify,
}

/// What reaches the driver.
pub(crate) enum Event {
    /// An INVITE that begins a leg, of somebody who may call.
    Invite(Box<(Transaction, Caller, Flow)>),
    /// What a party did to its INVITE after sending it.
    Followup { leg: LegId, transaction: b2bua::message::ServerTx, followup: Followup },
    /// A response to an INVITE of ours that began a leg.
    InviteResponse { leg: LegId, transaction: b2bua::message::ClientTx, response: Arc<Response> },
    /// The final response to another request of ours.
    Exchanged { leg: LegId, transaction: b2bua::message::ClientTx, response: Option<Box<Response>> },
    /// A trunk is reached, or not.
    Reached { call: CallId, flow: Option<Flow>, others: Vec<SocketAddr> },
    /// What an answer of a leg promises is durable, or has been waited for long enough.
    Durable { leg: LegId },
    /// A file that a leg is to hear has been got, or could not be.
    SoundFetched { leg: LegId, number: u64, sound: Result<Arc<Sound>, SoundError> },
    /// Something that media says of a leg.
    Media { leg: LegId, event: LegInput },
    /// A program wants something.
    Command { command: CallCommand, taken: oneshot::Sender<Result<(), SwitchError>> },
    /// The server stops.
    Stop,
}

impl Driver {
    /// The way to a driver, and where what is posted waits for it.
    pub(crate) fn new() -> (Self, Inbox) {
        let ((events, posted), (asked, requests)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        let usage = Arc::<InUse>::default();
        let inbox = Inbox { events: posted, asked: requests, posts: events.clone(), usage: usage.clone() };
        (Self { events, asked, usage }, inbox)
    }

    pub(crate) fn post(&self, event: Event) {
        // It ends with the switch only.
        let _ = self.events.send(event);
    }

    /// Whether nobody takes what is posted: the driver has panicked, or the switch ends.
    pub(crate) fn is_gone(&self) -> bool {
        self.events.is_closed()
    }

    /// Takes a request inside the dialog of a leg.
    pub(crate) fn ask(&self, leg: LegId, transaction: Transaction) {
        // It ends with the switch only.
        let _ = self.asked.send(Asked::Request { leg, transaction: Box::new(transaction) });
    }

    /// Lets a leg acknowledge an answer again that its party repeats.
    pub(crate) fn repeat_ack(&self, leg: LegId, response: Response) {
        // It ends with the switch only.
        let _ = self.asked.send(Asked::Answer { leg, response: Box::new(response) });
    }

    pub(crate) async fn command(&self, command: CallCommand) -> Result<(), SwitchError> {
        let (taken, is_taken) = oneshot::channel();
        self.post(Event::Command { command, taken });
        // It ends with the switch only.
        is_taken.await.unwrap_or(Err(SwitchError::Unavailable))
    }

    /// Returns when no call is up.
    pub(crate) async fn idle(&self) {
        self.usage.until_none(|usage| &usage.calls).await;
    }

    /// Returns when no dialog is open.
    pub(crate) async fn closed(&self) {
        self.usage.until_none(|usage| &usage.lines).await;
    }
}

impl InUse {
    async fn until_none(&self, of: impl Fn(&Self) -> &AtomicUsize) {
        loop {
            let changed = self.changed.notified();
            if of(self).load(Ordering::Relaxed) == 0 {
                return;
            }
            changed.await;
        }
    }
}

impl Inbox {
    /// Begins to drive a machine for the switch.
    pub(crate) fn serve(self, core: &Arc<Core>) {
        let Self { events, asked, posts, usage } = self;
        let engine = Engine {
            machine: B2bua::new(settings(core)),
            world: Surroundings::new(core.clone(), posts),
            lines: HashMap::new(),
            commands: HashMap::new(),
            moved: HashMap::new(),
            promised: Vec::new(),
            latest: 0,
            usage,
        };
        core.stack.tasks.spawn(engine.run(events, asked));
    }
}

/// The machine with its world.
struct Engine {
    machine: B2bua,
    world: Surroundings,
    lines: HashMap<LegId, Line>,
    commands: HashMap<u64, oneshot::Sender<Result<(), SwitchError>>>,
    /// Where INVITEs are whose dialog another leg has now.
    moved: HashMap<ClientTx, LegId>,
    /// Legs that have an answer which waits to be durable, since the latest input.
    promised: Vec<LegId>,
    /// The number of the latest transaction or command.
    latest: u64,
    usage: Arc<InUse>,
}

impl Engine {
    async fn run(
        mut self,
        mut inbox: mpsc::UnboundedReceiver<Event>,
        mut asked: mpsc::UnboundedReceiver<Asked>,
    ) {
        loop {
            let woken = wake(self.rest());
            // What was answered and acknowledged is taken in before what is asked.
            tokio::select! {
                biased;
                Some(event) = inbox.recv() => self.take(event),
                Some(asked) = asked.recv() => self.take_asked(asked),
                () = woken => self.handle(Input::Timeout),
                else => return,
            }
        }
    }

    fn take_asked(&mut self, asked: Asked) {
        match asked {
            Asked::Request { leg, transaction } => self.on_request(leg, *transaction),
            Asked::Answer { leg, response } => self.on_repeated_answer(leg, &response),
        }
    }

    fn rest(&self) -> Option<Duration> {
        let due = self.machine.deadline()?;
        Some(due.saturating_sub(self.world.core.clock.monotonic()))
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Invite(invite) => self.on_invite(*invite),
            Event::Followup { leg, transaction, followup } => self.on_followup(leg, transaction, followup),
            Event::InviteResponse { leg, transaction, response } => {
                let leg = self.moved.get(&transaction).copied().unwrap_or(leg);
                self.on_invite_response(leg, transaction, &response);
            }
            Event::Exchanged { leg, transaction, response } => {
                self.on_exchanged(leg, transaction, response.as_deref());
            }
            Event::Reached { call, flow, others } => self.on_reached(call, flow, others),
            Event::Durable { leg } => self.on_durable(leg),
            Event::SoundFetched { leg, number, sound } => self.on_sound_fetched(leg, number, sound),
            Event::Media { leg, event } => self.handle(Input::Leg { leg, event }),
            Event::Command { command, taken } => self.on_command(command, taken),
            Event::Stop => self.handle(Input::Stop),
        }
    }

    fn on_command(&mut self, command: CallCommand, taken: oneshot::Sender<Result<(), SwitchError>>) {
        if matches!(command, CallCommand::Originate(_)) && !self.world.core.takes_calls() {
            // Whoever has gone meanwhile does not need to hear it.
            let _ = taken.send(Err(SwitchError::Unavailable));
            return;
        }
        let ticket = self.next();
        self.commands.insert(ticket, taken);
        self.handle(Input::Command { ticket, command });
    }

    fn next(&mut self) -> u64 {
        self.latest += 1;
        self.latest
    }

    /// Lets the machine take something in, and does what it wants.
    fn handle(&mut self, input: Input) {
        let clock = &self.world.core.clock;
        let now = Now { monotonic: clock.monotonic(), wall: clock.now() };
        self.machine.handle(input, now, &mut self.world);
        // Whoever is told of an end finds that nothing is in use for it any more.
        self.tell_usage();
        while let Some(output) = self.machine.poll_output() {
            self.perform(output);
        }
        self.await_promises();
    }

    fn tell_usage(&self) {
        let b2bua::Usage { calls, counts, parked, ringing, .. } = self.machine.usage();
        self.usage.calls.store(calls, Ordering::Relaxed);
        self.usage.lines.store(self.lines.len(), Ordering::Relaxed);
        self.world.core.refused.set_full(self.machine.turned_away());
        self.usage.counts.store(counts, Ordering::Relaxed);
        self.usage.parked.store(parked, Ordering::Relaxed);
        self.usage.ringing.store(ringing, Ordering::Relaxed);
        self.usage.changed.notify_waiters();
    }

    fn execute(&mut self, output: Output) {
        match output {
            Output::Invite { leg, transaction, callee, invite } => {
                self.invite(leg, transaction, &callee, *invite)
            }
            Output::Cancel { leg, transaction, reasons } => self.cancel(leg, transaction, reasons),
            Output::Ack { leg, transaction, body } => self.acknowledge(leg, transaction, body),
            Output::Prack { leg, transaction, prack, .. } => self.prack(leg, transaction, prack),
            Output::Request { leg, transaction, request } => self.request(leg, transaction, request),
            Output::Respond { leg, transaction, response } => self.respond(leg, transaction, *response),
            Output::Swap { leg, other } => self.swap(leg, other),
            Output::Forget { leg } => self.forget(leg),
            Output::Reach { call, trunk, address } => self.world.reach(call, trunk, address),
            Output::Media(media) => self.world.perform(media),
            Output::Event(event) => self.tell(event),
            Output::Taken { ticket, result } => {
                if let Some(taken) = self.commands.remove(&ticket) {
                    // Whoever has gone meanwhile does not need to hear it.
                    let _ = taken.send(result.map_err(refused));
                }
            }
        }
    }

    fn forget(&mut self, leg: LegId) {
        if let Some(line) = self.lines.remove(&leg) {
            self.world.core.dialogs.remove(line.dialog.tag);
            self.world.hosts.remove(&leg);
            self.moved.retain(|transaction, _| !line.clients.contains_key(transaction));
            self.usage.lines.store(self.lines.len(), Ordering::Relaxed);
            self.usage.changed.notify_waiters();
        }
    }

    /// Lets two legs have each other's dialogs and transactions.
    fn swap(&mut self, leg: LegId, other: LegId) {
        for (id, line) in [(leg, self.lines.remove(&other)), (other, self.lines.remove(&leg))] {
            let Some(mut line) = line else { continue };
            let (tag, call_id) = (line.dialog.tag, line.dialog.call_id.clone());
            line.entry = self.world.core.dialogs.add(tag, call_id, id);
            self.moved.extend(line.clients.keys().map(|transaction| (*transaction, id)));
            self.world.hosts.insert(id, line.dialog.flow.peer.ip());
            self.lines.insert(id, line);
        }
    }
}

/// Returns after `rest`; never without one.
async fn wake(rest: Option<Duration>) {
    match rest {
        Some(rest) => sleep(rest).await,
        None => std::future::pending().await,
    }
}

fn refused(refusal: Refusal) -> SwitchError {
    match refusal {
        Refusal::NotFound => SwitchError::NotFound,
        Refusal::Conflict(why) => SwitchError::Conflict(why),
        Refusal::Unreachable(why) => SwitchError::Unreachable(why),
        Refusal::Limit => SwitchError::Limit,
        Refusal::Unavailable => SwitchError::Unavailable,
    }
}

fn settings(core: &Core) -> Settings {
    let config = &core.config;
    Settings {
        media: match config.media {
            MediaMode::Anchored(_) => b2bua::MediaMode::Anchored,
            MediaMode::Direct => b2bua::MediaMode::Direct,
        },
        silence_timeout: config.silence_timeout,
        max_calls: config.max_calls,
        no_answer: config.no_answer,
        t1: config.t1,
        trunk_silence: config.trunk_silence,
        refer_from_trunks: config.refer_from_trunks,
        features: config.features.clone(),
        park_time: config.park_time,
        end_work_within: config.end_work_within,
        retry_after: config.retry_after,
        redirects: match config.redirects {
            Redirects::Phones => b2bua::Redirects::Phones,
            Redirects::Follow => b2bua::Redirects::Follow,
            Redirects::Refuse => b2bua::Redirects::Refuse,
        },
        sessions: b2bua::SessionLimits {
            longest: config.sessions.longest,
            shortest: config.sessions.shortest,
        },
        rings_by_origin: config.rings_by_origin,
        has_recorder: core.recorder.is_some(),
    }
}
