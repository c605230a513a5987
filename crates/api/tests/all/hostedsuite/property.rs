//! Whatever calls there are and whatever is asked: the pages together hold what a look at every call
//! finds, in the order that was asked for.

use std::{cmp::Ordering, time::Duration};

use call::{
    CallRecord,
    record::{Times, TransferredTo},
};
use hostedsuite::sort::SortKey;
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Value as Json, json};

use super::world::{ATTORNEY, BAKERY, STRANGER, World, at, lasting, millis};

const CLINIC: &str = "33333333-3333-4333-8333-333333333333";

/// A finished call, in short.
#[derive(Clone, Debug)]
struct Call {
    from: u32,
    to: u32,
    start: Duration,
    talk: Duration,
    other: Duration,
    hold_count: u32,
    name: Option<&'static str>,
    number: &'static str,
}

/// A request, in short.
#[derive(Clone, Debug)]
struct Asked {
    user: &'static str,
    client: Option<&'static str>,
    center: Option<&'static str>,
    call_type: Option<&'static str>,
    start: Option<u64>,
    end: Option<u64>,
    min: u64,
    max: u64,
    sort: usize,
    descending: bool,
    size: usize,
}

fn a_call() -> impl Strategy<Value = Call> {
    let accounts = (select(vec![1, 2, 3, 9]), select(vec![1, 2, 3, 9]));
    let lengths = (0..8_u64, select(vec![0, 30_000_000, 60_000_000, 60_000_001]), 0..3_u64, 0..3_u32);
    let texts =
        (select(vec![None, Some("ann"), Some("Ann"), Some("Bob")]), select(vec!["1002", "+1415", "+1416"]));
    (accounts, lengths, texts).prop_map(|((from, to), (start, talk, other, hold_count), (name, number))| {
        Call {
            from,
            to,
            start: millis(start * 500),
            talk: Duration::from_micros(talk),
            other: Duration::from_secs(other),
            hold_count,
            name,
            number,
        }
    })
}

fn a_request() -> impl Strategy<Value = Asked> {
    let whose = (
        select(vec!["anna", "vera", "nora"]),
        option::weighted(0.3, select(vec![BAKERY, ATTORNEY, CLINIC, STRANGER, "String"])),
        option::weighted(0.2, select(vec!["1", "2", "3"])),
        option::weighted(0.4, select(vec!["Incoming", "Outgoing"])),
    );
    let ranges = (
        option::weighted(0.4, 0..5_u64),
        option::weighted(0.4, 0..5_u64),
        select(vec![0, 30, 60]),
        select(vec![0, 30, 60]),
    );
    let order = (0..SortKey::MEMBERS.len(), any::<bool>(), 1..8_usize);
    (whose, ranges, order).prop_map(
        |((user, client, center, call_type), (start, end, min, max), (sort, descending, size))| Asked {
            user,
            client,
            center,
            call_type,
            start,
            end,
            min,
            max,
            sort,
            descending,
            size,
        },
    )
}

impl Call {
    fn record(&self, world: &World, number: u32) -> CallRecord {
        let mut call = world.call(number, self.from, self.to);
        call.started_at = at(0) + self.start;
        call.caller_name = self.name.map(Into::into);
        // What the other side of a call did is not shown, and must not be ordered by.
        call.answered_by = self.name.map(Into::into);
        call.screen_pop = self.name.map(Into::into);
        call.caller_routed = self.number.into();
        call.transferred_to = (self.hold_count > 1)
            .then(|| TransferredTo { number: self.number.into(), name: call.caller_name.clone() });
        call.hold_count = self.hold_count;
        let other = self.other;
        lasting(
            call,
            Times { pdd: other, ring: other / 2, talk: self.talk, hold: other * 2, transfer: other * 3 },
        )
    }
}

impl Asked {
    /// The account that sees the call, if one that is asked for does.
    fn viewer(&self, call: &Call) -> Option<u32> {
        let accounts = [(1, BAKERY, Some("1")), (2, ATTORNEY, Some("2")), (3, CLINIC, None)];
        let may = |account: u32| self.user == "anna" || account == 1;
        let wanted = |account: u32| {
            let known = accounts.iter().find(|(id, ..)| *id == account && may(account));
            known.is_some_and(|(_, client, center)| {
                self.client.is_none_or(|asked| asked == *client)
                    && (self.center.is_none() || self.center == *center)
            })
        };
        [call.from, call.to].into_iter().find(|account| wanted(*account))
    }

