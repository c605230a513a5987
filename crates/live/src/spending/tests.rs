//! Whatever brings calls, whatever ends them, and whenever the server crashes: nobody spends more than they may, but
//! for what a second or a billing step adds, and in the end nothing is left of it all.

use std::{collections::HashMap, sync::Arc, time::Duration};

use call::{
    AccountId, Applied, CallEvent, CallId, CallRecord, DeviceId, EventKind, LegId, Number, Payer, Registry,
    Timestamp,
    event::{
        CallStarted, EndCause, LegDirection, LegEnd, LegOffer, LegRoute, Origin, Releaser, Side,
        TransferMode, TransferTarget,
    },
    party::{Endpoint, Owner},
};
use directory::{
    Directory, DirectoryFile, Snapshot,
    model::Spent,
    notices::Reached,
    routing::{Destination, Via},
};
use history::FoundRecord;
use proptest::{collection::vec, prelude::*};
use rust_decimal::Decimal;

use super::{
    costly, costs,
    ledger::Ledger,
    records::Reading,
    verdict::{DAY, HOUR, Known, LiveCosts, bounded, prepaid},
};

const START: Timestamp = Timestamp::from_seconds(1_700_000_000);
const OUTSIDE: &str = "+14155550199";
/// What the first minute costs, and each one after.
const STEP: Decimal = Decimal::ONE;

/// Account 1 has two phones, one of them with bounds of its own; account 2 is prepaid; account 9 is the carrier's.
const DIRECTORY: &str = r#"
realm = "test"
customers = [{ name = "a" }, { name = "b" }, { name = "carrier" }]
rateplans = [{ name = "retail", rates = [{ prefix = "", initial_interval = 60, initial_rate = "1", next_interval = 60, next_rate = "1" }] }]
devices = [
    { sip_user = "a1", account = 1, mac = "02-00-00-00-00-01", secret = "s", spending = { spend_per_hour = "4", minutes_per_day = 30 } },
    { sip_user = "a2", account = 1, mac = "02-00-00-00-00-02", secret = "s" },
    { sip_user = "b1", account = 2, mac = "02-00-00-00-00-03", secret = "s" },
]

[[accounts]]
id = 1
name = "a"
customer = "a"
billing = { origination_rateplan = "retail", spend_per_hour = "12", spend_per_day = "25", minutes_per_hour = 40 }

[[accounts]]
id = 2
name = "b"
customer = "b"
billing = { origination_rateplan = "retail", prepaid = true, starting_balance = "20", min_balance = "2" }

[[accounts]]
id = 9
name = "carrier"
customer = "carrier"

[[trunks]]
name = "west"
account = 9
host = "192.0.2.1"
transit = true
routes = [{ prefix = "" }]
"#;

/// What brings a call to the outside.
#[derive(Clone, Copy, Debug)]
enum Path {
    /// A phone dials.
    Phone,
    /// A program has the phone rung first.
    Api,
    /// A call from the carrier, which the phone sends on: by a redirection, or after it has answered.
    SentOn { has_answered: bool },
    /// The same of a call that it has parked and somebody has picked up.
    PickedUp,
}

#[derive(Clone, Debug)]
enum Act {
    Call(Path, u32),
    Answer(usize),
    HangUp(usize),
    Pass(u64),
    /// Nobody does anything for so long.
    Rest(u64),
    Crash,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let path = prop_oneof![
        Just(Path::Phone),
        Just(Path::Api),
        any::<bool>().prop_map(|has_answered| Path::SentOn { has_answered }),
        Just(Path::PickedUp),
    ];
    let act = prop_oneof![
        6 => (path, 1..=3_u32).prop_map(|(path, device)| Act::Call(path, device)),
        6 => any::<usize>().prop_map(Act::Answer),
        2 => any::<usize>().prop_map(Act::HangUp),
        4 => (1..90_u64).prop_map(Act::Pass),
        1 => (1_000..40_000_u64).prop_map(Act::Rest),
        1 => Just(Act::Crash),
    ];
    vec(act, 1..80)
}

/// A call that goes on, and its leg to the carrier.
struct Going {
    id: CallId,
    out: LegId,
    is_answered: bool,
}

/// The server, as far as it concerns money.
struct World {
    directory: Directory,
    registry: Registry,
    history: Vec<Arc<CallRecord>>,
    ledger: Ledger,
    stopped: HashMap<Payer, Reached>,
    now: Timestamp,
    ids: u128,
    going: Vec<Going>,
}

