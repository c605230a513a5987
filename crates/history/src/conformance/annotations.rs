//! Annotations.

use std::{sync::Arc, time::Duration};

use call::{AccountId, CallId, UserId};

use crate::{
    Annotation, AnnotationChange, AnnotationEdit, Annotations, Annotator, Batch, Condition, Journal,
    RecordField, RecordQuery, Records, Sort, Test, Value,
    annotations::{Author, WorkEdit},
    conformance::{
        calls::{Script, at, call_id, seconds},
        stage::{self, Store},
    },
};

const CALLER: AccountId = AccountId(1);
const CALLED: AccountId = AccountId(2);

fn anna() -> Author {
    Author::User { id: UserId(7), login: "anna".into() }
}

fn notes(text: &str) -> AnnotationEdit {
    AnnotationEdit { notes: Some(text.into()), ..AnnotationEdit::default() }
}

fn forms(ids: &[&str]) -> AnnotationEdit {
    let added_forms = ids.iter().map(|id| (*id).to_owned()).collect();
    AnnotationEdit { added_forms, ..AnnotationEdit::default() }
}

/// Anna makes an edit at a second.
async fn note(
    history: &(impl Journal + Records + Annotator),
    accounts: &[AccountId],
    call: CallId,
    second: i64,
    edit: AnnotationEdit,
) {
    let change = AnnotationChange { at: at(second), by: anna(), edit };
    history.annotate(accounts.to_vec(), call, change).await.unwrap();
}

async fn noted(
    history: &(impl Journal + Records + Annotator),
    account: AccountId,
    call: CallId,
) -> Annotations {
    history.annotations(vec![(account, call)]).await.unwrap().remove(0)
}

/// The seconds of the changes and what they made different, the latest first.
async fn changes(
    history: &(impl Journal + Records + Annotator),
    account: AccountId,
    call: CallId,
) -> Vec<(i64, AnnotationEdit)> {
    let changes = history.annotation_changes(account, call, 100).await.unwrap();
    assert!(changes.iter().all(|change| change.by == anna()));
    let second = |change: &AnnotationChange| change.at.as_seconds() - at(0).as_seconds();
    changes.into_iter().map(|change| (second(&change), change.edit)).collect()
}

pub async fn where_nothing_was_noted_there_is_nothing(store: Store<impl Journal + Records + Annotator>) {
    assert_eq!(noted(&store.history, CALLER, call_id(1)).await, Annotations::default());
    assert_eq!(changes(&store.history, CALLER, call_id(1)).await, []);
}

pub async fn what_was_noted_comes_back_in_the_order_that_was_asked_for(
    store: Store<impl Journal + Records + Annotator>,
) {
    let history = &store.history;
    note(history, &[CALLER], call_id(1), 1, notes("one")).await;
    note(history, &[CALLER], call_id(2), 1, notes("two")).await;
    let asked = [2, 3, 1].map(|number| (CALLER, call_id(number)));
    let found = history.annotations(asked.to_vec()).await.unwrap();
    let texts: Vec<_> = found.iter().map(|annotations| annotations.notes.as_deref()).collect();
    assert_eq!(texts, [Some("two"), None, Some("one")]);
}

pub async fn notes_outlive_a_new_record_and_a_restart(store: Store<impl Journal + Records + Annotator>) {
    let mut record = Script::new(1, at(0), 1, 2).record();
    let edit = AnnotationEdit {
        is_flagged: Some(true),
        flag_notes: Some("ask".into()),
        work: Some(WorkEdit::Is(seconds(45))),
        ..AnnotationEdit { added_forms: vec!["f1".into(), "f2".into()], ..notes("said yes") }
    };
    note(&store.history, &[CALLER], record.call_id, 1, edit.clone()).await;
    stage::store(&store.history, [record.clone()]).await;
    record.hold_count = 3;
    stage::store(&store.history, [record.clone()]).await;
    let store = store.reopen().await;
    let expected = Annotations {
        notes: Some("said yes".into()),
        is_flagged: true,
        flag_notes: Some("ask".into()),
        form_ids: vec!["f1".into(), "f2".into()],
        work: seconds(45),
    };
    assert_eq!(noted(&store.history, CALLER, record.call_id).await, expected);
    assert_eq!(changes(&store.history, CALLER, record.call_id).await, [(1, edit)]);
}