    fn finds(&self, call: &Call) -> bool {
        let Some(viewer) = self.viewer(call) else { return false };
        let call_type = if call.from == viewer { "Outgoing" } else { "Incoming" };
        let second = call.start.as_secs();
        let (min, max) = (Duration::from_secs(self.min), Duration::from_secs(self.max));
        self.call_type.is_none_or(|asked| asked == call_type)
            && self.start.is_none_or(|start| call.start >= Duration::from_secs(start))
            && self.end.is_none_or(|end| second <= end)
            && call.talk >= min
            && (max.is_zero() || call.talk <= max)
    }

    fn members(&self, page: usize) -> Json {
        let date = |second: Option<u64>| second.map(|second| format!("2026-03-01 12:00:0{second}"));
        json!({
            "ClientId": self.client,
            "CenterId": self.center,
            "CallType": self.call_type,
            "StartDate": date(self.start),
            "EndDate": date(self.end),
            "MinCallDuration": self.min,
            "MaxCallDuration": self.max,
            "SortField": self.member(),
            "SortDir": if self.descending { "Desc" } else { "Asc" },
            "Page": page,
            "ItemsPerPage": self.size,
        })
    }

    fn member(&self) -> &'static str {
        SortKey::MEMBERS[self.sort].0
    }
}

/// An item, by what it is to be ordered by.
struct Item {
    number: u32,
    shown: Json,
}

/// Numbers, bools or texts in either case, then nulls.
fn by_value(a: &Json, b: &Json) -> Ordering {
    match (a, b) {
        (Json::Null, other) | (other, Json::Null) if other.is_null() => Ordering::Equal,
        (Json::Null, _) => Ordering::Greater,
        (_, Json::Null) => Ordering::Less,
        (Json::Number(a), Json::Number(b)) => a.as_f64().unwrap().total_cmp(&b.as_f64().unwrap()),
        (Json::Bool(a), Json::Bool(b)) => a.cmp(b),
        (a, b) => a.as_str().unwrap().to_ascii_lowercase().cmp(&b.as_str().unwrap().to_ascii_lowercase()),
    }
}

async fn check(calls: &[Call], requests: &[Asked]) {
    let world = World::new().await;
    world.place(calls.iter().zip(0..).map(|(call, number)| call.record(&world, number))).await;
    for asked in requests {
        let expected: Vec<u32> =
            calls.iter().zip(0..).filter(|(call, _)| asked.finds(call)).map(|(_, number)| number).collect();
        let items = every_page(&world, asked, calls, expected.len()).await;
        let mut found: Vec<_> = items.iter().map(|item| item.number).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{asked:?}");
        for pair in items.windows(2) {
            let order = by_value(&pair[0].shown, &pair[1].shown);
            let order = if asked.descending { order.reverse() } else { order };
            assert_eq!(order.then(pair[0].number.cmp(&pair[1].number)), Ordering::Less, "{asked:?}");
        }
    }
}

async fn every_page(world: &World, asked: &Asked, calls: &[Call], count: usize) -> Vec<Item> {
    let pages = count.div_ceil(asked.size);
    let mut items = Vec::new();
    for page in 0..=pages {
        let answer = world.list_as(asked.user, asked.members(page)).await;
        let totals = (answer.page()["TotalCount"].clone(), answer.page()["TotalPages"].clone());
        assert_eq!(totals, (json!(count), json!(pages)), "{asked:?}");
        for (number, shown) in answer.numbers().into_iter().zip(answer.each(asked.member())) {
            // Answers show whole seconds, but the order is that of the instants.
            let is_start = asked.member() == "StartTime";
            let exact = || json!(calls[number as usize].start.as_millis() as u64);
            items.push(Item { number, shown: if is_start { exact() } else { shown } });
        }
    }
    items
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn pages_hold_what_a_look_at_every_call_finds(
        calls in vec(a_call(), 0..30),
        requests in vec(a_request(), 12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(&calls, &requests));
    }
}
