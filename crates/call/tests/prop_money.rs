//! What calls cost, against a second bookkeeping: calls that are tried at several places, sent on by their parties
//! and tried there again, as ADR 8 tells of them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use call::{
    CallEvent, CallRecord, EventKind, LegId,
    event::{
        CallRouted, CallStarted, EndCause, LegDirection, LegEnd, LegOffer, LegRoute, Origin, Releaser, Side,
        TransferMode, TransferTarget,
    },
    id::{AccountId, DeviceId, TrunkId},
    party::{Endpoint, Owner},
    rating::Rate,
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use rust_decimal::Decimal;
use testkit::event_table::{START, call_id, cast, leg_id};

/// Where a call can come from and go to: trunks are named as their accounts.
const PHONES: [&str; 3] = ["acme", "branch", "globex"];
const TRUNKS: [&str; 2] = ["carrier-a", "carrier-b"];

/// Somebody is sent somewhere: each place is tried for as many seconds, the last one may answer.
#[derive(Clone, Debug)]
struct Sending {
    tried: Vec<(&'static str, u64)>,
    is_answered: bool,
    /// How long the two talk before something else happens.
    talk: u64,
}

/// A call and what is done with it.
#[derive(Clone, Debug)]
struct Story {
    caller: &'static str,
    first: Sending,
    /// Whether the first or the second of the two who talk sends the other on.
    then: Vec<(bool, Sending)>,
}

/// Phones ring last, alone: several of an account that ring for one number are one attempt.
fn sending() -> impl Strategy<Value = Sending> {
    let trunks = vec((select(TRUNKS.to_vec()), 1..9_u64), 0..4);
    let phone = option::weighted(0.5, (select(PHONES.to_vec()), 1..9_u64));
    let tried = (trunks, phone).prop_map(|(trunks, phone)| [trunks, phone.into_iter().collect()].concat());
    let tried = tried.prop_filter("somebody is tried", |tried| !tried.is_empty());
    (tried, prop::bool::weighted(0.8), 1..99_u64).prop_map(|(tried, is_answered, talk)| Sending {
        tried,
        is_answered,
        talk,
    })
}

fn story() -> impl Strategy<Value = Story> {
    let caller = select([&PHONES[..], &TRUNKS[..]].concat());
    (caller, sending(), vec((any::<bool>(), sending()), 0..5)).prop_map(|(caller, first, then)| Story {
        caller,
        first,
        then,
    })
}

fn owner(name: &str) -> Owner {
    cast::account(name).expect("the account is in the cast")
}

fn is_trunk(name: &str) -> bool {
    TRUNKS.contains(&name)
}

/// So much for each second of a call that was answered, and a tenth of it for one that was not.
fn rate(a_second: i64) -> Rate {
    let second = Duration::from_secs(1);
    let (whole, tenth) = (Decimal::from(a_second), Decimal::new(a_second, 1));
    let a_minute = whole * Decimal::from(60);
    Rate {
        prefix: String::new(),
        initial_interval: second,
        initial_rate: a_minute,
        next_interval: second,
        next_rate: a_minute,
        fee: Decimal::ZERO,
        attempt_fee: tenth,
        vat: Decimal::ZERO,
    }
}

/// What whoever sends pays for a second, and whoever takes is paid.
const PAID: i64 = 4;
const EARNED: i64 = 3;

/// What is inside an account costs nothing.
fn routed(from: &str, to: &str) -> Arc<CallRouted> {
    let mut routed = CallRouted::new(Some(owner(to)), "1001".into(), "+1".into());
    if from != to {
        (routed.origination_rate, routed.termination_rate) = (Some(rate(PAID)), Some(rate(EARNED)));
    }
    Arc::new(routed)
}

/// An attempt, as the second bookkeeping has it.
#[derive(Clone, Debug)]
struct Entry {
    hunt: u32,
    sender: &'static str,
    taker: &'static str,
    answered: Option<u64>,
    ended: Option<u64>,
}

/// Tells a story as events, and keeps its own books.
struct Teller {
    now: u64,
    events: Vec<Arc<CallEvent>>,
    legs: u32,
    books: Vec<Entry>,
}

#[derive(Clone, Copy)]
struct Talker {
    leg: LegId,
    at: &'static str,
    /// Its place in the books, if it was sent there.
    entry: Option<usize>,
}

impl Teller {
    fn tell(&mut self, kind: EventKind) {
        let at = START + Duration::from_secs(self.now);
        self.events.push(Arc::new(CallEvent { call_id: call_id("1"), at, kind }));
    }

