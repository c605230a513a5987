//! Ladders as text: what comes in, line by line, and everything that the machine does about it.
//!
//! ```text
//! # A call that is answered and hung up by the caller.
//! given anchored
//!
//! 0.000   A>  INVITE from a to 1002 sdp
//!         B<  INVITE to b as 1002 from 1001:Alice sdp(A)
//! 0.200   B>  180 INVITE
//!         A<  180
//! ```
//! A line with a time and `>` is what comes in; the others say what the machine does about it. A time alone,
//! or a time and `.`, lets time pass; what the machine does by itself meanwhile has its time too. At the end
//! stand the events of each call, and its record.
//!
//! | coming in | |
//! | --- | --- |
//! | `A> INVITE from PHONE\|TRUNK to NUMBER [sdp] [100rel\|100rel!] [replaces=B [early-only]] [private] [timer=S] [diverted=X] [alert=X] [info=X] [answer-mode=X]` | a new leg |
//! | `A> CODE METHOD [sdp] [rseq=N] [fork=N] [contact=N] [reason=…] [allow=update\|none] [connected=N:NAME]` | the answer to our oldest open one |
//! | `A> re-INVITE\|UPDATE [connected=N:NAME]` and `A> re-INVITE\|UPDATE\|BYE\|CANCEL\|ACK\|PRACK N\|REFER N [replaces=B] [quiet]\|INFO K\|MESSAGE\|OPTIONS\|other` | |
//! | `A> lost METHOD`, `A> early-BYE [fork=N]`, `A> never-ACK`, `A> logged-in`, `A> heard`, `A> key K`, `A> playing N`, `A> played N`, `A> unplayable N`, `A> recording N` | |
//! | `-> hang-up [A]`, `-> hold A`, `-> resume A`, `-> answer A`, `-> transfer A to N`, `-> join A with B`, `-> park A [in S]`, `-> retrieve A to N`, `-> keys A K`, `-> play A`, `-> stop-playing A`, `-> record A`, `-> stop-recording A`, `-> originate N to N [recorded]`, `-> stop` | commands |

use std::{collections::HashMap, fmt::Write as _, sync::Arc, time::Duration};

use b2bua::{
    B2bua, Caller, Input, Invite, LegInput, MediaMode, Now, Output, Redirects, Refusal, Reliability,
    Settings,
    message::{
        Alerting, Body, ClientTx, Content, Fork, Offer, Prack, Refer, Replaces, Request, Response, ServerTx,
        Shown,
    },
    world::{Limited, Limits, Via},
};
use call::{
    AccountId, Applied, CallCommand, CallEvent, CallId, CallRecord, LegId, Number, Registry, Timestamp,
    command::{Digits, LegCommand, Originate, RecordingKind, Sound, Target},
    party::Endpoint,
};

use super::{
    office::{
        CALLER_ID, Office, address, endpoint_of_trunk, extension, facts, office, owner, phone_named,
        trunk_named,
    },
    print::{self, Letters},
    words::Words,
};

/// The wall clock at 0.000.
const START: Timestamp = Timestamp::from_seconds(1_700_000_000);

/// A ladder that is being run.
pub struct Ladder {
    machine: B2bua,
    world: Office,
    at: Duration,
    legs: Vec<LegState>,
    calls: Vec<CallId>,
    latest_tx: u64,
    registry: Registry,
    events: HashMap<CallId, Vec<String>>,
    records: Vec<String>,
    text: String,
}

/// What the phones of a leg have open.
struct LegState {
    id: LegId,
    /// Requests of ours that wait for their final responses, oldest first.
    asked: Vec<(String, ClientTx)>,
    /// The latest INVITE of its party, and the first.
    invites: Vec<ServerTx>,
}

impl Letters for Ladder {
    fn letter(&self, leg: LegId) -> String {
        let at = self.legs.iter().position(|known| known.id == leg);
        at.map_or("?".to_owned(), |at| char::from(b'A' + u8::try_from(at).unwrap()).to_string())
    }
}

