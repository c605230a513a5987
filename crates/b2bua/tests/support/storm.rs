//! Phones that do anything at any time, and a driver that times out what they leave open.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use b2bua::{
    B2bua, Caller, Direction, Input, Invite, LegInput, Media, MediaMode, Now, Output, Refusal, Reliability,
    Sdp, Settings, Usage,
    message::{
        Body, ClientTx, Content, Fork, Offer, Prack, Reasons, Refer, Replaces, Request, Response, ServerTx,
        SessionTimer, Shown,
    },
    world::{Callee, Limited, Limits, Via},
};
use call::{
    AccountId, Applied, CallCommand, CallEvent, CallId, EventKind, Leg, LegId, Number, Registry, Timestamp,
    command::{Digits, LegCommand, Originate, RecordingKind, Sound, Target},
    event::LegDirection,
    party::Endpoint,
};

use crate::office::{DID, Office, endpoint_of_trunk, extension, facts, office, owner};

const START: Timestamp = Timestamp::from_seconds(1_700_000_000);
/// After so long the driver gives up what was not answered.
const PATIENCE: Duration = Duration::from_secs(32);

/// Something that happens, as far as chance says; what it happens to is found among what is there.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Invite(u8, u8, u8),
    Originate(u8, u8),
    Answer(u8, u8, u8),
    Request(u8, u8, u8),
    Acknowledge(u8, u8),
    Cancel(u8),
    Early(u8, u8),
    Command(u8, u8, u8),
    Media(u8, u8),
    Nonsense(u8, u8),
    Repeat,
    Wait(u8),
    Stop,
}

impl Step {
    pub fn of((kind, a, b, c): (u8, u8, u8, u8)) -> Self {
        match kind {
            0..=11 => Self::Invite(a, b, c),
            12..=14 => Self::Originate(a, b),
            15..=42 => Self::Answer(a, b, c),
            43..=62 => Self::Request(a, b, c),
            63..=72 => Self::Acknowledge(a, b),
            73..=76 => Self::Cancel(a),
            77..=86 => Self::Command(a, b, c),
            87..=88 => Self::Media(a, b),
            89..=91 => Self::Nonsense(a, b),
            92 => Self::Repeat,
            93 if a < 8 => Self::Stop,
            94..=96 => Self::Early(a, b),
            _ => Self::Wait(a),
        }
    }
}

/// What is known of a leg outside of the machine.
#[derive(Debug, Default)]
struct Line {
    /// Requests of ours that wait for their final response: whether they are INVITEs, had a provisional one,
    /// and were cancelled, and when they were sent.
    asked: BTreeMap<ClientTx, Asked>,
    /// INVITEs of the party that were answered with 2xx and not acknowledged, and since when.
    unacknowledged: BTreeMap<ServerTx, Duration>,
    invites: Vec<ServerTx>,
    rseq: Option<u32>,
    /// 2xx that the party has sent to INVITEs, which we have to acknowledge.
    owed: HashSet<ClientTx>,
    is_established: bool,
    was_hung_up: bool,
    is_forgotten: bool,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    is_invite: bool,
    proceeds: bool,
    is_cancelled: bool,
    since: Duration,
}

/// The machine and its world.
pub struct Storm {
    machine: B2bua,
    settings: Settings,
    world: Office,
    at: Duration,
    lines: HashMap<LegId, Line>,
    legs: Vec<LegId>,
    calls: Vec<CallId>,
    latest_tx: u64,
    /// Requests of parties that wait for their final response.
    unanswered: HashSet<(LegId, ServerTx)>,
    answered: HashSet<(LegId, ServerTx)>,
    registry: Registry,
    /// Where each call goes by its own routing.
    routed: HashMap<CallId, AccountId>,
    /// Legs that an INVITE has begun which went out by a trunk.
    sent_out: HashSet<LegId>,
    /// What was tried on routings within calls, each by one trunk.
    attempts: HashSet<(CallId, u32, u32)>,
    started: HashSet<CallId>,
    over: HashSet<CallId>,
    /// Commands that wait to be answered.
    commands: u32,
    latest: Option<Input>,
    log: Vec<String>,
}