    fn end(&mut self, leg: LegId, by: Releaser, cause: EndCause) {
        self.tell(EventKind::LegEnded { leg, end: LegEnd::new(by, cause, None) });
    }

    fn offer(&mut self, at: &'static str, side: Side, route: Option<LegRoute>) -> LegId {
        self.legs += 1;
        let leg = leg_id(&format!("l{}", self.legs));
        let endpoint = match is_trunk(at) {
            true => Endpoint::Trunk { id: TrunkId(1), name: at.into() },
            false => Endpoint::Device { id: DeviceId(self.legs), name: at.into() },
        };
        let direction = match side {
            Side::Origination => LegDirection::Incoming,
            Side::Termination => LegDirection::Outgoing,
        };
        let (from, to, route) = ("1001".into(), "+1".into(), route.map(Arc::new));
        let offer = LegOffer { side, direction, owner: owner(at), endpoint, from, to, sip: None, route };
        self.tell(EventKind::LegOffered { leg, offer: Arc::new(offer) });
        leg
    }

    /// Tries one place after the other; whoever answers, if somebody does.
    fn hunt(&mut self, sender: Talker, hunt: u32, sending: &Sending) -> Option<Talker> {
        for (attempt, (at, seconds)) in (1..).zip(&sending.tried) {
            let routed = routed(sender.at, at);
            let is_inside = hunt > 0 && *at == sender.at && !is_trunk(at);
            let route = || LegRoute {
                sent_by: owner(sender.at),
                sender: Some(sender.leg),
                hunt,
                attempt,
                routed: routed.clone(),
            };
            if hunt == 0 {
                self.tell(EventKind::CallRouted(routed.clone()));
            }
            let leg = self.offer(at, Side::Termination, (hunt > 0 && !is_inside).then(route));
            let entry = Entry { hunt, sender: sender.at, taker: at, answered: None, ended: None };
            let entry = (!is_inside).then(|| {
                self.books.push(entry);
                self.books.len() - 1
            });
            self.now += seconds;
            if sending.is_answered && attempt as usize == sending.tried.len() {
                self.tell(EventKind::LegAnswered { leg, user_agent: None });
                if let Some(entry) = entry {
                    self.books[entry].answered = Some(self.now);
                }
                return Some(Talker { leg, at, entry });
            }
            self.end(leg, Releaser::Party, EndCause::Busy);
        }
        None
    }