/// Runs a ladder, and gives it as it came out.
pub fn run(text: &str) -> String {
    let (mut settings, mut world) = (Settings::default(), Office::default());
    let mut head = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next_if(|line| !line.starts_with(|first: char| first.is_ascii_digit())) {
        if let Some(given) = line.strip_prefix("given ") {
            set(&mut Words::new(given), &mut settings, &mut world);
        }
        if line.starts_with('#') || line.starts_with("given ") || line.is_empty() {
            head += line;
            head.push('\n');
        }
    }
    let mut ladder = Ladder::new(settings, world, head);
    for line in lines.take_while(|line| !line.starts_with("events")) {
        let Some((at, what)) = line.split_once(char::is_whitespace) else { continue };
        let (Ok(at), what) = (at.parse::<f64>(), what.trim_start()) else { continue };
        // What the machine did by itself has its time too.
        let is_input =
            what.split_whitespace().next().is_some_and(|first| first.ends_with('>') || first == ".");
        if is_input {
            ladder.wait_until(Duration::from_micros((at * 1e6).round() as u64));
            ladder.input(what);
        }
    }
    ladder.finish()
}

fn set(words: &mut Words<'_>, settings: &mut Settings, world: &mut Office) {
    if words.take("anchored") {
        settings.media = MediaMode::Anchored;
    }
    if words.take("recorder") {
        settings.has_recorder = true;
    }
    if words.take("ring-by-origin") {
        settings.rings_by_origin = true;
    }
    if words.take("refer-from-trunks") {
        settings.refer_from_trunks = true;
    }
    if words.take("follow-redirects") {
        settings.redirects = Redirects::Follow;
    }
    if let Some(seconds) = words.number("silence") {
        settings.silence_timeout = Some(Duration::from_secs(seconds));
    }
    if let Some(seconds) = words.number("no-answer") {
        settings.no_answer = Duration::from_secs(seconds);
    }
    if let Some(seconds) = words.number("park") {
        settings.park_time = Duration::from_secs(seconds);
    }
    if let Some(seconds) = words.number("sessions") {
        settings.sessions.longest = Duration::from_secs(seconds);
    }
    if let Some(name) = words.value("unregistered") {
        world.contacts.insert(phone_named(name).unwrap(), Vec::new());
    }
    if let Some(value) = words.value("contacts") {
        let (name, preferences) = value.split_once(':').unwrap();
        let preferences = preferences.split(',').map(|preference| preference.parse().unwrap()).collect();
        world.contacts.insert(phone_named(name).unwrap(), preferences);
    }
    if let Some((rule, alert)) = words.value("ring").and_then(|rule| rule.split_once('|')) {
        let fields: Vec<_> = rule.split(',').map(str::to_owned).collect();
        world.rings.push((fields.try_into().unwrap(), alert.into()));
    }
    if let Some(name) = words.value("unreachable") {
        world.unreachable.insert(trunk_named(name).unwrap());
    }
    if let Some(calls) = words.number("calls") {
        let limits = Limits { calls: Some(calls), ..Limits::default() };
        world.limits.insert(Limited::Account(AccountId(1)), limits);
    }
    if let Some((name, calls)) = words.value("phone_calls").and_then(|value| value.split_once(':')) {
        let limits = Limits { calls: Some(calls.parse().unwrap()), ..Limits::default() };
        world.limits.insert(Limited::Device(phone_named(name).unwrap()), limits);
    }
    if let Some(seconds) = words.number("length") {
        let limits = Limits { max_call_length: Some(Duration::from_secs(seconds)), ..Limits::default() };
        world.limits.insert(Limited::Account(AccountId(1)), limits);
    }
    words.end();
}

impl Ladder {
    fn new(settings: Settings, world: Office, text: String) -> Self {
        Self {
            machine: B2bua::new(settings),
            world,
            at: Duration::ZERO,
            legs: Vec::new(),
            calls: Vec::new(),
            latest_tx: 0,
            registry: Registry::default(),
            events: HashMap::new(),
            records: Vec::new(),
            text,
        }
    }

    fn now(&self) -> Now {
        let since = i64::try_from(self.at.as_micros()).unwrap();
        Now { monotonic: self.at, wall: Timestamp::from_micros(START.as_micros() + since) }
    }

    fn handle(&mut self, input: Input) {
        self.world.now = self.at;
        let now = self.now();
        self.machine.handle(input, now, &mut self.world);
    }