impl Storm {
    /// The same with other limits.
    #[allow(dead_code, reason = "one of the tests that share this")]
    pub fn within(is_anchored: bool, limits: impl IntoIterator<Item = (Limited, Limits)>) -> Self {
        let mut storm = Self::new(is_anchored);
        storm.world.limits = limits.into_iter().collect();
        storm
    }

    pub fn new(is_anchored: bool) -> Self {
        let media = if is_anchored { MediaMode::Anchored } else { MediaMode::Direct };
        let settings = Settings {
            media,
            silence_timeout: Some(Duration::from_secs(60)),
            has_recorder: true,
            refer_from_trunks: true,
            ..Settings::default()
        };
        let mut world = Office::default();
        let limits = Limits { calls: Some(5), ..Limits::default() };
        world.limits.insert(Limited::Account(AccountId(1)), limits);
        world.contacts.insert(call::DeviceId(3), vec![500, 1000]);
        world.unreachable.insert(call::TrunkId(1));
        Self {
            machine: B2bua::new(settings.clone()),
            settings,
            world,
            at: Duration::ZERO,
            lines: HashMap::new(),
            legs: Vec::new(),
            calls: Vec::new(),
            latest_tx: 0,
            unanswered: HashSet::new(),
            answered: HashSet::new(),
            registry: Registry::default(),
            routed: HashMap::new(),
            sent_out: HashSet::new(),
            attempts: HashSet::new(),
            started: HashSet::new(),
            over: HashSet::new(),
            commands: 0,
            latest: None,
            log: Vec::new(),
        }
    }

    fn fail(&self, why: &str) -> ! {
        panic!("{why}\n{}", self.log.join("\n"));
    }

    fn handle(&mut self, input: Input) {
        self.log.push(format!("{:?} {input:?}", self.at));
        self.commands += u32::from(matches!(input, Input::Command { .. }));
        self.world.now = self.at;
        let since = i64::try_from(self.at.as_micros()).unwrap();
        let now = Now { monotonic: self.at, wall: Timestamp::from_micros(START.as_micros() + since) };
        self.machine.handle(input, now, &mut self.world);
        while let Some(output) = self.machine.poll_output() {
            self.log.push(format!("        {output:?}"));
            self.take_output(output);
        }
        self.keep_within_limits();
    }

    /// No account and no trunk has more calls than it may, whatever brought them.
    fn keep_within_limits(&self) {
        for (of, limits) in &self.world.limits {
            let count = |is_counted: &dyn Fn(&Leg) -> bool| {
                let calls = self.registry.calls();
                calls.filter(|call| call.legs().iter().any(|leg| !leg.is_ended() && is_counted(leg))).count()
            };
            let is_its = |leg: &Leg| match of {
                Limited::Account(account) => leg.offer.owner.account == *account,
                Limited::Device(device) => leg.offer.endpoint.device() == Some(*device),
                Limited::Trunk(trunk) => {
                    matches!(leg.offer.endpoint, Endpoint::Trunk { id, .. } if id == *trunk)
                }
            };
            // What a phone sends is incoming to us.
            let [incoming, outgoing] = match of {
                Limited::Account(_) => [None, None],
                Limited::Device(_) => [LegDirection::Outgoing, LegDirection::Incoming].map(Some),
                Limited::Trunk(_) => [LegDirection::Incoming, LegDirection::Outgoing].map(Some),
            };
            let [comes, goes] = [incoming, outgoing].map(|direction| {
                count(&|leg| direction.is_some_and(|way| way == leg.offer.direction) && is_its(leg))
            });
            let counts = [
                ("calls", count(&is_its), limits.calls),
                ("incoming calls", comes, limits.incoming_calls),
                ("outgoing calls", goes, limits.outgoing_calls),
            ];
            for (what, count, most) in counts {
                if most.is_some_and(|most| count > most as usize) {
                    self.fail(&format!("{of:?} has {count} {what}, and may have {most:?}"));
                }
            }
        }
    }

    /// The process dies and is started again: of what it knew, only what was told is left, and that is over.
    #[allow(dead_code, reason = "one of the tests that share this")]
    pub fn crash(&mut self) {
        self.log.push(format!("{:?} crash", self.at));
        self.machine = B2bua::new(self.settings.clone());
        self.lines.values_mut().for_each(|line| *line = Line { is_forgotten: true, ..Line::default() });
        self.unanswered.clear();
        self.sent_out.clear();
        self.world.open.clear();
        (self.commands, self.latest) = (0, None);
        for call in self.registry.calls().cloned().collect::<Vec<_>>() {
            let at = call.timeline().until();
            self.apply(CallEvent { call_id: call.id(), at, kind: EventKind::CallInterrupted });
        }
    }