    /// One of the two sends the other on; who talks then.
    fn send(&mut self, pair: [Talker; 2], hunt: u32, sending: &Sending) -> [Talker; 2] {
        let [initiator, other] = pair;
        let target = Arc::new(TransferTarget { number: "+1".into(), name: None });
        let (leg, mode) = (initiator.leg, TransferMode::Blind);
        self.tell(EventKind::TransferStarted { initiator: leg, target, mode });
        let Some(recipient) = self.hunt(initiator, hunt, sending) else {
            self.tell(EventKind::TransferFailed { initiator: leg });
            return pair;
        };
        self.tell(EventKind::LegsBridged { a: other.leg, b: recipient.leg });
        self.tell(EventKind::TransferCompleted { initiator: leg, recipient: recipient.leg });
        self.end(leg, Releaser::Switch, EndCause::Transferred);
        // A phone that hands on does not end what was sent to its account.
        if let Some(entry) = initiator.entry.filter(|_| is_trunk(initiator.at)) {
            self.books[entry].ended = Some(self.now);
        }
        [other, recipient]
    }
}

/// The events of a story, and its books.
fn told(story: &Story) -> (Vec<Arc<CallEvent>>, Vec<Entry>) {
    let mut teller = Teller { now: 0, events: Vec::new(), legs: 0, books: Vec::new() };
    teller.tell(EventKind::CallStarted(Arc::new(CallStarted {
        origination: owner(story.caller),
        origin: Origin::Invite,
        caller: "1001".into(),
        caller_name: None,
        dialed: "+1".into(),
    })));
    let leg = teller.offer(story.caller, Side::Origination, None);
    let caller = Talker { leg, at: story.caller, entry: None };
    let Some(called) = teller.hunt(caller, 0, &story.first) else {
        teller.end(leg, Releaser::Switch, EndCause::Busy);
        return (teller.events, teller.books);
    };
    teller.tell(EventKind::LegAnswered { leg, user_agent: None });
    teller.tell(EventKind::LegsBridged { a: leg, b: called.leg });
    teller.now += story.first.talk;
    let mut pair = [caller, called];
    for (hunt, (is_second, sending)) in (1..).zip(&story.then) {
        if *is_second {
            pair.reverse();
        }
        pair = teller.send(pair, hunt, sending);
        teller.now += sending.talk;
    }
    teller.end(pair[0].leg, Releaser::Party, EndCause::Normal);
    teller.end(pair[1].leg, Releaser::Switch, EndCause::Normal);
    let over = teller.now;
    let answered = teller.books.iter_mut().filter(|entry| entry.answered.is_some());
    answered.for_each(|entry| entry.ended = Some(entry.ended.unwrap_or(over)));
    (teller.events, teller.books)
}

impl Entry {
    fn seconds(&self) -> Option<u64> {
        Some(self.ended? - self.answered?)
    }

    /// What it comes to at so much a second.
    fn price(&self, a_second: i64) -> Decimal {
        match self.seconds() {
            _ if self.sender == self.taker => Decimal::ZERO,
            Some(seconds) => Decimal::from(a_second) * Decimal::from(seconds),
            None => Decimal::new(a_second, 1),
        }
    }
}

/// Of each hunt the entry that whoever sends pays for: the one that was answered, else the last.
fn paid(books: &[Entry]) -> Vec<&Entry> {
    let mut paid: BTreeMap<u32, &Entry> = BTreeMap::new();
    for entry in books {
        paid.insert(entry.hunt, entry);
    }
    paid.into_values().collect()
}

fn names() -> impl Iterator<Item = &'static str> {
    PHONES.into_iter().chain(TRUNKS)
}

