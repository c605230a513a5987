//! The event log.

use std::sync::Arc;

use call::{AccountId, CallEvent, DeviceId, Notice, NoticeKind, notice::RegistrationChange};

use crate::{
    AnnotationChange, AnnotationEdit, Annotator, Batch, Concerned, EventLog, Happening, Heartbeat, Journal,
    LogEntry, LogFilter, LogPage, LogQuery, Told,
    annotations::Author,
    conformance::{
        calls::{Script, at, call_id},
        stage::Store,
    },
};

const ONE: AccountId = AccountId(1);
const OTHER: AccountId = AccountId(2);

fn batch(number: u64, account: AccountId, is_over: bool) -> Batch {
    let script = Script::new(number, at(number.cast_signed()), 1, 2);
    let concerned = Concerned { accounts: vec![account], devices: vec![DeviceId(7)], ..Concerned::default() };
    let told = |event| Told { event, concerned: concerned.clone() };
    let records = if is_over { vec![Arc::new(script.record())] } else { Vec::new() };
    let events = script.events().into_iter().map(told).collect();
    Batch { taken_at: Some(at(number.cast_signed())), events, records, ..Batch::default() }
}

fn count() -> u64 {
    Script::new(1, at(1), 1, 2).events().len() as u64
}

async fn page(history: &(impl Journal + EventLog), account: AccountId, after: u64, limit: usize) -> LogPage {
    history.events(LogQuery { filter: LogFilter::of(&[account]), after, limit }).await.unwrap()
}

/// All that an account sees after a number, read in pages of this size.
async fn all(
    history: &(impl Journal + EventLog),
    account: AccountId,
    mut after: u64,
    limit: usize,
) -> Vec<Arc<LogEntry>> {
    let mut found = Vec::new();
    loop {
        let page = page(history, account, after, limit).await;
        let is_over = page.through == after;
        after = page.through;
        found.extend(page.entries);
        if is_over {
            return found;
        }
    }
}

fn events(entries: &[Arc<LogEntry>]) -> Vec<Arc<CallEvent>> {
    let of_calls = entries.iter().filter_map(|entry| match &entry.what {
        Happening::Call(event) => Some(event.clone()),
        Happening::Other(_) => None,
    });
    of_calls.collect()
}

pub async fn events_are_numbered_and_kept_when_their_call_is_over(store: Store<impl Journal + EventLog>) {
    for number in 1..=3 {
        store.history.append(batch(number, ONE, number != 2)).await.unwrap();
    }
    let expected: Vec<_> =
        (1..=3).flat_map(|number| Script::new(number, at(number.cast_signed()), 1, 2).events()).collect();
    let kept = all(&store.history, ONE, 0, 1_000).await;
    assert_eq!(events(&kept), expected);
    assert!(kept.iter().map(|entry| entry.number).eq(1..=3 * count()));
    assert_eq!(*store.history.latest_event().borrow(), 3 * count());
    let store = store.reopen().await;
    assert_eq!(all(&store.history, ONE, 0, 1_000).await, kept);
    assert_eq!(store.history.unfinished().await.unwrap(), Script::new(2, at(2), 1, 2).events());
    store.history.append(batch(4, ONE, true)).await.unwrap();
    assert_eq!(all(&store.history, ONE, 3 * count(), 1_000).await[0].number, 3 * count() + 1);
}

pub async fn any_cursor_and_page_gives_what_comes_after_it_once(store: Store<impl Journal + EventLog>) {
    for number in 1..=4 {
        store.history.append(batch(number, if number % 2 == 0 { OTHER } else { ONE }, true)).await.unwrap();
    }
    let of_memory = all(&store.history, ONE, 0, 1_000).await;
    let store = store.reopen().await;
    let of_disk = all(&store.history, ONE, 0, 1_000).await;
    assert_eq!(of_memory, of_disk);
    for after in 0..=4 * count() {
        let rest: Vec<_> = of_disk.iter().filter(|entry| entry.number > after).cloned().collect();
        for limit in [1, 2, 7, 1_000] {
            assert_eq!(all(&store.history, ONE, after, limit).await, rest, "after {after} by {limit}");
        }
    }
}