    fn line(&mut self, leg: LegId) -> &mut Line {
        if !self.lines.contains_key(&leg) {
            self.legs.push(leg);
        }
        self.lines.entry(leg).or_default()
    }

    fn ask(&mut self, leg: LegId, transaction: ClientTx, is_invite: bool) {
        let since = self.at;
        let line = self.line(leg);
        if line.is_forgotten {
            self.fail("a request goes in a dialog that was forgotten");
        }
        line.asked.insert(transaction, Asked { is_invite, proceeds: false, is_cancelled: false, since });
    }

    fn take_output(&mut self, output: Output) {
        match output {
            Output::Invite { leg, transaction, callee, .. } => {
                if matches!(callee, Callee::Trunk { .. }) && !self.lines.contains_key(&leg) {
                    self.sent_out.insert(leg);
                }
                self.ask(leg, transaction, true);
            }
            Output::Prack { leg, transaction, .. } => self.ask(leg, transaction, false),
            Output::Request { leg, transaction, request } => {
                if matches!(request, Request::Bye(_)) {
                    self.line(leg).was_hung_up = true;
                }
                self.ask(leg, transaction, matches!(request, Request::Invite(_)));
            }
            Output::Cancel { leg, transaction, .. } => {
                let at = self.at;
                if let Some(asked) = self.line(leg).asked.get_mut(&transaction) {
                    *asked = Asked { is_cancelled: true, since: at, ..*asked };
                }
            }
            Output::Ack { leg, transaction, .. } => {
                if !self.line(leg).owed.remove(&transaction) {
                    self.fail("what was not answered with 2xx is acknowledged");
                }
            }
            Output::Respond { leg, transaction, response } => self.take_response(leg, transaction, &response),
            Output::Forget { leg } => {
                let line = self.line(leg);
                line.is_forgotten = true;
                line.unacknowledged.clear();
                let is_closed = !line.is_established || line.was_hung_up;
                let is_acknowledged = line.owed.is_empty();
                if !is_closed {
                    self.fail("a dialog is forgotten that nobody has hung up");
                }
                if !is_acknowledged {
                    self.fail("an answer was never acknowledged");
                }
            }
            Output::Reach { call, trunk, address } => {
                let addresses = match address {
                    Some(address) => vec![address],
                    None if self.world.unreachable.contains(&trunk) => Vec::new(),
                    None => vec![crate::office::address(trunk, 0), crate::office::address(trunk, 1)],
                };
                self.handle(Input::Reached { call, addresses });
            }
            Output::Media(Media::Release(leg)) => {
                self.world.open.remove(&leg);
            }
            Output::Event(event) => self.apply(event),
            Output::Swap { leg, other } => {
                let (one, two) = (self.lines.remove(&leg), self.lines.remove(&other));
                self.lines.extend(two.map(|line| (leg, line)));
                self.lines.extend(one.map(|line| (other, line)));
            }
            Output::Taken { .. } => match self.commands.checked_sub(1) {
                Some(left) => self.commands = left,
                None => self.fail("what nobody has told is taken"),
            },
            Output::Media(_) | Output::LimitReached { .. } => {}
        }
    }

    fn take_response(&mut self, leg: LegId, transaction: ServerTx, response: &Response) {
        if response.is_provisional() {
            self.line(leg).rseq = response.reliable.or(self.line(leg).rseq);
            return;
        }
        if !self.unanswered.remove(&(leg, transaction)) {
            self.fail("what was not asked, or is answered, is answered");
        }
        self.answered.insert((leg, transaction));
        let at = self.at;
        let line = self.line(leg);
        if response.is_success() && line.invites.contains(&transaction) {
            line.is_established = true;
            line.unacknowledged.insert(transaction, at);
        }
    }

