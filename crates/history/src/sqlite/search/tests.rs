//! How SQLite finds what a search asks for: which index it reads, and where it must sort.

use call::event::Side;
use rusqlite::{StatementStatus, params_from_iter};

use super::*;
use crate::{
    query::{Condition, RateField, Test, Value},
    sqlite::schema,
};

/// How SQLite would go about the search, step by step.
fn plan(query: &RecordQuery) -> String {
    let search = Search::new(query).unwrap();
    explain(
        &search.sql(search.of_accounts(), None),
        search.bound(search.accounts_bound(), None).chain(limits(&(0..50))).collect(),
    )
}

/// How SQLite would count what the search finds.
fn count_plan(query: &RecordQuery) -> String {
    let search = Search::new(query).unwrap();
    explain(&search.count_sql(), search.bound(search.accounts_bound(), None).collect())
}

fn explain(sql: &str, bound: Vec<Bound>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let connection = schema::open_writer(&folder.path().join("plan.db"), None).unwrap();
    let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = explain.query_map(params_from_iter(bound), |row| row.get::<_, String>(3)).unwrap();
    steps.map(Result::unwrap).collect::<Vec<_>>().join("\n")
}

fn newest() -> RecordQuery {
    let since = Value::Time(call::Timestamp::from_seconds(1_767_268_800));
    let conditions = vec![
        Condition { field: RecordField::StartedAt, test: Test::AtLeast(since) },
        Condition { field: RecordField::CalledRouted, test: Test::Contains("55".into()) },
    ];
    RecordQuery { conditions, ..RecordQuery::newest(vec![AccountId(1)], 50) }
}

#[test]
fn the_newest_calls_of_an_account_are_read_in_the_order_in_which_they_lie() {
    let plan = plan(&newest());
    assert!(
        plan.contains("SEARCH account_calls USING PRIMARY KEY (account_id=? AND started_at>?)"),
        "{plan}"
    );
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
}

#[test]
fn the_oldest_calls_are_sorted_only_within_an_instant() {
    let mut query = newest();
    query.sort.descending = false;
    let plan = plan(&query);
    assert!(plan.contains("TEMP B-TREE FOR LAST TERM OF ORDER BY"), "{plan}");
}

#[test]
fn one_call_is_found_by_its_key() {
    let id = Test::Is(Value::Text("01900000-0000-7000-8000-000000000001".into()));
    let conditions = vec![Condition { field: RecordField::CallId, test: id }];
    let plan = plan(&RecordQuery { conditions, ..newest() });
    assert!(plan.starts_with("SEARCH account_calls"), "{plan}");
    assert!(plan.contains("(account_id=? AND started_at=?"), "{plan}");
    assert!(!plan.contains("SCAN"), "{plan}");
}

#[test]
fn calls_of_several_accounts_are_found_by_account() {
    let accounts = vec![AccountId(1), AccountId(2)];
    let mut query = RecordQuery { accounts, ..newest() };
    query.sort.field = RecordField::Talk;
    let plan = plan(&query);
    assert!(plan.contains("SEARCH account_calls USING PRIMARY KEY (account_id=?"), "{plan}");
}

#[test]
fn what_looks_at_every_call_reads_the_brief_rows() {
    let since = newest().conditions.swap_remove(0);
    let least = Test::AtLeast(Value::Int(60));
    let long = Condition { field: RecordField::ConnectedSeconds, test: least };
    let everything = RecordQuery { conditions: vec![since], ..newest() };
    let dear = Condition {
        field: RecordField::Rate(Side::Origination, RateField::Fee),
        test: Test::Above(Value::Decimal(1.into())),
    };
    let mut by_length = RecordQuery { then: Vec::new(), ..everything.clone() };
    by_length.sort.field = RecordField::Connected;
    let conditions = vec![everything.conditions[0].clone(), long];
    let plans = [
        count_plan(&everything),
        count_plan(&RecordQuery { side: SideFilter::Originated, conditions, ..newest() }),
        count_plan(&RecordQuery { accounts: vec![AccountId(1), AccountId(2)], ..everything.clone() }),
        count_plan(&RecordQuery { conditions: vec![everything.conditions[0].clone(), dear], ..newest() }),
        plan(&by_length),
        plan(&everything),
    ];
    for plan in &plans {
        assert!(
            plan.contains("USING COVERING INDEX calls_in_brief (account_id=? AND started_at>?)"),
            "{plan}"
        );
    }
    assert!(!plans[5].contains("TEMP B-TREE"), "{}", plans[5]);
}

#[test]
fn a_search_that_goes_on_passes_over_what_came_before() {
    let folder = tempfile::tempdir().unwrap();
    let connection = schema::open_writer(&folder.path().join("calls.db"), None).unwrap();
    let calls = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000)
                 INSERT INTO account_calls
                     (account_id, started_at, call_id, call, sides, ended_at, caller_routed, called_routed, talk,
                      wait, hold, transfer, hold_count, caller_received, called_received)
                 SELECT 1, n, zeroblob(16), n, 1, n, '', '', 0, 0, 0, 0, 0, '', '' FROM numbers";
    connection.execute(calls, []).unwrap();
    let bound = |test: fn(Value) -> Test, micros| Condition {
        field: RecordField::StartedAt,
        test: test(Value::Time(call::Timestamp::from_micros(micros))),
    };
    for descending in [true, false] {
        let mut query = newest();
        query.sort.descending = descending;
        query.conditions = vec![bound(Test::AtLeast, 1), bound(Test::AtMost, 10_000)];
        let search = Search::new(&query).unwrap();
        let last = Place {
            started_at: 5_000,
            key: RowKey { call: call::CallId::from_uuid(uuid::Uuid::nil()), part: 0 },
        };
        let mut select = connection.prepare(&search.sql(search.of_accounts(), Some(last))).unwrap();
        let bound = search.bound(search.accounts_bound(), Some(last)).chain(limits(&(0..3)));
        let starts: Vec<i64> = select
            .query_map(params_from_iter(bound), |row| row.get(2))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(starts, if descending { [4_999, 4_998, 4_997] } else { [5_001, 5_002, 5_003] });
        let steps = select.get_status(StatementStatus::VmStep);
        assert!(steps < 1_000, "it took {steps} steps");
    }
}
