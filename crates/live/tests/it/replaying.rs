//! Whoever replays the event log has the same live calls and records as the server, whatever happened, and after a
//! crash.

use std::{collections::BTreeMap, sync::Arc};

use call::{AccountId, Applied, Call, CallEvent, CallId, CallRecord, Registry, event::Side};
use history::{Happening, History, LogFilter, LogQuery, OpenOptions, SqliteHistory};
use proptest::prelude::*;
use switch::simulated::{CallSpec, SimulatedCall};

use crate::stage::{ACCOUNTS, Stage, phone};

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    Call { from: u32, to: u32 },
    Ring(prop::sample::Index),
    Answer(prop::sample::Index),
    Hold(prop::sample::Index, Side),
    Resume(prop::sample::Index, Side),
    Press(prop::sample::Index, Side),
    FailOver(prop::sample::Index, u32),
    Merge(prop::sample::Index, prop::sample::Index),
    End(prop::sample::Index, Side),
    Busy(prop::sample::Index),
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Origination), Just(Side::Termination)]
}

fn step() -> impl Strategy<Value = Step> {
    let call = any::<prop::sample::Index>;
    let account = 1..=ACCOUNTS;
    prop_oneof![
        4 => (account.clone(), account.clone()).prop_map(|(from, to)| Step::Call { from, to }),
        2 => call().prop_map(Step::Ring),
        3 => call().prop_map(Step::Answer),
        1 => (call(), side()).prop_map(|(call, side)| Step::Hold(call, side)),
        1 => (call(), side()).prop_map(|(call, side)| Step::Resume(call, side)),
        1 => (call(), side()).prop_map(|(call, side)| Step::Press(call, side)),
        1 => (call(), account).prop_map(|(call, account)| Step::FailOver(call, account)),
        1 => (call(), call()).prop_map(|(into, absorbed)| Step::Merge(into, absorbed)),
        2 => (call(), side()).prop_map(|(call, side)| Step::End(call, side)),
        1 => call().prop_map(Step::Busy),
    ]
}

/// Takes a step and says with which call; what does not fit, as the call is over or not so far, is left out.
fn take(step: &Step, stage: &Stage, calls: &mut Vec<SimulatedCall>) -> Option<CallId> {
    let registry = stage.live.snapshot();
    let up: Vec<_> = calls.iter().filter(|call| !call.is_over()).cloned().collect();
    let pick = |index: &prop::sample::Index| (!up.is_empty()).then(|| index.get(&up).clone());
    let is_answered =
        |call: &SimulatedCall| registry.get(call.id()).is_some_and(|it| it.answered_at().is_some());
    let talking = |index: &prop::sample::Index| pick(index).filter(is_answered);
    let ringing = |index: &prop::sample::Index| pick(index).filter(|call| !is_answered(call));
    match step {
        Step::Call { from, to } => {
            calls.extend(stage.switch.place(CallSpec::new(phone(*from, *from), phone(*to, 10 + *to))));
            calls.last().map(SimulatedCall::id)
        }
        Step::Ring(call) => ringing(call).map(|call| call.ring().id()),
        Step::Answer(call) => ringing(call).map(|call| call.answer().id()),
        Step::Hold(call, side) => talking(call).map(|call| call.hold(*side).id()),
        Step::Resume(call, side) => talking(call).map(|call| call.resume(*side).id()),
        Step::Press(call, side) => talking(call).map(|call| call.press(*side, "7").id()),
        Step::FailOver(call, to) => ringing(call).map(|call| call.fail_over(phone(*to, 20 + *to)).id()),
        Step::Merge(into, absorbed) => {
            let pair =
                talking(into).zip(talking(absorbed)).filter(|(into, absorbed)| into.id() != absorbed.id());
            pair.map(|(into, absorbed)| into.transfer_to(Side::Termination, &absorbed).id())
        }
        Step::End(call, side) => talking(call).map(|call| call.end(*side).id()),
        Step::Busy(call) => ringing(call).map(|call| call.busy().id()),
    }
}

fn accounts() -> Vec<AccountId> {
    (1..=ACCOUNTS).map(AccountId).collect()
}

/// All events of calls in the log, read in pages of an odd size.
async fn log(history: &dyn History) -> Vec<Arc<CallEvent>> {
    let (mut after, mut events) = (0, Vec::new());
    loop {
        let query = LogQuery { filter: LogFilter::of(&accounts()), after, limit: 7 };
        let page = history.events(query).await.unwrap();
        assert_eq!(page.gap, None);
        if page.through == after {
            return events;
        }
        let numbers: Vec<_> = page.entries.iter().map(|entry| entry.number).collect();
        assert!(numbers.iter().all(|number| *number > after) && numbers.is_sorted());
        events.extend(page.entries.iter().filter_map(|entry| match &entry.what {
            Happening::Call(event) => Some(event.clone()),
            Happening::Other(_) => None,
        }));
        after = page.through;
    }
}

/// What the events make.
fn replayed(events: &[Arc<CallEvent>]) -> (Registry, Vec<CallRecord>) {
    let (mut registry, mut records) = (Registry::default(), Vec::new());
    for event in events {
        match registry.apply(event) {
            Applied::Ended(record) => records.push(*record),
            Applied::Changed => {}
            odd @ (Applied::Stale | Applied::Unexpected) => panic!("{odd:?} by {event:?}"),
        }
    }
    (registry, records)
}

fn by_id(registry: &Registry) -> BTreeMap<CallId, Arc<Call>> {
    registry.calls().map(|call| (call.id(), call.clone())).collect()
}

async fn check_records(history: &dyn History, records: &[CallRecord]) {
    assert_eq!(history.census().await.unwrap().records, records.len() as u64);
    for record in records {
        let stored = history.record(accounts(), record.call_id).await.unwrap();
        assert_eq!(stored.as_deref(), Some(record));
    }
}

async fn plays_the_same(steps: Vec<Step>) {
    let stage = Stage::new();
    let mut calls = Vec::new();
    for step in &steps {
        take(step, &stage, &mut calls);
        stage.written().await;
    }
    let (registry, records) = replayed(&log(&*stage.history).await);
    assert_eq!(by_id(&registry), by_id(&stage.live.snapshot()));
    check_records(&*stage.history, &records).await;
    let (going_on, folder) = (registry.len(), stage.crash().await);
    let history = SqliteHistory::open(OpenOptions::new(folder.path())).unwrap();
    assert_eq!(live::recover(&history).await.unwrap(), going_on);
    let (registry, records) = replayed(&log(&history).await);
    assert_eq!(registry.len(), 0, "calls that a crash cut off go on in the log");
    check_records(&history, &records).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn replaying_the_event_log_gives_the_live_calls_and_the_records(
        steps in proptest::collection::vec(step(), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(plays_the_same(steps));
    }
}