    fn apply(&mut self, event: CallEvent) {
        match &event.kind {
            EventKind::CallStarted(_) if !self.started.insert(event.call_id) => {
                self.fail("a call begins twice")
            }
            EventKind::CallMerged { absorbed } if !self.over.insert(*absorbed) => {
                self.fail("a call that is over is absorbed");
            }
            _ => {}
        }
        let kind = event.kind.clone();
        let id = event.call_id;
        self.note_routing(id, &kind);
        match self.registry.apply(&std::sync::Arc::new(event)) {
            Applied::Ended(_) if !self.over.insert(id) => self.fail("a call has two records"),
            Applied::Ended(_) | Applied::Changed => {}
            // The same route may be found again.
            Applied::Stale if matches!(kind, EventKind::CallRouted(_)) => {}
            Applied::Stale | Applied::Unexpected => self.fail(&format!("an event fits nothing: {kind:?}")),
        }
    }

    /// Each leg that an INVITE begins at a trunk is told of once: with a route of its own, that is tried by no
    /// other, or as its call was routed.
    fn note_routing(&mut self, id: CallId, kind: &EventKind) {
        match kind {
            EventKind::CallRouted(routed) => {
                self.routed.remove(&id);
                self.routed.extend(routed.termination.map(|owner| (id, owner.account)));
            }
            EventKind::LegOffered { leg, offer } if self.sent_out.remove(leg) => {
                let is_routed = match &offer.route {
                    Some(route) => self.attempts.insert((id, route.hunt, route.attempt)),
                    None => self.routed.get(&id) == Some(&offer.owner.account),
                };
                if !is_routed {
                    self.fail("an INVITE goes out by a trunk without a routing of its own");
                }
            }
            _ => {}
        }
    }

    fn pick(&self, at: u8) -> Option<LegId> {
        let live: Vec<_> = self.legs.iter().filter(|leg| !self.lines[leg].is_forgotten).collect();
        (!live.is_empty()).then(|| *live[usize::from(at) % live.len()])
    }

    pub fn take(&mut self, step: Step) {
        // What happens twice at one instant cannot be told from a repeat.
        self.pass(self.at + Duration::from_millis(1));
        match step {
            Step::Invite(who, whom, how) => self.invite(who, whom, how),
            Step::Originate(from, to) => self.originate(from, to),
            Step::Answer(leg, which, how) => self.answer(leg, which, how),
            Step::Request(leg, what, how) => self.request(leg, what, how),
            Step::Acknowledge(leg, how) => self.acknowledge(leg, how),
            Step::Cancel(leg) => self.cancel(leg),
            Step::Early(leg, how) => self.negotiate_early(leg, how),
            Step::Command(leg, what, how) => self.command(leg, what, how),
            Step::Media(leg, what) => self.media(leg, what),
            Step::Nonsense(leg, what) => self.nonsense(leg, what),
            Step::Repeat => {
                // What a transaction layer would not keep from the machine.
                let harmless = |input: &Input| {
                    !matches!(input, Input::Invite(_) | Input::Leg { event: LegInput::Request(..), .. })
                };
                if let Some(input) = self.latest.clone().filter(harmless) {
                    self.handle(input);
                }
            }
            Step::Wait(length) => {
                let millis = u64::from(length) * u64::from(length) * 20;
                self.pass(self.at + Duration::from_millis(millis));
            }
            Step::Stop => self.handle(Input::Stop),
        }
    }

    fn send(&mut self, leg: LegId, event: LegInput) {
        let input = Input::Leg { leg, event };
        self.latest = Some(input.clone());
        self.handle(input);
    }

    fn invite(&mut self, who: u8, whom: u8, how: u8) {
        let number = u8::try_from(self.calls.len() % 250).unwrap();
        let leg = LegId::new(
            START,
            [0xff, 0, 0, 0, 0, 0, 0, 0, u8::try_from(self.legs.len() % 250).unwrap(), number],
        );
        let call = CallId::new(START, [0, 0, 0, 0, 0, 0, 0, 0, 0, number]);
        self.calls.push(call);
        let transaction = self.server_tx();
        self.line(leg).invites.push(transaction);
        self.unanswered.insert((leg, transaction));
        let replaces = match how % 16 {
            0 => self.pick(whom).map_or(Replaces::Unknown, Replaces::Leg),
            1 => self.pick(whom).map_or(Replaces::Unknown, Replaces::RingingLeg),
            2 => Replaces::Unknown,
            _ => Replaces::No,
        };
        let invite = Invite {
            call,
            leg,
            transaction,
            caller: caller(who, dialed(whom)),
            replaces,
            body: if how % 5 == 0 { Body::Empty } else { Body::Sdp(sdp(how)) },
            reliability: [Reliability::Unknown, Reliability::Supported, Reliability::Required]
                [usize::from(how / 5 % 3)],
            timer: SessionTimer { is_known: how % 2 == 0, ..SessionTimer::default() },
            takes_update: [None, Some(true), Some(false)][usize::from(how % 3)],
            hops: 70,
            diversion: None,
            alerting: b2bua::message::Alerting::default(),
            history: None,
            facts: facts(),
        };
        self.handle(Input::Invite(Box::new(invite)));
    }