impl World {
    fn new() -> Self {
        let directory = Directory::in_memory().unwrap();
        directory.apply(&DirectoryFile::parse("test", DIRECTORY).unwrap()).unwrap();
        let ledger = Ledger::of(bounded(&directory.snapshot()));
        let (registry, history, stopped) = (Registry::default(), Vec::new(), HashMap::new());
        Self { directory, registry, history, ledger, stopped, now: START, ids: 0, going: Vec::new() }
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Call(path, device) => self.call(*path, DeviceId(*device)),
            Act::Answer(which) => self.answer(*which),
            Act::HangUp(which) => {
                if let Some(at) = which.checked_rem(self.going.len()) {
                    let call = self.going[at].id;
                    self.end(call);
                }
            }
            Act::Pass(seconds) => self.pass(*seconds),
            Act::Rest(seconds) => {
                self.going
                    .iter()
                    .map(|going| going.id)
                    .collect::<Vec<_>>()
                    .into_iter()
                    .for_each(|id| self.end(id));
                self.now = self.now + Duration::from_secs(*seconds);
                self.look();
            }
            Act::Crash => self.crash(),
        }
    }

    fn pass(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.now = self.now + Duration::from_secs(1);
            self.look();
        }
    }

    fn id(&mut self) -> uuid::Uuid {
        self.ids += 1;
        uuid::Uuid::from_u128(self.ids)
    }

    fn tell(&mut self, call_id: CallId, kind: EventKind) {
        let event = Arc::new(CallEvent { call_id, at: self.now, kind });
        if let Applied::Ended(record) = self.registry.apply(&event) {
            let record = Arc::new(*record);
            self.history.push(record.clone());
            self.ledger.add_ended(&record);
            self.going.retain(|going| going.id != call_id);
        }
    }

    /// Whoever may, calls.
    fn call(&mut self, path: Path, device: DeviceId) {
        let directory = self.directory.snapshot();
        let owner = directory.account(directory.device(device).unwrap().account).unwrap().owner();
        let found = directory.route(owner, Via::Device(Some(device)), &OUTSIDE.into(), self.now);
        let Ok(Destination::Trunks(hops)) = found else { return };
        let call = CallId::from_uuid(self.id());
        let [phone, out] = [LegId::from_uuid(self.id()), LegId::from_uuid(self.id())];
        let carrier = hops[0].owner;
        match path {
            Path::Phone | Path::Api => self.dial(&directory, path, call, (owner, device, phone)),
            Path::SentOn { has_answered } => {
                self.take(&directory, call, (carrier, owner, device, phone));
                if has_answered {
                    self.tell(call, EventKind::LegAnswered { leg: phone, user_agent: None });
                }
            }
            Path::PickedUp => {
                self.take(&directory, call, (carrier, owner, device, phone));
                self.tell(call, EventKind::LegAnswered { leg: phone, user_agent: None });
                self.tell(call, EventKind::LegHeld { leg: phone });
                self.tell(call, EventKind::LegResumed { leg: phone });
            }
        }
        let routed = directory.routed((owner, Some(carrier)), self.now, &"1".into(), &OUTSIDE.into(), None);
        let is_sent = !matches!(path, Path::Phone | Path::Api);
        let route = is_sent.then(|| {
            let routed = Arc::new(routed);
            Arc::new(LegRoute { sent_by: owner, sender: Some(phone), hunt: 1, attempt: 1, routed })
        });
        if is_sent {
            let target = Arc::new(TransferTarget { number: OUTSIDE.into(), name: None });
            self.tell(
                call,
                EventKind::TransferStarted { initiator: phone, target, mode: TransferMode::Blind },
            );
        }
        let trunk = Endpoint::Trunk { id: hops[0].trunk, name: "west".into() };
        self.offer(call, out, (carrier, trunk, Side::Termination), LegDirection::Outgoing, route);
        self.going.push(Going { id: call, out, is_answered: false });
    }

    /// A call of a phone to the outside.
    fn dial(
        &mut self,
        directory: &Snapshot,
        path: Path,
        call: CallId,
        (owner, device, phone): (Owner, DeviceId, LegId),
    ) {
        let is_placed = matches!(path, Path::Api);
        let origin = if is_placed { Origin::Api } else { Origin::Invite };
        self.start(call, owner, origin);
        let direction = if is_placed { LegDirection::Outgoing } else { LegDirection::Incoming };
        self.offer(call, phone, (owner, endpoint(device), Side::Origination), direction, None);
        self.tell(call, EventKind::LegAnswered { leg: phone, user_agent: None });
        let carrier = directory.account(AccountId(9)).unwrap().owner();
        let routed = directory.routed((owner, Some(carrier)), self.now, &"1".into(), &OUTSIDE.into(), None);
        self.tell(call, EventKind::CallRouted(Arc::new(routed)));
    }

    /// A call of the carrier to a phone.
    fn take(
        &mut self,
        directory: &Snapshot,
        call: CallId,
        (carrier, owner, device, phone): (Owner, Owner, DeviceId, LegId),
    ) {
        self.start(call, carrier, Origin::Invite);
        let caller = LegId::from_uuid(self.id());
        let trunk = Endpoint::Trunk { id: directory.entries().trunks[0].id, name: "west".into() };
        self.offer(call, caller, (carrier, trunk, Side::Origination), LegDirection::Incoming, None);
        let routed = directory.routed((carrier, Some(owner)), self.now, &"1".into(), &"2".into(), None);
        self.tell(call, EventKind::CallRouted(Arc::new(routed)));
        self.offer(call, phone, (owner, endpoint(device), Side::Termination), LegDirection::Outgoing, None);
    }

    fn start(&mut self, call: CallId, origination: Owner, origin: Origin) {
        let (caller, dialed) = (Number::from("1"), Number::from(OUTSIDE));
        let started = CallStarted { origination, origin, caller, caller_name: None, dialed };
        self.tell(call, EventKind::CallStarted(Arc::new(started)));
    }

    fn offer(
        &mut self,
        call: CallId,
        leg: LegId,
        (owner, endpoint, side): (Owner, Endpoint, Side),
        direction: LegDirection,
        route: Option<Arc<LegRoute>>,
    ) {
        let (from, to) = ("1".into(), "2".into());
        let offer = LegOffer { side, direction, owner, endpoint, from, to, sip: None, route };
        self.tell(call, EventKind::LegOffered { leg, offer: Arc::new(offer) });
    }

    fn answer(&mut self, which: usize) {
        let Some(at) = which.checked_rem(self.going.len()) else { return };
        let Going { id, out, is_answered } = &mut self.going[at];
        if !std::mem::replace(is_answered, true) {
            let (id, leg) = (*id, *out);
            self.tell(id, EventKind::LegAnswered { leg, user_agent: None });
        }
    }

    fn end(&mut self, call: CallId) {
        let Some(live) = self.registry.get(call) else { return };
        let open: Vec<_> = live.legs().iter().filter(|leg| leg.end.is_none()).map(|leg| leg.id).collect();
        for leg in open {
            let end = LegEnd::new(Releaser::Switch, EndCause::Limit, None);
            self.tell(call, EventKind::LegEnded { leg, end });
        }
    }

    /// What goes on becomes records, and all else is worked out anew.
    fn crash(&mut self) {
        for going in std::mem::take(&mut self.going) {
            self.tell(going.id, EventKind::CallInterrupted);
        }
        self.registry = Registry::default();
        self.stopped = HashMap::new();
        self.directory.stopped().set(Default::default());
        self.ledger = Ledger::of(bounded(&self.directory.snapshot()));
        for record in self.history.iter().filter(|record| record.started_at > self.now - DAY - HOUR) {
            record.costs().iter().for_each(|cost| self.ledger.add_known(Some(record.call_id), cost));
        }
        self.look();
    }

    /// As each second, with the switch obeying at once.
    fn look(&mut self) {
        let directory = self.directory.snapshot();
        self.ledger.forget_before(self.now - DAY);
        let mut live = LiveCosts::default();
        costs(&self.registry, &bounded(&directory), self.now)
            .into_iter()
            .for_each(|(_, cost)| live.add(cost));
        let movements =
            prepaid(&directory).into_iter().map(|account| (account, self.moved(account))).collect();
        let (ledger, now) = (&self.ledger, self.now);
        self.stopped =
            Known { directory: &directory, ledger, movements: &movements, live: &live, now }.reached();
        self.directory.stopped().set(self.stopped.keys().copied().collect());
        for (_, call) in costly(&self.registry, &directory, &self.stopped, self.now) {
            self.end(call);
        }
    }

    fn moved(&self, account: AccountId) -> Decimal {
        self.history.iter().map(|record| record.movement(account)).sum()
    }

    /// What a payer has spent by records and live calls since an instant, counted by hand.
    fn spent(&self, payer: Payer, since: Timestamp) -> Spent {
        let ended = self.history.iter().flat_map(|record| record.costs());
        let live = self.registry.calls().flat_map(|call| call.costs(self.now));
        let own = ended.chain(live).filter(|cost| cost.payers().any(|known| known == payer));
        let own = own.filter(|cost| cost.started_at >= since);
        own.fold(Spent::default(), |sum, cost| sum + Spent { price: cost.price, seconds: cost.seconds })
    }

    /// Nobody has spent more than they may, but for what a step of each of so many calls at once adds.
    fn check(&self, at_once: usize) {
        let steps = STEP * Decimal::from(at_once);
        let most = |payer, since, price: i64| {
            let spent = self.spent(payer, self.now - since).price;
            assert!(
                spent <= Decimal::from(price) + steps,
                "{payer:?} spent {spent} of {price}, {at_once} at once"
            );
        };
        most(Payer::Account(AccountId(1)), HOUR, 12);
        most(Payer::Account(AccountId(1)), DAY, 25);
        most(Payer::Device(DeviceId(1)), HOUR, 4);
        most(Payer::Account(AccountId(2)), Duration::from_secs(u32::MAX.into()), 18);
        let minutes = |payer, since, minutes: u64| {
            let spent = self.spent(payer, self.now - since).seconds;
            assert!(spent <= minutes * 60 + at_once as u64, "{payer:?} talked {spent} s of {minutes} min");
        };
        minutes(Payer::Account(AccountId(1)), HOUR, 40);
        minutes(Payer::Device(DeviceId(1)), DAY, 30);
    }
}