pub async fn each_account_has_notes_of_its_own(store: Store<impl Journal + Records + Annotator>) {
    let (history, call) = (&store.history, call_id(1));
    note(history, &[CALLER, CALLED], call, 1, notes("for both")).await;
    note(history, &[CALLED], call, 2, notes("for the called")).await;
    assert_eq!(noted(history, CALLER, call).await.notes.as_deref(), Some("for both"));
    assert_eq!(noted(history, CALLED, call).await.notes.as_deref(), Some("for the called"));
    assert_eq!(changes(history, CALLER, call).await, [(1, notes("for both"))]);
    assert_eq!(noted(history, AccountId(3), call).await, Annotations::default());
    assert_eq!(changes(history, AccountId(3), call).await, []);
}

pub async fn only_what_becomes_different_is_a_change(store: Store<impl Journal + Records + Annotator>) {
    let (history, call) = (&store.history, call_id(1));
    note(history, &[CALLER], call, 1, notes("")).await;
    note(history, &[CALLER], call, 2, AnnotationEdit { is_flagged: Some(false), ..notes("a") }).await;
    note(history, &[CALLER], call, 3, notes("a")).await;
    note(history, &[CALLER], call, 4, forms(&["f1"])).await;
    note(history, &[CALLER], call, 5, forms(&["f1", "f2"])).await;
    let expected = [(5, forms(&["f2"])), (4, forms(&["f1"])), (2, notes("a"))];
    assert_eq!(changes(history, CALLER, call).await, expected);
    assert_eq!(noted(history, CALLER, call).await.form_ids, ["f1", "f2"]);
}

pub async fn no_more_changes_are_told_than_asked_for_the_latest_first(
    store: Store<impl Journal + Records + Annotator>,
) {
    for second in 1..=5 {
        note(&store.history, &[CALLER], call_id(1), second, notes(&second.to_string())).await;
    }
    let latest = store.history.annotation_changes(CALLER, call_id(1), 2).await.unwrap();
    assert_eq!(latest.iter().map(|change| change.at).collect::<Vec<_>>(), [at(5), at(4)]);
}

pub async fn notes_about_a_merged_call_are_handed_to_that_which_took_it_in(
    store: Store<impl Journal + Records + Annotator>,
) {
    let (history, merged, survivor) = (&store.history, call_id(2), Script::new(1, at(0), 1, 2));
    note(history, &[CALLER], merged, 1, forms(&["f1"])).await;
    note(history, &[CALLER, CALLED], survivor.id(), 2, notes("first")).await;
    note(history, &[CALLER], merged, 3, AnnotationEdit { is_flagged: Some(true), ..notes("last") }).await;
    let mut record = survivor.record();
    record.absorbed = vec![merged];
    stage::store(history, [record]).await;
    let expected = Annotations {
        notes: Some("last".into()),
        is_flagged: true,
        form_ids: vec!["f1".into()],
        ..Annotations::default()
    };
    assert_eq!(noted(history, CALLER, survivor.id()).await, expected);
    assert_eq!(noted(history, CALLED, survivor.id()).await.notes.as_deref(), Some("first"));
    assert_eq!(noted(history, CALLER, merged).await, Annotations::default());
    let seconds: Vec<_> = changes(history, CALLER, survivor.id()).await.iter().map(|(at, _)| *at).collect();
    assert_eq!(seconds, [3, 2, 1]);
}