    fn originate(&mut self, from: u8, to: u8) {
        let number = u8::try_from(self.calls.len() % 250).unwrap();
        let call_id = CallId::new(START, [0, 0, 0, 0, 0, 0, 0, 0, 0, number]);
        self.calls.push(call_id);
        let from = Target::Extension(format!("100{}", from % 4 + 1).into());
        let to = target(to);
        let originate =
            Originate { call_id, account: AccountId(1), from, to, recording: Some(RecordingKind::Standing) };
        self.handle(Input::Command { ticket: 1, command: CallCommand::Originate(originate) });
    }

    fn answer(&mut self, leg: u8, which: u8, how: u8) {
        let open = |line: &Line| !line.asked.is_empty();
        let waiting: Vec<_> = self.legs.iter().filter(|leg| open(&self.lines[leg])).copied().collect();
        if waiting.is_empty() {
            return;
        }
        let leg = waiting[usize::from(leg) % waiting.len()];
        let line = self.line(leg);
        let at = usize::from(which) % line.asked.len();
        let (transaction, asked) = line.asked.iter().nth(at).map(|(tx, asked)| (*tx, *asked)).unwrap();
        let codes: &[u16] = match asked.is_invite {
            true => &[
                200, 200, 200, 200, 100, 180, 183, 183, 183, 302, 401, 408, 422, 480, 481, 486, 488, 491,
                503, 603,
            ],
            false => &[200, 200, 200, 405, 408, 481, 491, 500],
        };
        let code = codes[usize::from(how) % codes.len()];
        self.respond(leg, transaction, code, how);
    }

    fn respond(&mut self, leg: LegId, transaction: ClientTx, code: u16, how: u8) {
        let line = self.line(leg);
        let Some(asked) = line.asked.get(&transaction).copied() else { return };
        if code < 200 {
            line.asked.insert(transaction, Asked { proceeds: true, ..asked });
        } else {
            line.asked.remove(&transaction);
        }
        if (200..300).contains(&code) && asked.is_invite {
            line.owed.insert(transaction);
            line.is_established = true;
        }
        let has_body = code == 183 || (code == 200 && asked.is_invite && how % 7 != 0);
        let reliable = (code == 183 && how % 2 == 0).then_some(u32::from(how / 32) + 1);
        let response = Response {
            body: if has_body { Body::Sdp(sdp(how)) } else { Body::Empty },
            reliable,
            fork: Fork(u32::from(how % 11 == 0)),
            contacts: vec![dialed(how)],
            takes_update: [None, Some(true), Some(false)][usize::from(how % 3)],
            connected: spoken_for(how),
            ..Response::of(code)
        };
        self.send(leg, LegInput::Response(transaction, response));
    }

    fn server_tx(&mut self) -> ServerTx {
        self.latest_tx += 1;
        ServerTx(self.latest_tx)
    }

