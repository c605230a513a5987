//! A switch without SIP: calls that a test or a script plays step by step, told in the same events as the
//! calls of any other switch, and open to the same commands.

mod conversation;
mod orders;
mod originate;
mod scripted_call;
mod slots;
mod spec;

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use call::{
    AccountId, CallCommand, CallId, Number, Timestamp,
    command::{Originate, Target},
    event::{EndCause, Releaser},
    party::Endpoint,
};
use parking_lot::Mutex;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::sync::Notify;

use crate::{CallClock, Clock, EventSink, Registration, Switch, SwitchError, SystemClock};
use conversation::{Conversation, Ending};
use scripted_call::Line;
pub use scripted_call::SimulatedCall;
use slots::Slots;
pub use spec::{CallSpec, Party};

/// Finds the parties that a command of an account means: all of them ring, none is an unknown target.
pub type Resolver = dyn Fn(AccountId, &Target) -> Vec<Party> + Send + Sync;

/// What a party does of itself when a command has it called. Asked while the call is locked.
pub type Manners = dyn Fn(&Endpoint) -> Manner + Send + Sync;

/// What a party does of itself when a command has it called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Nothing until it is told.
    Waits,
    /// It rings.
    Rings,
    /// It rings and answers.
    Answers,
    /// It is busy.
    Busy,
}

/// The simulated switch. Clones are the same switch.
#[derive(Clone)]
pub struct SimulatedSwitch {
    exchange: Arc<Exchange>,
}

struct Exchange {
    sink: EventSink,
    clock: Arc<dyn Clock>,
    resolver: Box<Resolver>,
    manners: Box<Manners>,
    random: Mutex<StdRng>,
    board: Mutex<Board>,
    slots: Arc<Slots>,
    registrations: Mutex<Vec<Registration>>,
    call_ended: Notify,
}

#[derive(Default)]
struct Board {
    lines: HashMap<CallId, Arc<Line>>,
    stopping: bool,
}

/// What a simulated switch is made of.
pub struct Builder {
    sink: EventSink,
    clock: Arc<dyn Clock>,
    resolver: Box<Resolver>,
    manners: Box<Manners>,
    seed: u64,
}

impl Builder {
    /// Tells the time by `clock` instead of by the machine's.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Finds the parties of commands; without it every target is unknown.
    #[must_use]
    pub fn resolver(
        self,
        resolver: impl Fn(AccountId, &Target) -> Vec<Party> + Send + Sync + 'static,
    ) -> Self {
        Self { resolver: Box::new(resolver), ..self }
    }

    /// Every party that a command has called up rings and answers at once; without it they wait until told.
    #[must_use]
    pub fn auto_answer(self) -> Self {
        self.manners(|_| Manner::Answers)
    }

    /// Every party that a command has called up behaves by itself in this manner.
    #[must_use]
    pub fn manners(self, manners: impl Fn(&Endpoint) -> Manner + Send + Sync + 'static) -> Self {
        Self { manners: Box::new(manners), ..self }
    }

    /// The same seed gives the same ids, if the clock tells the same times.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The switch, with no calls and no registrations.
    pub fn build(self) -> SimulatedSwitch {
        let exchange = Exchange {
            sink: self.sink,
            clock: self.clock,
            resolver: self.resolver,
            manners: self.manners,
            random: Mutex::new(StdRng::seed_from_u64(self.seed)),
            board: Mutex::default(),
            slots: Arc::default(),
            registrations: Mutex::default(),
            call_ended: Notify::new(),
        };
        SimulatedSwitch { exchange: Arc::new(exchange) }
    }
}

impl SimulatedSwitch {
    /// A switch that reports to `sink`.
    pub fn builder(sink: EventSink) -> Builder {
        Builder {
            sink,
            clock: Arc::new(SystemClock::default()),
            resolver: Box::new(|_, _| Vec::new()),
            manners: Box::new(|_| Manner::Waits),
            seed: rand::random(),
        }
    }

    /// Takes a call: it starts, is routed, and its called parties are offered it. A call without called
    /// parties is refused and over at once: with 404 if it has no route, else with 480.
    pub fn place(&self, spec: CallSpec) -> Result<SimulatedCall, SwitchError> {
        let started_at = self.exchange.clock.now() - spec.age;
        let id = CallId::new(started_at, self.exchange.random.lock().random());
        self.begin(id, spec.age, |call| call.receive(spec))
    }

    /// A call that is ringing.
    pub fn ringing_call(&self, caller: Party, called: Party) -> Result<SimulatedCall, SwitchError> {
        let call = self.place(CallSpec::new(caller, called))?;
        call.ring();
        Ok(call)
    }

    /// A call whose parties talk.
    pub fn answered_call(&self, caller: Party, called: Party) -> Result<SimulatedCall, SwitchError> {
        let call = self.ringing_call(caller, called)?;
        call.answer();
        Ok(call)
    }

