//! What an input costs the call machine, by how many calls are up meanwhile: it must not grow with them, but for
//! what memory that is no longer near costs.
//!
//! `cargo run --release -p b2bua --example input_cost` prints nanoseconds, the least of several rounds. With a
//! number of calls behind it, it does the work of one round with so many up, for whoever counts instructions:
//! `valgrind --tool=callgrind --toggle-collect=input_cost::measured target/release/examples/input_cost 10000`.
#![allow(clippy::print_stdout, reason = "it prints what it measured")]
#![allow(clippy::unwrap_used, reason = "what it places is answered, or it is broken")]

#[path = "../tests/support/office.rs"]
#[allow(dead_code, reason = "the ladders use more of it")]
mod office;

use std::time::{Duration, Instant};

use b2bua::{
    B2bua, Caller, Input, Invite, LegInput, Now, Output, Reliability, Sdp, Settings,
    message::{Alerting, Body, ClientTx, Reasons, Replaces, Request, Response, ServerTx, SessionTimer},
    world::Via,
};
use call::{CallId, DeviceId, LegId, Number, Timestamp, party::Endpoint};
use office::{Office, extension, facts, office};

const START: Timestamp = Timestamp::from_seconds(1_700_000_000);
/// Calls that are up meanwhile.
const UP: [u64; 4] = [10, 100, 1_000, 10_000];
/// Inputs, or whole calls, of a round.
const ROUND: u64 = 2_000;
const ROUNDS: u32 = 5;
const SDP: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
                   m=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";

fn main() {
    if let Some(up) = std::env::args().nth(1) {
        let mut floor = Floor::with(up.parse().unwrap());
        KINDS.iter().for_each(|(_, work)| measured(&mut floor, *work));
        return;
    }
    println!("nanoseconds for one | {}", UP.map(|up| format!("{up} up")).join(" | "));
    for (name, work) in KINDS {
        let costs = UP.map(|up| cost(up, work).as_nanos().to_string());
        println!("{name} | {}", costs.join(" | "));
    }
}

type Work = fn(&mut Floor, u64);

const KINDS: [(&str, Work); 3] = [
    ("call, from its INVITE to the answer to its BYE", |floor, _| {
        let placed = floor.place();
        floor.hang_up(placed);
    }),
    ("OPTIONS in a call that is up", |floor, nth| {
        let (caller, _) = floor.up[usize::try_from(nth * 7_919).unwrap() % floor.up.len()];
        let asked = LegInput::Request(floor.next(), Request::Options);
        floor.handle(Input::Leg { leg: caller, event: asked });
    }),
    ("INVITE to a slot where nobody waits", |floor, _| {
        floor.dial(&"701".into());
    }),
];

fn cost(up: u64, work: Work) -> Duration {
    let mut floor = Floor::with(up);
    let rounds = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        measured(&mut floor, work);
        began.elapsed() / u32::try_from(ROUND).unwrap()
    });
    rounds.min().unwrap()
}

#[inline(never)]
fn measured(floor: &mut Floor, work: Work) {
    (0..ROUND).for_each(|nth| work(floor, nth));
}

/// A machine with calls.
struct Floor {
    machine: B2bua,
    world: Office,
    at: Duration,
    latest: u64,
    /// The legs of the calls that are up.
    up: Vec<(LegId, LegId)>,
}

impl Floor {
    fn with(up: u64) -> Self {
        let machine = B2bua::new(Settings { max_calls: usize::MAX, ..Settings::default() });
        let mut floor =
            Self { machine, world: Office::default(), at: Duration::ZERO, latest: 0, up: Vec::new() };
        floor.up = (0..up).map(|_| floor.place()).collect();
        floor
    }

    /// One phone calls the other, which answers.
    fn place(&mut self) -> (LegId, LegId) {
        let (caller, transaction, outputs) = self.dial(&extension(DeviceId(2)));
        let asked = outputs.iter().find_map(|output| match output {
            Output::Invite { leg, transaction, .. } => Some((*leg, *transaction)),
            _ => None,
        });
        let (callee, invite) = asked.unwrap();
        self.answer(callee, invite, Response { body: Sdp::new(SDP).into(), ..Response::of(200) });
        let acknowledged = LegInput::Acknowledged(transaction, Body::Empty);
        self.handle(Input::Leg { leg: caller, event: acknowledged });
        (caller, callee)
    }

    /// The caller hangs up.
    fn hang_up(&mut self, (caller, callee): (LegId, LegId)) {
        let bye = LegInput::Request(self.next(), Request::Bye(Reasons::default()));
        let outputs = self.handle(Input::Leg { leg: caller, event: bye });
        let passed = outputs.iter().find_map(|output| match output {
            Output::Request { leg, transaction, .. } if *leg == callee => Some(*transaction),
            _ => None,
        });
        self.answer(callee, passed.unwrap(), Response::of(200));
    }

    fn dial(&mut self, dialed: &Number) -> (LegId, ServerTx, Vec<Output>) {
        let transaction = self.next();
        let random = u128::from(self.latest).to_be_bytes()[6..].try_into().unwrap();
        let leg = b2bua::World::leg_id(&mut self.world, START);
        let invite = Invite {
            call: CallId::new(START, random),
            leg,
            transaction,
            caller: caller(dialed),
            replaces: Replaces::No,
            body: Sdp::new(SDP).into(),
            reliability: Reliability::Unknown,
            timer: SessionTimer::default(),
            takes_update: None,
            hops: 70,
            diversion: None,
            history: None,
            alerting: Alerting::default(),
            facts: facts(),
        };
        (leg, transaction, self.handle(Input::Invite(Box::new(invite))))
    }

    fn answer(&mut self, leg: LegId, transaction: ClientTx, response: Response) {
        self.handle(Input::Leg { leg, event: LegInput::Response(transaction, response) });
    }

    /// As the driver does it: an input, its outputs, and when to wake.
    fn handle(&mut self, input: Input) -> Vec<Output> {
        self.at += Duration::from_micros(1);
        let wall = START.as_micros() + i64::try_from(self.at.as_micros()).unwrap();
        let now = Now { monotonic: self.at, wall: Timestamp::from_micros(wall) };
        self.machine.handle(input, now, &mut self.world);
        let outputs = std::iter::from_fn(|| self.machine.poll_output()).collect();
        std::hint::black_box((self.machine.usage(), self.machine.deadline()));
        outputs
    }

    fn next(&mut self) -> ServerTx {
        self.latest += 1;
        ServerTx(self.latest)
    }
}

fn caller(dialed: &Number) -> Caller {
    let (device, number) = (DeviceId(1), extension(DeviceId(1)));
    Caller {
        owner: office(),
        endpoint: Endpoint::Device { id: device, name: "Alice".into() },
        via: Via::Device(None),
        number: number.clone(),
        calling: number.clone(),
        inside: number.clone(),
        outside: number,
        name: None,
        hidden: None,
        dialed: dialed.clone(),
        requested: dialed.clone(),
    }
}