    fn request(&mut self, leg: u8, what: u8, how: u8) {
        let Some(leg) = self.pick(leg) else { return };
        let offer = || Offer {
            body: if how % 4 == 0 { Body::Empty } else { Body::Sdp(sdp(how)) },
            connected: spoken_for(how),
            takes_update: None,
            hops: 70,
            ..Offer::default()
        };
        let text = Body::Other(Content { kind: "application/dtmf".into(), bytes: b"5".as_slice().into() });
        let request = match what % 16 {
            0..=2 => Request::Bye(Reasons::default()),
            3..=6 => Request::Invite(offer()),
            7 | 8 => Request::Update(offer()),
            9 | 10 => {
                let line = self.line(leg);
                let (invite, rseq) = (line.invites.first().copied(), line.rseq.unwrap_or(u32::from(how)));
                let body = if how % 2 == 0 { Body::Empty } else { Body::Sdp(sdp(how)) };
                Request::Prack(Prack { rseq, invite, fork: Fork(0), body })
            }
            11 | 12 => Request::Refer(Refer {
                to: dialed(how),
                replaces: match how % 3 {
                    0 => Replaces::No,
                    _ => self.pick(how).map_or(Replaces::Unknown, Replaces::Leg),
                },
                referred_by: None,
                id: 1,
                is_told: how % 2 == 0,
            }),
            13 => Request::Info(if how % 2 == 0 { text } else { Body::Empty }),
            14 => Request::Message(Body::Empty),
            _ => Request::Options,
        };
        let transaction = self.server_tx();
        if matches!(request, Request::Invite(_)) {
            self.line(leg).invites.push(transaction);
        }
        if matches!(request, Request::Bye(_)) {
            self.line(leg).was_hung_up = true;
        }
        self.unanswered.insert((leg, transaction));
        self.send(leg, LegInput::Request(transaction, request));
    }

    fn acknowledge(&mut self, leg: u8, how: u8) {
        let waits = |line: &Line| !line.unacknowledged.is_empty();
        let waiting: Vec<_> = self.legs.iter().filter(|leg| waits(&self.lines[leg])).copied().collect();
        if waiting.is_empty() {
            return;
        }
        let leg = waiting[usize::from(leg) % waiting.len()];
        let (transaction, _) = self.line(leg).unacknowledged.pop_first().unwrap();
        let body = if how % 3 == 0 { Body::Empty } else { Body::Sdp(sdp(how)) };
        self.send(leg, LegInput::Acknowledged(transaction, body));
    }

    /// A caller acknowledges what it was sent reliably, and offers something else, or another party does.
    fn negotiate_early(&mut self, leg: u8, how: u8) {
        let hears = |line: &Line| line.rseq.is_some() && !line.is_forgotten;
        let waiting: Vec<_> = self.legs.iter().filter(|leg| hears(&self.lines[leg])).copied().collect();
        if waiting.is_empty() {
            return;
        }
        let leg = waiting[usize::from(leg) % waiting.len()];
        let line = self.line(leg);
        let (rseq, invite) = (line.rseq.take().unwrap(), line.invites.first().copied());
        let prack = Prack { rseq, invite, fork: Fork(0), body: Body::Empty };
        self.ask_machine(leg, Request::Prack(prack));
        let by = if how % 2 == 0 { Some(leg) } else { self.pick(how) };
        let offer = Offer { body: Body::Sdp(sdp(how)), hops: 70, ..Offer::default() };
        if let Some(by) = by {
            self.ask_machine(by, Request::Update(offer));
        }
    }

    fn ask_machine(&mut self, leg: LegId, request: Request) {
        let transaction = self.server_tx();
        self.unanswered.insert((leg, transaction));
        self.send(leg, LegInput::Request(transaction, request));
    }

    fn cancel(&mut self, leg: u8) {
        let Some(leg) = self.pick(leg) else { return };
        if let Some(transaction) = self.line(leg).invites.last().copied() {
            self.send(leg, LegInput::Cancelled(transaction, Reasons::default()));
        }
    }

    fn command(&mut self, leg: u8, what: u8, how: u8) {
        let Some(leg_id) = self.pick(leg) else { return };
        let Some(call_id) = self.call_of(leg_id, how) else { return };
        let command = match what % 16 {
            0 => LegCommand::Hangup,
            1 => LegCommand::Answer,
            2 | 3 => LegCommand::Hold,
            4 => LegCommand::Resume,
            5 | 6 => LegCommand::Transfer(target(how)),
            7 | 8 => {
                let Some(leg_id) = self.pick(how) else { return };
                let Some(call_id) = self.call_of(leg_id, how) else { return };
                LegCommand::TransferToLeg { call_id, leg_id }
            }
            9 => LegCommand::Park { slot: None },
            10 => LegCommand::Retrieve(target(how)),
            11 => LegCommand::SendDigits(Digits::parse("12").unwrap()),
            12 => LegCommand::Play(Sound::Local("x".into())),
            13 => LegCommand::StartRecording(RecordingKind::OnDemand),
            14 => LegCommand::StopRecording,
            _ => {
                return self
                    .handle(Input::Command { ticket: 1, command: CallCommand::HangupCall { call_id } });
            }
        };
        let command = CallCommand::Leg { call_id, leg_id, command };
        let input = Input::Command { ticket: 1, command };
        self.latest = Some(input.clone());
        self.handle(input);
    }

