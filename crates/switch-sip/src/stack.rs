//! The transactions of the switch: [`transactions`] with messages, flows, and the switch's clock.

mod keys;
mod waits;

use std::{future::Future, sync::Arc, time::Duration};

use bytes::Bytes;
use call::LegId;
use parking_lot::Mutex;
use rsipstack::sip::{Method, Request, Response, StatusCode};
use switch::Clock;
use tokio::{
    sync::{mpsc, oneshot},
    time::{MissedTickBehavior, interval},
};
use tokio_util::task::TaskTracker;
use transactions::{Cancelled, Heard, Key, Kind, Output, Timing, Transactions, Way};

pub(crate) use keys::{Keys, Told};
use waits::{Exchange, Waits};

use crate::{
    driver::Event,
    message::{build, fields::Body},
    reason::Reason,
    transport::{Flow, Outlet},
};

/// How late a timer may be. The shortest is T1, half a second.
const TICK: Duration = Duration::from_millis(10);

/// The transactions, and the tasks beside them.
#[derive(Clone)]
pub(crate) struct Stack {
    transactions: Arc<Mutex<Transactions<Hop, Attendant, Waits>>>,
    keys: Keys,
    clock: Arc<dyn Clock>,
    events: mpsc::UnboundedSender<Event>,
    pub(crate) tasks: TaskTracker,
    /// What should be done before the switch stops: BYEs, CANCELs and what they cancel.
    farewells: TaskTracker,
}

/// Where a message goes.
#[derive(Clone)]
pub(crate) struct Hop {
    outlet: Outlet,
    peer: std::net::SocketAddr,
}

impl Way for Hop {
    fn is_reliable(&self) -> bool {
        self.outlet.is_reliable()
    }
}

impl Hop {
    fn of(flow: &Flow) -> Self {
        Self { outlet: flow.outlet.clone(), peer: flow.peer }
    }
}

/// Whom the driver tells of what becomes of a peer's INVITE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attendant {
    pub(crate) leg: LegId,
    pub(crate) transaction: b2bua::message::ServerTx,
}

/// A request of a peer that is to be answered.
#[derive(Clone)]
pub(crate) struct Incoming {
    pub(crate) request: Arc<Request>,
    /// The way back to where it came from.
    pub(crate) flow: Flow,
    key: Key,
}

/// What a response is to somebody.
enum News {
    Provisional((LegId, b2bua::message::ClientTx)),
    Final(Waits),
}

/// What a peer does to its own INVITE after sending it.
pub(crate) enum Followup {
    /// It cancels it, and may say why.
    Cancelled(Option<Reason>),
    /// It acknowledges our 2xx, maybe with a body.
    Acknowledged(Body),
    /// It never acknowledged our 2xx.
    Lost,
}

impl Stack {
    pub(crate) fn new(t1: Duration, clock: Arc<dyn Clock>, events: mpsc::UnboundedSender<Event>) -> Self {
        Self {
            transactions: Arc::new(Mutex::new(Transactions::new(Timing::of(t1)))),
            keys: Keys::default(),
            clock,
            events,
            tasks: TaskTracker::new(),
            farewells: TaskTracker::new(),
        }
    }

    /// How many tasks there are, with the farewells that wait for an answer.
    pub(crate) fn task_count(&self) -> usize {
        self.tasks.len() + self.farewells.len()
    }

    /// How many transactions there are, with those that only absorb repeats.
    pub(crate) fn transaction_count(&self) -> usize {
        self.transactions.lock().count()
    }

    /// Lets time pass for transactions.
    pub(crate) async fn run(self) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.act(Transactions::handle_timeout);
        }
    }

    /// Waits at most `patience` for the answers to BYEs and CANCELs and to what is cancelled.
    pub(crate) async fn settle(&self, patience: Duration) {
        self.farewells.close();
        // Whoever has not answered by then is not waited for.
        let _ = tokio::time::timeout(patience, self.farewells.wait()).await;
    }

    /// Lets transactions do something, and does what they want done.
    fn act<R>(&self, act: impl FnOnce(&mut Transactions<Hop, Attendant, Waits>, Duration) -> R) -> R {
        let mut transactions = self.transactions.lock();
        let result = act(&mut transactions, self.clock.monotonic());
        let mut over = Vec::new();
        while let Some(output) = transactions.poll_output() {
            match output {
                Output::Send(hop, bytes) => hop.outlet.send(bytes, hop.peer),
                output => over.push(output),
            }
        }
        drop(transactions);
        over.into_iter().for_each(|output| self.tell(output));
        result
    }

    fn tell(&self, output: Output<Hop, Attendant, Waits>) {
        match output {
            Output::Send(..) => {}
            // Silence is a 408 (RFC 3261 section 8.1.3.1).
            Output::TimedOut(waits) => waits.fail(self, StatusCode::RequestTimeout),
            Output::NeverAcknowledged(attendant) => self.follow_up(attendant, Followup::Lost),
        }
    }

    fn follow_up(&self, Attendant { leg, transaction }: Attendant, followup: Followup) {
        self.post(Event::Followup { leg, transaction, followup });
    }

    fn post(&self, event: Event) {
        // The driver ends with the switch only.
        let _ = self.events.send(event);
    }
}

/// Requests of peers.
impl Stack {
    /// Whether a request is a repeat of one that was taken.
    pub(crate) fn knows(&self, method: Method, told: &Told<'_>) -> bool {
        self.keys.of_told(method, told).is_some_and(|key| self.transactions.lock().knows(key))
    }