pub async fn notes_that_come_with_a_record_are_stored_with_it(
    store: Store<impl Journal + Records + Annotator>,
) {
    let (merged, survivor) = (call_id(2), Script::new(1, at(0), 1, 2));
    let work = AnnotationEdit { work: Some(WorkEdit::More(seconds(20))), ..AnnotationEdit::default() };
    let change = AnnotationChange { at: at(9), by: anna(), edit: work.clone() };
    let note = |call| Annotation { accounts: vec![CALLED], call, change: change.clone() };
    let mut record = survivor.record();
    record.absorbed = vec![merged];
    let batch = Batch {
        annotations: vec![note(survivor.id()), note(merged), note(call_id(3))],
        records: vec![Arc::new(record)],
        ..Batch::default()
    };
    store.history.append(batch).await.unwrap();
    let store = store.reopen().await;
    let history = &store.history;
    assert_eq!(noted(history, CALLED, survivor.id()).await.work, seconds(40));
    assert_eq!(noted(history, CALLED, call_id(3)).await.work, seconds(20));
    assert_eq!(noted(history, CALLER, survivor.id()).await, Annotations::default());
    assert_eq!(changes(history, CALLED, survivor.id()).await, [(9, work.clone()), (9, work)]);
}

/// Three calls; the second and third have something noted.
async fn three_calls(history: &(impl Journal + Records + Annotator)) {
    let all = (1..=3).map(|number| Script::new(number, at(number as i64), 1, 2).record());
    stage::store(history, all).await;
    let edit = |text: &str, work| AnnotationEdit {
        flag_notes: Some(text.into()),
        is_flagged: Some(work > 30),
        work: Some(WorkEdit::Is(seconds(work))),
        ..notes(text)
    };
    note(history, &[CALLER], call_id(2), 9, edit("Zebra", 20)).await;
    note(history, &[CALLER], call_id(3), 9, edit("apple", 40)).await;
    note(history, &[CALLED], call_id(1), 9, edit("what the other side noted", 99)).await;
}

async fn found(
    history: &(impl Journal + Records + Annotator),
    sort: Sort,
    conditions: &[Condition],
) -> Vec<u64> {
    let query =
        RecordQuery { sort, conditions: conditions.to_vec(), ..RecordQuery::newest(vec![CALLER], 10) };
    let page = history.search(query).await.unwrap();
    let number = |id: CallId| (1..=3).find(|number| call_id(*number) == id).unwrap();
    page.records.iter().map(|found| number(found.record.call_id)).collect()
}

pub async fn records_are_sorted_by_what_was_noted_about_them(
    store: Store<impl Journal + Records + Annotator>,
) {
    three_calls(&store.history).await;
    let cases = [
        (RecordField::Notes, [3, 2, 1], [1, 2, 3]),
        (RecordField::FlagNotes, [3, 2, 1], [1, 2, 3]),
        (RecordField::IsFlagged, [1, 2, 3], [3, 1, 2]),
        (RecordField::Work, [1, 2, 3], [3, 2, 1]),
    ];
    for (field, ascending, descending) in cases {
        let sorted = |descending| found(&store.history, Sort { field, descending }, &[]);
        assert_eq!(sorted(false).await, ascending, "{field:?}");
        assert_eq!(sorted(true).await, descending, "{field:?}, descending");
    }
}

pub async fn records_are_found_by_what_was_noted_about_them(
    store: Store<impl Journal + Records + Annotator>,
) {
    three_calls(&store.history).await;
    let cases = [
        (RecordField::Notes, Test::Contains("PPL".into()), vec![3]),
        (RecordField::Notes, Test::IsAbsent, vec![1]),
        (RecordField::FlagNotes, Test::Is(Value::Text("Zebra".into())), vec![2]),
        (RecordField::IsFlagged, Test::Is(Value::Bool(false)), vec![1, 2]),
        (RecordField::Work, Test::AtLeast(Value::Length(Duration::from_secs(20))), vec![2, 3]),
    ];
    let sort = Sort { field: RecordField::StartedAt, descending: false };
    for (field, test, expected) in cases {
        let condition = Condition { field, test };
        assert_eq!(
            found(&store.history, sort, std::slice::from_ref(&condition)).await,
            expected,
            "{condition:?}"
        );
    }
}