    fn call_of(&self, leg: LegId, otherwise: u8) -> Option<CallId> {
        let has = |call: &&std::sync::Arc<call::Call>| call.leg(leg).is_some();
        let found = self.registry.calls().find(has).map(|call| call.id());
        found.or_else(|| self.calls.get(usize::from(otherwise) % self.calls.len().max(1)).copied())
    }

    fn media(&mut self, leg: u8, what: u8) {
        let Some(leg) = self.pick(leg) else { return };
        let event = match what % 7 {
            0 => LegInput::Key('5'),
            1 => LegInput::PlaybackBegun(u64::from(what / 6 % 4)),
            2 => LegInput::PlaybackOver(u64::from(what / 6 % 4)),
            3 => LegInput::RecordingBegun(u32::from(what / 6 % 3)),
            4 => LegInput::RecordingFailed(u32::from(what / 6 % 3)),
            5 => LegInput::PlaybackFailed(u64::from(what / 6 % 4), Refusal::Unavailable),
            _ => LegInput::LoggedIn,
        };
        self.send(leg, event);
    }

    /// What is for nobody, or no longer.
    fn nonsense(&mut self, leg: u8, what: u8) {
        let leg = self.legs.get(usize::from(leg) % self.legs.len().max(1)).copied();
        let leg = leg.unwrap_or(LegId::new(START, [9; 10]));
        match what % 6 {
            0 => self.send(leg, LegInput::Response(ClientTx(u64::from(what)), Response::of(100))),
            1 => self.send(leg, LegInput::Acknowledged(ServerTx(u64::MAX), Body::Empty)),
            2 => self.send(leg, LegInput::NeverAcknowledged(ServerTx(u64::MAX))),
            3 => self.send(leg, LegInput::Cancelled(ServerTx(u64::MAX), Reasons::default())),
            4 => {
                let call = CallId::new(START, [7; 10]);
                self.handle(Input::Reached { call, addresses: Vec::new() });
            }
            _ => {
                let stranger = LegId::new(START, [8; 10]);
                let transaction = self.server_tx();
                self.unanswered.insert((stranger, transaction));
                self.send(stranger, LegInput::Request(transaction, Request::Bye(Reasons::default())));
            }
        }
    }

    /// Lets time pass: the machine wakes up, and the driver gives up what is not answered.
    fn pass(&mut self, until: Duration) {
        let mut wakings = 0;
        loop {
            let due = self.machine.deadline();
            let lost = self.next_lost();
            let next = due.into_iter().chain(lost).min().filter(|next| *next <= until);
            let Some(next) = next else { break };
            wakings = if next > self.at { 0 } else { wakings + 1 };
            if wakings > 200 {
                self.fail("the machine wants to be woken again and again");
            }
            self.at = next.max(self.at);
            if due == Some(next) {
                self.handle(Input::Timeout);
            }
            self.lose();
        }
        self.at = until.max(self.at);
    }

    /// When the driver gives up the next.
    fn next_lost(&self) -> Option<Duration> {
        let lines = self.lines.values();
        let asked = lines.clone().flat_map(|line| line.asked.values()).filter(|asked| asked.times_out());
        let acks = lines.flat_map(|line| line.unacknowledged.values().copied());
        asked.map(|asked| asked.since).chain(acks).min().map(|since| since + PATIENCE)
    }

    fn lose(&mut self) {
        let at = self.at;
        for leg in self.legs.clone() {
            let is_lost = |since: Duration| since + PATIENCE <= at;
            let line = self.line(leg);
            let asked = line.asked.iter().find(|(_, asked)| asked.times_out() && is_lost(asked.since));
            if let Some((transaction, _)) = asked.map(|(tx, asked)| (*tx, *asked)) {
                self.respond(leg, transaction, 408, 0);
            }
            let line = self.line(leg);
            let unacknowledged = line.unacknowledged.iter().find(|(_, since)| is_lost(**since));
            if let Some(transaction) = unacknowledged.map(|(tx, _)| *tx) {
                line.unacknowledged.remove(&transaction);
                self.send(leg, LegInput::NeverAcknowledged(transaction));
            }
        }
    }