    /// Lets time pass, with what the machine does meanwhile.
    fn wait_until(&mut self, at: Duration) {
        while let Some(due) = self.machine.deadline().filter(|due| *due <= at) {
            self.at = due.max(self.at);
            self.handle(Input::Timeout);
            let time = format!("{:<8.3}", self.at.as_secs_f64());
            self.drain(Some(time));
        }
        self.at = at.max(self.at);
    }

    /// Writes what the machine does.
    fn drain(&mut self, mut time: Option<String>) {
        while let Some(output) = self.machine.poll_output() {
            self.note(&output);
            if let Some(line) = print::line(&output, self) {
                let time = time.take().unwrap_or_else(|| " ".repeat(8));
                writeln!(self.text, "{time}{line}").unwrap();
            }
            if let Output::Reach { call, trunk, address: at } = output {
                let addresses = match at {
                    Some(address) => vec![address],
                    None if self.world.unreachable.contains(&trunk) => Vec::new(),
                    None => vec![address(trunk, 0)],
                };
                self.handle(Input::Reached { call, addresses });
            }
        }
    }

    fn note(&mut self, output: &Output) {
        match output {
            Output::Invite { leg, transaction, .. } => {
                if self.leg_of(*leg).is_none() {
                    self.add_leg(*leg);
                }
                self.asked(*leg, "INVITE", *transaction);
            }
            Output::Swap { leg, other } => {
                let at = |id| self.legs.iter().position(|known| known.id == id).unwrap();
                let (one, other) = (at(*leg), at(*other));
                let asked = std::mem::take(&mut self.legs[one].asked);
                let asked = std::mem::replace(&mut self.legs[other].asked, asked);
                self.legs[one].asked = asked;
            }
            Output::Prack { leg, transaction, .. } => self.asked(*leg, "PRACK", *transaction),
            Output::Request { leg, transaction, request } => {
                let name = match request {
                    Request::Invite(_) => "INVITE".to_owned(),
                    other => print::print_request(other).split_whitespace().next().unwrap().to_owned(),
                };
                self.asked(*leg, &name, *transaction);
            }
            Output::Media(b2bua::Media::Release(leg)) => {
                self.world.open.remove(leg);
            }
            Output::Event(event) => self.apply(event),
            _ => {}
        }
    }

    fn apply(&mut self, event: &CallEvent) {
        if let call::EventKind::LegOffered { leg, .. } = &event.kind
            && self.leg_of(*leg).is_none()
        {
            self.add_leg(*leg);
        }
        let at = event.at.as_micros() - START.as_micros();
        let line = format!("{:<8.3}{}", at as f64 / 1e6, print::event(&event.kind, self));
        self.events.entry(event.call_id).or_default().push(line);
        match self.registry.apply(&Arc::new(event.clone())) {
            Applied::Ended(record) => self.records.push(print_record(&record)),
            Applied::Changed => {}
            // The same route may be found again.
            Applied::Stale if matches!(event.kind, call::EventKind::CallRouted(_)) => {}
            Applied::Stale | Applied::Unexpected => panic!("{:?} fits nothing\n{}", event.kind, self.text),
        }
    }

    fn asked(&mut self, leg: LegId, name: &str, transaction: ClientTx) {
        if let Some(state) = self.leg_of(leg) {
            state.asked.push((name.to_owned(), transaction));
        }
    }

    fn leg_of(&mut self, leg: LegId) -> Option<&mut LegState> {
        self.legs.iter_mut().find(|known| known.id == leg)
    }

    fn add_leg(&mut self, id: LegId) {
        self.legs.push(LegState { id, asked: Vec::new(), invites: Vec::new() });
    }

    fn leg(&mut self, letter: &str) -> &mut LegState {
        let at = usize::from(letter.as_bytes()[0] - b'A');
        assert!(at < self.legs.len(), "there is no leg {letter}");
        &mut self.legs[at]
    }

    fn server_tx(&mut self) -> ServerTx {
        self.latest_tx += 1;
        ServerTx(self.latest_tx)
    }

    fn input(&mut self, what: &str) {
        writeln!(self.text, "{:<8.3}{what}", self.at.as_secs_f64()).unwrap();
        let mut words = Words::new(what);
        match words.next() {
            "." => {}
            "->" => self.command(&mut words),
            leg => {
                let letter = leg.trim_end_matches('>');
                self.leg_input(letter, &mut words);
            }
        }
        words.end();
        self.drain(None);
    }