    /// A phone says that it is done with its work after a call: by a call of its own, which is over at once.
    pub fn end_work(&self, phone: Party, of: CallId, work: Duration) -> Result<(), SwitchError> {
        let id = CallId::new(self.exchange.clock.now(), self.exchange.random.lock().random());
        self.begin(id, Duration::ZERO, |call| call.end_work(phone, of, work)).map(drop)
    }

    /// The call with this id, if it is not over.
    pub fn call(&self, id: CallId) -> Option<SimulatedCall> {
        let line = self.exchange.board.lock().lines.get(&id).cloned()?;
        Some(SimulatedCall::new(self.exchange.clone(), line))
    }

    /// How many calls are not over.
    pub fn call_count(&self) -> usize {
        self.exchange.board.lock().lines.len()
    }

    /// How many parking slots are taken, all accounts together.
    pub fn parked_count(&self) -> usize {
        self.exchange.slots.taken()
    }

    /// Registers a contact; the same contact of the same device is replaced.
    pub fn register(&self, registration: Registration) {
        let mut all = self.exchange.registrations.lock();
        all.retain(|known| (known.device, &known.contact) != (registration.device, &registration.contact));
        all.push(registration);
    }

    fn begin(
        &self,
        id: CallId,
        age: Duration,
        first: impl FnOnce(&mut Conversation),
    ) -> Result<SimulatedCall, SwitchError> {
        let clock = CallClock::start(self.exchange.clock.clone());
        let ids = StdRng::from_rng(&mut *self.exchange.random.lock());
        let line = Arc::new(Line::new(id, clock, age, Conversation::new(ids, self.exchange.slots.clone())));
        line.begin(&self.exchange, first)?;
        Ok(SimulatedCall::new(self.exchange.clone(), line))
    }

    fn originate(&self, originate: &Originate) -> Result<(), SwitchError> {
        let resolve = |target| self.resolve(originate.account, target);
        let (from, to) = (resolve(&originate.from), resolve(&originate.to));
        let plan = originate::Plan::new(from, to, originate.recording)?;
        let call = self.begin(originate.call_id, Duration::ZERO, |call| call.ring_first(plan))?;
        self.let_behave(&call);
        Ok(())
    }

    fn hang_up(&self, id: CallId) -> Result<(), SwitchError> {
        let call = self.call(id).ok_or(SwitchError::NotFound)?;
        let found = call.told(|call| call.release_all(Ending::by(Releaser::Command)));
        if found { Ok(()) } else { Err(SwitchError::NotFound) }
    }

    async fn until_idle(&self) {
        loop {
            let ended = self.exchange.call_ended.notified();
            if self.call_count() == 0 {
                return;
            }
            ended.await;
        }
    }
}

impl Exchange {
    fn open(&self, line: &Arc<Line>) -> Result<(), SwitchError> {
        let mut board = self.board.lock();
        if board.stopping || self.sink.room().is_err() {
            return Err(SwitchError::Unavailable);
        }
        match board.lines.entry(line.id) {
            Entry::Occupied(_) => Err(SwitchError::Conflict("a call with this id is there")),
            Entry::Vacant(place) => {
                place.insert(line.clone());
                Ok(())
            }
        }
    }

    fn close(&self, id: CallId) {
        if self.board.lock().lines.remove(&id).is_some() {
            self.call_ended.notify_waiters();
        }
    }
}

#[async_trait]
impl Switch for SimulatedSwitch {
    async fn command(&self, command: CallCommand) -> Result<(), SwitchError> {
        match command {
            CallCommand::Originate(originate) => self.originate(&originate),
            CallCommand::HangupCall { call_id } => self.hang_up(call_id),
            CallCommand::Leg { call_id, leg_id, command } => self.obey(call_id, leg_id, &command),
        }
    }

    fn serves(&self, number: &Number) -> bool {
        self.exchange.slots.has(number.as_str())
    }

    fn registrations(&self, account: AccountId) -> Vec<Registration> {
        let all = self.exchange.registrations.lock();
        all.iter().filter(|registration| registration.account == account).cloned().collect()
    }

    fn registration_count(&self) -> usize {
        let now: Timestamp = self.exchange.clock.now();
        self.exchange.registrations.lock().iter().filter(|known| known.expires_at > now).count()
    }

    async fn stop(&self, grace: Duration) {
        self.exchange.board.lock().stopping = true;
        if tokio::time::timeout(grace, self.until_idle()).await.is_ok() {
            return;
        }
        let lines: Vec<_> = self.exchange.board.lock().lines.values().cloned().collect();
        for line in lines {
            line.step(&self.exchange, |call| {
                call.release_all(Ending { by: Releaser::Switch, cause: Some(EndCause::Interrupted) });
            });
        }
    }
}