    /// Nobody does anything any more: everything ends by time alone.
    pub fn die_down(&mut self) {
        self.pass(self.at + Duration::from_secs(20_000));
        if self.machine.usage() != Usage::default() {
            self.fail(&format!("something is left: {:?}", self.machine.usage()));
        }
        if self.machine.deadline().is_some() {
            self.fail("something is due for ever");
        }
        if !self.world.open.is_empty() {
            self.fail(&format!("media is left open: {:?}", self.world.open));
        }
        if !self.registry.is_empty() {
            self.fail("a call goes on");
        }
        if !self.sent_out.is_empty() {
            self.fail(&format!("an INVITE went out that is told of nowhere: {:?}", self.sent_out));
        }
        if self.commands > 0 {
            self.fail("a command was never answered");
        }
        if self.over != self.started {
            self.fail("a call has no record");
        }
        if !self.unanswered.is_empty() {
            self.fail(&format!("a request was never answered: {:?}", self.unanswered));
        }
    }
}

impl Asked {
    /// Whether its transaction ends by itself: an INVITE that rings goes on, unless it is cancelled.
    fn times_out(&self) -> bool {
        !self.is_invite || !self.proceeds || self.is_cancelled
    }
}

/// Whom a trunk says that it speaks for.
fn spoken_for(how: u8) -> Option<Shown> {
    (how % 8 > 5).then(|| Shown { number: "+1".into(), name: None, hidden: None })
}

fn sdp(how: u8) -> Sdp {
    let direction = ["sendrecv", "sendrecv", "sendonly", "recvonly", "inactive"][usize::from(how % 5)];
    let profile = if how % 13 == 0 { "RTP/SAVP" } else { "RTP/AVP" };
    let broken = if how % 29 == 0 { "x=broken\r\n" } else { "" };
    let text =
        format!("v=0\r\nc=IN IP4 192.0.2.1\r\n{broken}m=audio 4000 {profile} 0 8\r\na={direction}\r\n");
    let sdp = Sdp::new(&text);
    assert!(sdp.direction().is_some_and(|said| said == Direction::SendRecv || how % 5 > 1));
    sdp
}

fn dialed(whom: u8) -> Number {
    match whom % 20 {
        0..=2 => "1001".into(),
        3..=5 => "1002".into(),
        6 | 7 => "1003".into(),
        8 => "1004".into(),
        9 | 10 => "+14155550123".into(),
        11 | 12 => "+14155550124".into(),
        13 => "*68".into(),
        14 => "*8".into(),
        15 => "701".into(),
        16 => "*76".into(),
        17 => "1999".into(),
        18 => DID.into(),
        _ => "702".into(),
    }
}

fn target(whom: u8) -> Target {
    let number = dialed(whom);
    match number.as_str() {
        text if text.starts_with('*') || text.starts_with('7') => Target::FeatureCode(number),
        text if text.starts_with('+') => Target::Number(number),
        _ => Target::Extension(number),
    }
}

fn caller(who: u8, dialed: Number) -> Caller {
    let requested = dialed.clone();
    if who % 6 == 5 {
        let number = Number::from("+14155550100");
        let trunk = call::TrunkId(2);
        return Caller {
            owner: owner(12),
            endpoint: endpoint_of_trunk(trunk),
            via: Via::Trunk(trunk),
            number: number.clone(),
            calling: number.clone(),
            inside: number.clone(),
            outside: number,
            name: None,
            hidden: None,
            dialed,
            requested,
        };
    }
    let device = call::DeviceId(u32::from(who % 4) + 1);
    Caller {
        owner: office(),
        endpoint: Endpoint::Device { id: device, name: "x".into() },
        via: Via::Device(None),
        number: extension(device),
        calling: extension(device),
        inside: extension(device),
        outside: "+442071838700".into(),
        name: None,
        hidden: None,
        dialed,
        requested,
    }
}