    fn leg_input(&mut self, letter: &str, words: &mut Words<'_>) {
        let word = words.next();
        if word == "INVITE" {
            return self.invite(letter, words);
        }
        if word == "heard" {
            let (id, at) = (self.leg(letter).id, self.at);
            self.world.heard_at.insert(id, at);
            return;
        }
        let event = match word.parse::<u16>() {
            Ok(code) => self.response(letter, code, words),
            Err(_) => self.leg_event(letter, word, words),
        };
        let leg = self.leg(letter).id;
        self.handle(Input::Leg { leg, event });
    }

    fn response(&mut self, letter: &str, code: u16, words: &mut Words<'_>) -> LegInput {
        let method = words.next();
        let response = Response {
            body: words.body(letter),
            reliable: words.number("rseq"),
            fork: Fork(words.number("fork").unwrap_or(0)),
            contacts: words.value("contact").into_iter().map(Number::from).collect(),
            takes_update: words.value("allow").map(|allowed| allowed == "update"),
            timer: words.timer(),
            reasons: words.reasons(),
            connected: connected(words),
            ..Response::of(code)
        };
        let line = words.line.to_owned();
        let state = self.leg(letter);
        let at = state.asked.iter().position(|(name, _)| name == method);
        let at = at.unwrap_or_else(|| panic!("nothing is asked that could be answered by: {line}"));
        let transaction = if code < 200 { state.asked[at].1 } else { state.asked.remove(at).1 };
        LegInput::Response(transaction, response)
    }

    fn leg_event(&mut self, letter: &str, word: &str, words: &mut Words<'_>) -> LegInput {
        let latest = self.leg(letter).invites.last().copied();
        match word {
            "ACK" => LegInput::Acknowledged(latest.unwrap(), words.body(letter)),
            "never-ACK" => LegInput::NeverAcknowledged(latest.unwrap()),
            "early-BYE" => {
                let fork = Fork(words.number("fork").unwrap_or(0));
                LegInput::EarlyBye(self.server_tx(), fork, words.reasons())
            }
            "CANCEL" => LegInput::Cancelled(latest.unwrap(), words.reasons()),
            "lost" => {
                let method = words.next();
                let state = self.leg(letter);
                let at = state.asked.iter().position(|(name, _)| name == method).unwrap();
                LegInput::ConnectionLost(state.asked.remove(at).1)
            }
            "logged-in" => LegInput::LoggedIn,
            "secured" => LegInput::Secured(words.encryption()),
            "key" => LegInput::Key(words.next().chars().next().unwrap()),
            "playing" => LegInput::PlaybackBegun(words.next().parse().unwrap()),
            "played" => LegInput::PlaybackOver(words.next().parse().unwrap()),
            "unplayable" => {
                let why = Refusal::Unreachable("the sound cannot be read");
                LegInput::PlaybackFailed(words.next().parse().unwrap(), why)
            }
            "recording" => LegInput::RecordingBegun(words.next().parse().unwrap()),
            "recording-failed" => LegInput::RecordingFailed(words.next().parse().unwrap()),
            _ => {
                let transaction = self.server_tx();
                if word == "re-INVITE" {
                    self.leg(letter).invites.push(transaction);
                }
                LegInput::Request(transaction, self.request(letter, word, words))
            }
        }
    }

    fn request(&mut self, letter: &str, word: &str, words: &mut Words<'_>) -> Request {
        let text =
            |text: &str| Body::Other(Content { kind: "text/plain".into(), bytes: text.as_bytes().into() });
        match word {
            "re-INVITE" => Request::Invite(offer(letter, words)),
            "UPDATE" => Request::Update(offer(letter, words)),
            "BYE" => Request::Bye(words.reasons()),
            "PRACK" => {
                let invite = self.leg(letter).invites.first().copied();
                let (rseq, body) = (words.next().parse().unwrap(), words.body(letter));
                Request::Prack(Prack { rseq, invite, fork: Fork::default(), body })
            }
            "REFER" => {
                let to = Number::from(words.next());
                let replaces = self.replaces(words);
                let referred_by = words.value("by").map(Into::into);
                let id = u32::try_from(self.latest_tx).unwrap();
                Request::Refer(Refer { to, replaces, referred_by, id, is_told: !words.take("quiet") })
            }
            "INFO" => match words.next() {
                key if key.len() == 1 => Request::Info(Body::Other(Content {
                    kind: "application/dtmf".into(),
                    bytes: key.as_bytes().into(),
                })),
                other => Request::Info(text(other)),
            },
            "MESSAGE" => Request::Message(text(words.next())),
            "OPTIONS" => Request::Options,
            "other" => Request::Other,
            _ => panic!("not understood: {}", words.line),
        }
    }

