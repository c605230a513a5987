//! Drives the call machine ([`b2bua`]): feeds it from transactions, timers and media, does what it wants done,
//! and nothing else.

mod arrivals;
mod fitting;
mod inbox;
mod invites;
mod keys;
mod line;
mod media;
mod promises;
pub(crate) mod reading;
mod requests;
mod responses;
mod sending;
mod settings;
mod world;

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use b2bua::{B2bua, Input, Now, Output, Refusal, World as _, message::ClientTx};
use call::{CallCommand, LegId};
use switch::{Clock, Promises, SwitchError, wait_until};
use tokio::{
    sync::{mpsc, oneshot},
    task::unconstrained,
};

pub(crate) use inbox::{Driver, Event, InUse, Inbox};

use crate::core::Core;
use inbox::Asked;
use line::{Line, Server};
use world::SipWorld;

impl Inbox {
    /// Begins to drive a machine for the switch.
    pub(crate) fn serve(self, core: &Arc<Core>) {
        let Self { events, asked, posts, usage } = self;
        let engine = Engine {
            machine: B2bua::new(settings::settings(core)),
            world: SipWorld::new(core.clone(), posts),
            lines: HashMap::new(),
            commands: HashMap::new(),
            moved: HashMap::new(),
            promised: Vec::new(),
            promises: Promises::new(&core.events, core.config.answer_budget),
            latest: 0,
            usage,
        };
        // It goes on until nothing waits any more: that is what bounds the inbox.
        core.stack.tasks.spawn(unconstrained(engine.run(events, asked)));
    }
}

/// The machine with its world.
struct Engine {
    machine: B2bua,
    world: SipWorld,
    lines: HashMap<LegId, Line>,
    commands: HashMap<u64, oneshot::Sender<Result<(), SwitchError>>>,
    /// Where INVITEs are whose dialog another leg has now.
    moved: HashMap<ClientTx, LegId>,
    /// Legs that have an answer which waits to be durable: since the latest input, and before.
    promised: Vec<LegId>,
    promises: Promises<LegId>,
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
            let (clock, due) = (self.world.core.clock.clone(), self.machine.deadline());
            let woken = wake(&*clock, due);
            // What was answered and acknowledged is taken in before what is asked.
            tokio::select! {
                biased;
                Some(event) = inbox.recv() => self.guard(|engine| engine.take(event)),
                Some(asked) = asked.recv() => self.guard(|engine| engine.take_asked(asked)),
                leg = self.promises.next() => self.guard(|engine| engine.on_durable(leg)),
                () = woken => self.guard(|engine| engine.handle(Input::Timeout)),
                else => return,
            }
        }
    }

    /// A fault in what is done for one must not end the calls of all.
    fn guard(&mut self, act: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| act(self))).is_err() {
            tracing::error!("a fault of the switch: what it was about is lost");
        }
    }

    fn take_asked(&mut self, asked: Asked) {
        match asked {
            Asked::Request { leg, incoming } => self.on_request(leg, *incoming),
            Asked::Answer { leg, response } => self.on_repeated_answer(leg, &response),
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Invite(invite) => self.on_invite(*invite),
            Event::Followup { leg, transaction, followup } => self.on_followup(leg, transaction, followup),
            Event::InviteResponse { leg, transaction, response } => {
                self.on_invite_response(self.leg_of(leg, transaction), transaction, &response);
            }
            Event::Exchanged { leg, transaction, response } => {
                self.on_exchanged(self.leg_of(leg, transaction), transaction, response.as_deref());
                self.moved.remove(&transaction);
            }
            Event::Reached { call, flow, others } => self.on_reached(call, flow, others),
            Event::SoundFetched { leg, number, sound } => self.on_sound_fetched(leg, number, sound),
            Event::Secured { leg, suite } => self.on_secured(leg, suite),
            Event::Media { leg, event } => self.handle(Input::Leg { leg, event }),
            Event::Command { command, taken } => self.on_command(command, taken),
            Event::Quality { legs, told } => {
                let known = legs.into_iter().filter_map(|leg| Some((leg, self.world.quality(leg)?)));
                // Whoever has gone meanwhile does not need to hear it.
                let _ = told.send(known.collect());
            }
            Event::Stop => self.handle(Input::Stop),
        }
    }

    /// The leg that a transaction of a leg belongs to now.
    fn leg_of(&self, leg: LegId, transaction: ClientTx) -> LegId {
        self.moved.get(&transaction).copied().unwrap_or(leg)
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
            Output::LimitReached { of, bound } => self.world.tell_full(of, bound),
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
            self.world.accounts.remove(&leg);
            self.world.security.remove(&leg);
            for transaction in line.clients.keys() {
                self.moved.remove(transaction);
            }
            for Server::Invite { incoming, .. } | Server::Other(incoming) in line.servers.values() {
                self.world.core.stack.abandon(incoming);
            }
            self.usage.lines.store(self.lines.len(), Ordering::Relaxed);
            self.usage.changed.notify_waiters();
        }
    }

    /// Lets two legs have each other's dialogs and transactions.
    fn swap(&mut self, leg: LegId, other: LegId) {
        for (id, line) in [(leg, self.lines.remove(&other)), (other, self.lines.remove(&leg))] {
            let Some(mut line) = line else { continue };
            line.entry = self.world.core.dialogs.add(&line.dialog, id);
            self.moved.extend(line.clients.keys().map(|transaction| (*transaction, id)));
            self.world.hosts.insert(id, line.dialog.flow.peer.ip());
            line.encryption = None;
            line.settle(id, &mut self.world);
            self.lines.insert(id, line);
        }
    }
}

/// Returns when it is due; never if nothing is.
async fn wake(clock: &dyn Clock, due: Option<Duration>) {
    match due {
        Some(due) => wait_until(clock, due).await,
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