    /// Takes a request that has come over `flow`. Gives it if it begins a transaction; what belongs to another one is
    /// seen to.
    pub(crate) fn take(&self, request: Request, flow: Flow) -> Option<Incoming> {
        let key = self.keys.of_request(&request)?;
        match request.method {
            Method::Ack => self.acknowledged(key, &request),
            Method::Cancel => self.cancelled(key, &request, &flow),
            method => {
                let kind = if method == Method::Invite { Kind::Invite } else { Kind::Other };
                let is_new =
                    self.act(|transactions, now| transactions.accept(key, kind, &Hop::of(&flow), now));
                return is_new.then(|| Incoming { request: Arc::new(request), flow, key });
            }
        }
        None
    }

    fn acknowledged(&self, invite: Key, ack: &Request) {
        let Some(answer) = self.keys.of_acknowledgement(ack) else { return };
        let attendant = self.act(|transactions, now| transactions.acknowledge(invite, answer, now));
        if let Some(attendant) = attendant {
            self.follow_up(attendant, Followup::Acknowledged(Body::of_request(ack)));
        }
    }

    fn cancelled(&self, invite: Key, cancel: &Request, flow: &Flow) {
        let met = self.transactions.lock().cancel(invite);
        let status = match met {
            Cancelled::Unknown => StatusCode::CallTransactionDoesNotExist,
            Cancelled::Answered | Cancelled::Open(_) => StatusCode::OK,
        };
        let tag = crate::random::LocalTag::new().to_string();
        flow.send(build::response(cancel, status, &tag).to_bytes().into());
        if let Cancelled::Open(attendant) = met {
            self.follow_up(attendant, Followup::Cancelled(Reason::of(cancel)));
        }
    }

    /// Lets a leg hear what becomes of an INVITE.
    pub(crate) fn attend(&self, invite: &Incoming, attendant: Attendant) {
        self.transactions.lock().attend(invite.key, attendant);
    }

    /// Answers a request.
    pub(crate) fn answer(&self, incoming: &Incoming, response: &Response) {
        let bytes = Bytes::from(response.to_bytes());
        let response = match response.status_code.code() {
            ..200 => transactions::Response::Provisional(bytes),
            200..300 => match self.keys.of_acknowledgement(response) {
                Some(acknowledgement) => transactions::Response::Success(bytes, acknowledgement),
                None => transactions::Response::Final(bytes),
            },
            300.. => transactions::Response::Final(bytes),
        };
        self.act(|transactions, now| transactions.respond(incoming.key, response, now));
    }

    /// Nobody will answer it any more.
    pub(crate) fn abandon(&self, incoming: &Incoming) {
        self.transactions.lock().abandon(incoming.key);
    }
}

/// Requests of ours.
impl Stack {
    /// Sends an INVITE of a leg; the driver hears of each response.
    pub(crate) fn invite(
        &self,
        flow: &Flow,
        invite: Arc<Request>,
        (leg, transaction): (LegId, b2bua::message::ClientTx),
    ) {
        self.begin(flow, Waits::Invite { leg, transaction, invite });
    }

    /// Sends a request. `done` hears its final response; silence becomes a 408, and a connection that closes
    /// meanwhile is none. A peer that asks who we are is told once, where we have a login there.
    pub(crate) fn ask(
        &self,
        flow: Flow,
        request: Request,
        done: impl FnOnce(Option<Response>) + Send + 'static,
    ) {
        let exchange = Exchange { flow, request, was_logged_in: false, done: Box::new(done) };
        exchange.begin(self);
    }

    /// The same; a stop of the switch waits for it.
    pub(crate) fn part(
        &self,
        flow: Flow,
        request: Request,
        done: impl FnOnce(Option<Response>) + Send + 'static,
    ) {
        let farewell = self.farewells.token();
        self.ask(flow, request, move |response| {
            done(response);
            drop(farewell);
        });
    }

    /// The same, for whoever waits for the response.
    pub(crate) fn exchange(
        &self,
        flow: Flow,
        request: Request,
    ) -> impl Future<Output = Option<Response>> + Send + use<> {
        let (done, response) = oneshot::channel();
        self.ask(flow, request, move |response| {
            // Whoever has gone meanwhile does not need to hear it.
            let _ = done.send(response);
        });
        async move { response.await.ok().flatten() }
    }

    fn begin(&self, flow: &Flow, waits: Waits) {
        let request = waits.request();
        let (Some(key), true) = (self.keys.of_our_request(request), flow.is_open()) else {
            return waits.lose(self);
        };
        let kind = if request.method == Method::Invite { Kind::Invite } else { Kind::Other };
        let bytes = request.to_bytes().into();
        self.act(|transactions, now| transactions.begin(key, kind, Hop::of(flow), bytes, waits, now));
    }

    /// Takes a response.
    pub(crate) fn on_response(&self, response: Response) {
        let Some(key) = self.keys.of_response(&response) else { return };
        let said = (response.status_code.code(), self.keys.print(&response));
        let news = self.act(|transactions, now| {
            match transactions.on_response(key, said, now, |waits| waits.acknowledgement(&response)) {
                Heard::Nothing => None,
                Heard::Provisional(waits) => waits.listener().map(News::Provisional),
                Heard::Final(waits) => Some(News::Final(waits)),
            }
        });
        match news {
            None => {}
            Some(News::Provisional(listener)) => self.heard(listener, response),
            Some(News::Final(waits)) => waits.end(self, response),
        }
    }

    fn heard(&self, (leg, transaction): (LegId, b2bua::message::ClientTx), response: Response) {
        self.post(Event::InviteResponse { leg, transaction, response: Arc::new(response) });
    }

    /// Ends what was sent over a connection that has closed.
    pub(crate) fn lose(&self, outlet: &Outlet) {
        let lost = self.transactions.lock().lose(|hop| hop.outlet.is_same(outlet));
        lost.into_iter().for_each(|waits| waits.lose(self));
    }
}