    fn replaces(&mut self, words: &mut Words<'_>) -> Replaces {
        match words.value("replaces") {
            None => Replaces::No,
            Some("nobody") => Replaces::Unknown,
            Some(letter) => {
                let leg = self.leg(letter).id;
                if words.take("early-only") { Replaces::RingingLeg(leg) } else { Replaces::Leg(leg) }
            }
        }
    }

    fn invite(&mut self, letter: &str, words: &mut Words<'_>) {
        assert!(words.take("from"), "who calls? {}", words.line);
        let caller = words.next();
        assert!(words.take("to"), "whom? {}", words.line);
        let dialed = Number::from(words.next());
        let leg = leg_id(u8::try_from(self.legs.len()).unwrap());
        let call = call_id(u8::try_from(self.calls.len()).unwrap());
        self.add_leg(leg);
        self.calls.push(call);
        assert_eq!(self.letter(leg), letter, "legs are named in their order: {}", words.line);
        let transaction = self.server_tx();
        self.leg(letter).invites.push(transaction);
        let reliability = match (words.take("100rel!"), words.take("100rel")) {
            (true, _) => Reliability::Required,
            (_, true) => Reliability::Supported,
            (_, _) => Reliability::Unknown,
        };
        let shown = words.value("shows").map(Number::from);
        let invite = Invite {
            call,
            leg,
            transaction,
            caller: Caller {
                hidden: words.take("private").then(|| "id".into()),
                ..who(caller, dialed, shown)
            },
            replaces: self.replaces(words),
            body: words.body(letter),
            reliability,
            timer: words.timer(),
            takes_update: words.value("allow").map(|allowed| allowed == "update"),
            hops: 70,
            diversion: words.value("diverted").map(Into::into),
            alerting: Alerting {
                alert_info: words.value("alert").map(Into::into),
                call_info: words.value("info").map(Into::into),
                answer_mode: words.value("answer-mode").map(Into::into),
                origin: None,
            },
            history: None,
            facts: facts(),
        };
        self.handle(Input::Invite(Box::new(invite)));
    }

    fn command(&mut self, words: &mut Words<'_>) {
        let verb = words.next();
        if verb == "stop" {
            return self.handle(Input::Stop);
        }
        let command = match verb {
            "originate" => self.originate(words),
            "hang-up" if words.peek().is_none() => {
                CallCommand::HangupCall { call_id: *self.calls.last().unwrap() }
            }
            _ => {
                let leg_id = self.leg(words.next()).id;
                let command = self.leg_command(verb, words);
                let call_id = self.call_of(leg_id);
                CallCommand::Leg { call_id, leg_id, command }
            }
        };
        self.handle(Input::Command { ticket: 1, command });
    }

    /// The call that a leg is in now.
    fn call_of(&self, leg: LegId) -> CallId {
        let calls = self.calls.iter().rev();
        let has = |id: &&CallId| self.registry.get(**id).is_some_and(|call| call.leg(leg).is_some());
        calls.copied().find(|id| has(&id)).unwrap_or(self.calls[0])
    }

    fn leg_command(&mut self, verb: &str, words: &mut Words<'_>) -> LegCommand {
        match verb {
            "hang-up" => LegCommand::Hangup,
            "answer" => LegCommand::Answer,
            "hold" => LegCommand::Hold,
            "resume" => LegCommand::Resume,
            "transfer" => {
                words.take("to");
                LegCommand::Transfer(target(words.next()))
            }
            "join" => {
                words.take("with");
                let leg_id = self.leg(words.next()).id;
                LegCommand::TransferToLeg { call_id: self.call_of(leg_id), leg_id }
            }
            "park" => LegCommand::Park { slot: words.take("in").then(|| words.next().into()) },
            "retrieve" => {
                words.take("to");
                LegCommand::Retrieve(target(words.next()))
            }
            "keys" => LegCommand::SendDigits(Digits::parse(words.next()).unwrap()),
            "play" => LegCommand::Play(Sound::Local("hello.wav".into())),
            "stop-playing" => LegCommand::StopPlaying,
            "record" => LegCommand::StartRecording(RecordingKind::OnDemand),
            "stop-recording" => LegCommand::StopRecording,
            _ => panic!("no such command: {}", words.line),
        }
    }