pub async fn nobody_sees_events_of_others(store: Store<impl Journal + EventLog>) {
    store.history.append(batch(1, ONE, true)).await.unwrap();
    let page_of_other = page(&store.history, OTHER, 0, 100).await;
    assert_eq!((page_of_other.entries.len(), page_of_other.through), (0, count()));
    let store = store.reopen().await;
    assert_eq!(page(&store.history, OTHER, 0, 100).await.entries, []);
    assert_eq!(page(&store.history, AccountId(9), 0, 100).await.entries, []);
    assert_eq!(page(&store.history, ONE, 0, 100).await.entries.len() as u64, count());
}

pub async fn what_happens_beside_calls_is_in_the_log(store: Store<impl Journal + EventLog + Annotator>) {
    let kind = NoticeKind::Registration { device: DeviceId(7), change: RegistrationChange::Made };
    let notice = Notice { at: at(5), accounts: vec![ONE], kind };
    let told = Batch { notices: vec![notice.clone()], ..Batch::default() };
    store.history.append(told).await.unwrap();
    let edit = AnnotationEdit { is_flagged: Some(true), ..AnnotationEdit::default() };
    let change = AnnotationChange { at: at(6), by: Author::Token, edit };
    for _ in 0..2 {
        store.history.annotate(vec![ONE], call_id(1), change.clone()).await.unwrap();
    }
    let noted =
        Notice { at: at(6), accounts: vec![ONE], kind: NoticeKind::CallAnnotated { call: call_id(1) } };
    let expected = [Happening::Other(notice), Happening::Other(noted)];
    let what =
        |entries: Vec<Arc<LogEntry>>| entries.iter().map(|entry| entry.what.clone()).collect::<Vec<_>>();
    assert_eq!(what(all(&store.history, ONE, 0, 10).await), expected, "a repeat is no change");
    assert_eq!(store.history.latest_append(), 1, "what is no batch of the writer has none of its numbers");
    let store = store.reopen().await;
    assert_eq!(what(all(&store.history, ONE, 0, 10).await), expected);
}

pub async fn a_filter_gives_what_it_wants(store: Store<impl Journal + EventLog>) {
    store.history.append(batch(1, ONE, true)).await.unwrap();
    store.history.append(batch(2, ONE, true)).await.unwrap();
    let store = store.reopen().await;
    let ask =
        async |filter| store.history.events(LogQuery { filter, after: 0, limit: 100 }).await.unwrap().entries;
    let of_call = LogFilter { call: Some(call_id(2)), ..LogFilter::of(&[ONE]) };
    assert_eq!(events(&ask(of_call).await), Script::new(2, at(2), 1, 2).events());
    let of_phone = |id| LogFilter { devices: Some(vec![DeviceId(id)]), ..LogFilter::of(&[ONE]) };
    assert_eq!(ask(of_phone(7)).await.len() as u64, 2 * count());
    assert_eq!(ask(of_phone(8)).await, []);
}

pub async fn what_is_too_old_is_a_gap_and_calls_that_go_on_are_kept(store: Store<impl Journal + EventLog>) {
    store.history.append(batch(1, ONE, false)).await.unwrap();
    store.history.append(batch(2, ONE, true)).await.unwrap();
    store.history.append(batch(3, ONE, true)).await.unwrap();
    store.history.heartbeat(Heartbeat::steady(at(72 * 3_600 + 3))).await.unwrap();
    let store = store.reopen().await;
    let found = page(&store.history, ONE, 4, 100).await;
    assert_eq!(found.gap, Some(5..2 * count() + 1));
    assert_eq!(events(&found.entries), Script::new(3, at(3), 1, 2).events());
    assert_eq!(store.history.unfinished().await.unwrap(), Script::new(1, at(1), 1, 2).events());
    store.history.append(batch(4, ONE, true)).await.unwrap();
    assert_eq!(*store.history.latest_event().borrow(), 4 * count());
}

pub async fn a_number_that_is_not_there_yet_is_a_gap(store: Store<impl Journal + EventLog>) {
    store.history.append(batch(1, ONE, true)).await.unwrap();
    let found = page(&store.history, ONE, count() + 5, 100).await;
    assert_eq!((found.gap, found.through), (Some(count() + 1..count() + 6), count()));
}