fn account(name: &str) -> AccountId {
    owner(name).account
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn accounts_pay_and_are_paid_for_what_they_send_and_take(story in story()) {
        let (events, books) = told(&story);
        let record = CallRecord::project(call_id("1"), &events).unwrap();
        let paid = paid(&books);
        for name in names() {
            let pays: Decimal = paid.iter().filter(|it| it.sender == name).map(|it| it.price(PAID)).sum();
            let earns: Decimal = books.iter().filter(|it| it.taker == name).map(|it| it.price(EARNED)).sum();
            prop_assert_eq!(record.movement(account(name)), earns - pays, "{} in {:?}", name, books);
            let price = |side| record.price(account(name), side).unwrap_or_default();
            let (sent, taken) = (price(Side::Origination), price(Side::Termination));
            prop_assert_eq!((sent, taken), (pays, earns), "{} in {:?}", name, books);
        }
        let rows = record.rows();
        let all: Decimal = rows.iter().map(|row| row.movement()).sum();
        let of_accounts: Decimal = names().map(|name| record.movement(account(name))).sum();
        prop_assert_eq!(all, of_accounts, "a row is nobody's");
    }

    #[test]
    fn every_invite_that_left_by_a_trunk_is_one_attempt_of_its_carrier(story in story()) {
        let (events, books) = told(&story);
        let record = CallRecord::project(call_id("1"), &events).unwrap();
        for carrier in TRUNKS {
            let rows = record.rows();
            let taken = rows.iter().filter(|row| row.owner.account == account(carrier) && row.sides.terminates());
            let mut found: Vec<_> = taken
                .map(|row| row.call.answered_at.map(|_| row.call.connected().as_secs()))
                .collect();
            let mut expected: Vec<_> =
                books.iter().filter(|it| it.taker == carrier).map(Entry::seconds).collect();
            found.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(found, expected, "{} in {:?}", carrier, books);
        }
    }

    /// What one account is shown as sent and pays for, another is shown as taken: in as many rows, for as long. A
    /// call that goes on without the trunk that carried it has a row beside, which costs nothing.
    #[test]
    fn the_views_of_senders_and_takers_agree(story in story()) {
        let (events, books) = told(&story);
        let record = CallRecord::project(call_id("1"), &events).unwrap();
        let rows = record.rows();
        for name in names() {
            let sent = rows.iter().filter(|row| row.owner.account == account(name) && row.sides.originates());
            let mut found: Vec<_> = sent
                .clone()
                .filter(|row| row.call.origination_rate.is_some())
                .map(|row| {
                    let taker = row.call.termination.map(|owner| owner.account);
                    (taker, row.call.answered_at.map(|_| row.call.connected().as_secs()))
                })
                .collect();
            let mut expected: Vec<_> = paid(&books)
                .into_iter()
                .filter(|it| it.sender == name && it.taker != name)
                .map(|it| (Some(account(it.taker)), it.seconds()))
                .collect();
            found.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(found, expected, "{} in {:?}", name, books);
            let counted = sent.filter(|row| row.is_sent_call).count();
            let sends = books.iter().any(|it| it.sender == name);
            prop_assert_eq!(counted, usize::from(sends), "a call is one call to {}", name);
        }
    }

    /// Also for who has only parts of it.
    #[test]
    fn a_call_that_is_told_once_has_all_that_an_account_pays_talks_and_sees(story in story()) {
        let (events, books) = told(&story);
        let record = CallRecord::project(call_id("1"), &events).unwrap();
        for name in names() {
            let rows = record.rows();
            let own: Vec<_> = rows.iter().filter(|row| row.owner.account == account(name)).collect();
            let seen = record.seen_by(&[account(name)]);
            prop_assert_eq!(seen.is_some(), !own.is_empty(), "{} in {:?}", name, books);
            let Some(seen) = seen else { continue };
            prop_assert_eq!(seen.movement(account(name)), record.movement(account(name)), "{}", name);
            for side in [Side::Origination, Side::Termination] {
                prop_assert_eq!(seen.price(account(name), side), record.price(account(name), side), "{}", name);
            }
            let is_connected = |second: u64| {
                let at = START + Duration::from_secs(second);
                own.iter().any(|row| row.call.answered_at.is_some_and(|from| from <= at) && at < row.call.ended_at)
            };
            let seconds = (0..2_000).filter(|second| is_connected(*second)).count() as u64;
            prop_assert_eq!(seen.connected_in_all(account(name)).as_secs(), seconds, "{} in {:?}", name, books);
            for leg in own.iter().flat_map(|row| &row.call.legs) {
                prop_assert!(seen.legs.iter().any(|it| it.leg_id == leg.leg_id), "{name} misses {leg:?}");
            }
        }
    }

    #[test]
    fn live_rows_of_what_goes_on_are_those_of_the_record(story in story()) {
        let (events, _) = told(&story);
        let record = CallRecord::project(call_id("1"), &events).unwrap();
        let mut registry = call::Registry::default();
        let last = events.len() - 1;
        events[..last].iter().for_each(|event| {
            registry.apply(event);
        });
        let call = registry.get(call_id("1")).unwrap();
        let live: Vec<_> = call.rows().iter().map(|row| (row.part, row.owner, row.sides, row.is_call)).collect();
        let kept: Vec<_> = record.rows().iter().map(|row| (row.part, row.owner, row.sides, row.is_call)).collect();
        prop_assert_eq!(live, kept);
    }
}