fn endpoint(device: DeviceId) -> Endpoint {
    Endpoint::Device { id: device, name: "phone".into() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn no_mix_of_paths_and_crashes_spends_more_than_may_be(acts in acts()) {
        let mut world = World::new();
        let mut at_once = 0;
        for act in &acts {
            world.act(act);
            at_once = at_once.max(world.going.len());
            world.check(at_once);
        }
        world.act(&Act::Rest(1));
        prop_assert_eq!(world.registry.len(), 0);
        // Made anew from the records, it is the same.
        let (before, stopped) = (world.ledger.len(), world.stopped.clone());
        world.crash();
        prop_assert_eq!((world.ledger.len(), &world.stopped), (before, &stopped));
        world.act(&Act::Rest(2 * 86_400));
        prop_assert_eq!(world.ledger.len(), 0);
        let windows = world.stopped.values().filter(|reached| **reached != Reached::Balance);
        prop_assert_eq!(windows.count(), 0);
    }
}

#[test]
fn a_stopped_phone_calls_by_no_path_and_its_colleague_by_each() {
    for path in [Path::Phone, Path::Api, Path::SentOn { has_answered: true }, Path::PickedUp] {
        let mut world = World::new();
        world.call(path, DeviceId(1));
        world.answer(0);
        world.pass(4 * 60);
        assert_eq!(world.going.len(), 0, "{path:?} is cut off");
        assert_eq!(world.stopped.get(&Payer::Device(DeviceId(1))), Some(&Reached::Hour), "{path:?}");
        world.call(path, DeviceId(1));
        assert_eq!(world.going.len(), 0, "{path:?} is refused");
        world.call(path, DeviceId(2));
        assert_eq!(world.going.len(), 1, "{path:?} of the colleague goes on");
    }
}

/// A record of a call that a phone has made and that cost `minutes`.
fn record(world: &mut World, minutes: u64) -> Arc<CallRecord> {
    world.call(Path::Phone, DeviceId(2));
    world.answer(0);
    world.now = world.now + Duration::from_secs(minutes * 60);
    let call = world.going[0].id;
    world.end(call);
    world.history.last().unwrap().clone()
}

#[test]
fn calls_that_end_while_the_history_is_read_count_once() {
    let mut world = World::new();
    let ended: Vec<_> = (1..=3).map(|minutes| record(&mut world, minutes)).collect();
    let payer = Payer::Account(AccountId(1));
    let mut ledger = Ledger::of([AccountId(1)].into());
    // The first two are in the history; of these the second, and the third, are told as calls that have just ended.
    for record in &ended[..2] {
        record.costs().iter().for_each(|cost| ledger.add_known(Some(record.call_id), cost));
    }
    ended[1..].iter().for_each(|record| ledger.add_ended(record));
    assert_eq!(ledger.spent(payer, START).price, Decimal::from(1 + 2 + 3));
    assert_eq!(ledger.spent(payer, world.now).price, Decimal::ZERO);
}

#[test]
fn a_record_that_two_pages_have_is_charged_once() {
    let mut world = World::new();
    let found: Vec<_> = (1..=3).map(|minutes| record(&mut world, minutes)).collect();
    let found = found.into_iter().zip(1..).map(|(record, serial)| FoundRecord {
        account: AccountId(1),
        serial,
        record,
    });
    let found: Vec<_> = found.collect();
    let mut ledger = Ledger::of([AccountId(1)].into());
    let mut reading = Reading::default();
    // Another has come before them in the meantime.
    found[..2].iter().chain(&found[1..]).for_each(|found| reading.enter(&mut ledger, found, world.now));
    assert_eq!(ledger.spent(Payer::Account(AccountId(1)), START).price, Decimal::from(1 + 2 + 3));
}