    fn originate(&mut self, words: &mut Words<'_>) -> CallCommand {
        let call_id = call_id(u8::try_from(self.calls.len()).unwrap());
        self.calls.push(call_id);
        let from = target(words.next());
        words.take("to");
        let to = target(words.next());
        let recording = words.take("recorded").then_some(RecordingKind::OnDemand);
        CallCommand::Originate(Originate { call_id, account: AccountId(1), from, to, recording })
    }

    /// Lets the machine come to rest, and gives the whole ladder.
    fn finish(mut self) -> String {
        let end = self.at + Duration::from_secs(100_000);
        self.wait_until(end);
        assert_eq!(self.machine.usage(), b2bua::Usage::default(), "something is left:\n{}", self.text);
        assert_eq!(self.machine.deadline(), None, "something is due for ever:\n{}", self.text);
        assert!(self.world.open.is_empty(), "media is left open:\n{}", self.text);
        assert!(self.registry.is_empty(), "a call goes on:\n{}", self.text);
        for call in &self.calls {
            let Some(events) = self.events.get(call) else { continue };
            writeln!(self.text, "\nevents\n{}", events.join("\n")).unwrap();
        }
        for record in &self.records {
            writeln!(self.text, "\nrecord\n{record}").unwrap();
        }
        self.text
    }
}

fn offer(letter: &str, words: &mut Words<'_>) -> Offer {
    let takes_update = words.value("allow").map(|allowed| allowed == "update");
    let fork = Fork(words.number("fork").unwrap_or(0));
    let connected = connected(words);
    Offer { body: words.body(letter), timer: words.timer(), connected, takes_update, fork, hops: 70 }
}

fn connected(words: &mut Words<'_>) -> Option<Shown> {
    let (number, name) = words.value("connected")?.split_once(':')?;
    Some(Shown { number: number.into(), name: Some(name.into()), hidden: None })
}

fn leg_id(number: u8) -> LegId {
    LegId::new(START, [0xff, 0, 0, 0, 0, 0, 0, 0, 0, number])
}

fn call_id(number: u8) -> CallId {
    CallId::new(START, [0, 0, 0, 0, 0, 0, 0, 0, 0, number])
}

fn target(text: &str) -> Target {
    match text {
        text if text.starts_with('*') || text.starts_with('7') => Target::FeatureCode(text.into()),
        text if text.starts_with('+') => Target::Number(text.into()),
        text => Target::Extension(text.into()),
    }
}

fn who(name: &str, dialed: Number, shown: Option<Number>) -> Caller {
    let requested = dialed.clone();
    if let Some(trunk) = trunk_named(name) {
        let number = shown.unwrap_or_else(|| "+14155550100".into());
        return Caller {
            owner: owner(10 + trunk.0),
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
    let device = phone_named(name).unwrap_or_else(|| panic!("who is {name}?"));
    let endpoint = b2bua::World::phone(&Office::default(), device).unwrap();
    Caller {
        owner: office(),
        endpoint: Endpoint::Device { id: device, name: endpoint.name.clone().unwrap() },
        via: Via::Device(None),
        number: extension(device),
        calling: extension(device),
        inside: extension(device),
        outside: CALLER_ID.into(),
        name: endpoint.name,
        hidden: None,
        dialed,
        requested,
    }
}

fn print_record(record: &CallRecord) -> String {
    let call::record::Times { talk, hold, .. } = record.times;
    format!(
        "disposition {:?}  cause {:?}  released_by {:?}\ntalk {:.3}  hold {:.3}  legs {}",
        record.disposition(),
        record.cause,
        record.released_by,
        talk.as_secs_f64(),
        hold.as_secs_f64(),
        record.legs.len(),
    )
}
