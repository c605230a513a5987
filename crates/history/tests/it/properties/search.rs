//! Search.

use std::{sync::Arc, time::Duration};

use call::{CallRecord, event::Side};
use history::{
    AnnotationChange, Annotator, Condition, Grain, LegField, QualityField, RateField, RecordField,
    RecordQuery, Records, Sort, SqliteHistory, Test, Value, annotations::Author, query::SideFilter,
};
use proptest::{collection::vec, prelude::*, sample::select};
use rust_decimal::Decimal;
use tokio::task::JoinSet;

use super::{
    ACCOUNTS, accounts, amount,
    brute_force::{self, notes_about},
    filling, records, runtime, text,
};
use crate::{
    calls::{at, call_id, owner, seconds},
    support::{self, Store, sqlite},
};

const PLAIN: [RecordField; 31] = [
    RecordField::CallId,
    RecordField::Serial,
    RecordField::Account,
    RecordField::Center,
    RecordField::StartedAt,
    RecordField::AnsweredAt,
    RecordField::EndedAt,
    RecordField::IsAnswered,
    RecordField::IsOutbound,
    RecordField::Total,
    RecordField::Connected,
    RecordField::ConnectedSeconds,
    RecordField::Wait,
    RecordField::Talk,
    RecordField::Hold,
    RecordField::Transfer,
    RecordField::HoldCount,
    RecordField::RecordingCount,
    RecordField::CallerReceived,
    RecordField::CallerRouted,
    RecordField::CallerName,
    RecordField::CalledReceived,
    RecordField::CalledRouted,
    RecordField::AnsweredBy,
    RecordField::TransferredToNumber,
    RecordField::TransferredToName,
    RecordField::ScreenPop,
    RecordField::Notes,
    RecordField::IsFlagged,
    RecordField::FlagNotes,
    RecordField::Work,
];

const OF_RATE: [RateField; 7] = [
    RateField::Prefix,
    RateField::InitialInterval,
    RateField::InitialRate,
    RateField::NextInterval,
    RateField::NextRate,
    RateField::Fee,
    RateField::Vat,
];

const OF_LEG: [LegField; 17] = [
    LegField::Code,
    LegField::Reason,
    LegField::Address,
    LegField::Port,
    LegField::Transport,
    LegField::SipCallId,
    LegField::LocalTag,
    LegField::UserAgent,
    LegField::FromDomain,
    LegField::ToDomain,
    LegField::RuriDomain,
    LegField::Diversion,
    LegField::Asserted,
    LegField::Preferred,
    LegField::Privacy,
    LegField::RemoteParty,
    LegField::RemotePartyPrivacy,
];

pub fn field() -> impl Strategy<Value = RecordField> {
    let side = || select(vec![Side::Origination, Side::Termination]);
    let charged = vec![RecordField::Price, RecordField::NetPrice, RecordField::BilledSeconds];
    prop_oneof![
        4 => select(PLAIN.to_vec()),
        1 => (side(), select(charged)).prop_map(|(side, field)| field(side)),
        1 => (side(), select(OF_RATE.to_vec())).prop_map(|(side, field)| RecordField::Rate(side, field)),
        2 => (side(), select(OF_LEG.to_vec())).prop_map(|(side, field)| RecordField::Leg(side, field)),
        1 => (side(), select(QualityField::ALL.to_vec()))
            .prop_map(|(side, field)| RecordField::Quality(side, field)),
    ]
}

/// A value of the field's kind that some record may have.
fn value_for(field: RecordField) -> BoxedStrategy<Value> {
    match field {
        RecordField::CallId => (1_u64..60).prop_map(|n| Value::Text(call_id(n).to_string())).boxed(),
        RecordField::Serial | RecordField::Account | RecordField::HoldCount | RecordField::RecordingCount => {
            (0_i64..6).prop_map(Value::Int).boxed()
        }
        RecordField::Center => (100_i64..106).prop_map(Value::Int).boxed(),
        RecordField::ConnectedSeconds => (0_i64..25).prop_map(Value::Int).boxed(),
        RecordField::StartedAt | RecordField::AnsweredAt | RecordField::EndedAt => {
            let span = |start: i64, length| Value::Span(at(start)..at(start) + seconds(length));
            prop_oneof![
                (0_i64..60).prop_map(|second| Value::Time(at(second))),
                (0_i64..60, 0_u64..3).prop_map(move |(start, length)| span(start, length)),
            ]
            .boxed()
        }
        RecordField::IsAnswered | RecordField::IsOutbound | RecordField::IsFlagged => {
            any::<bool>().prop_map(Value::Bool).boxed()
        }
        RecordField::Total
        | RecordField::Connected
        | RecordField::Wait
        | RecordField::Talk
        | RecordField::Hold
        | RecordField::Transfer
        | RecordField::Work => prop_oneof![
            (0_u64..40, 0_u64..2)
                .prop_map(|(halves, nano)| Duration::from_nanos(halves * 500_000_000 + nano)),
            (0_u64..20_000_000_000).prop_map(Duration::from_nanos),
            Just(Duration::MAX),
        ]
        .prop_map(Value::Length)
        .boxed(),
        RecordField::Price(_) | RecordField::NetPrice(_) => prop_oneof![
            (-1_i64..200, 0_i64..2)
                .prop_map(|(hundredths, tiny)| Decimal::new(hundredths, 2) + Decimal::new(tiny, 9)),
            (0_i64..10_000_000_000).prop_map(|tiny| Decimal::new(tiny, 9)),
            select(vec![Decimal::MIN, Decimal::MAX]),
        ]
        .prop_map(Value::Decimal)
        .boxed(),
        RecordField::BilledSeconds(_) => (0_i64..40).prop_map(Value::Int).boxed(),
        RecordField::Rate(_, field) => value_of_rate(field),
        RecordField::Leg(_, field) => value_of_leg(field),
        RecordField::Quality(_, field) => value_of_quality(field),
        RecordField::ScreenPop => Just(Value::Text("Front desk".into())).boxed(),
        RecordField::CallerReceived
        | RecordField::CallerRouted
        | RecordField::CallerName
        | RecordField::CalledReceived
        | RecordField::CalledRouted
        | RecordField::AnsweredBy
        | RecordField::TransferredToNumber
        | RecordField::TransferredToName
        | RecordField::Notes
        | RecordField::FlagNotes => text().prop_map(Value::Text).boxed(),
    }
}

fn value_of_rate(field: RateField) -> BoxedStrategy<Value> {
    match field {
        RateField::Prefix => text().prop_map(Value::Text).boxed(),
        RateField::InitialInterval | RateField::NextInterval => (-1_i64..31).prop_map(Value::Int).boxed(),
        RateField::InitialRate | RateField::NextRate | RateField::Fee | RateField::Vat => {
            prop_oneof![amount(), Just(Decimal::new(10, 2)), Just(Decimal::MAX)]
                .prop_map(Value::Decimal)
                .boxed()
        }
    }
}

fn value_of_quality(field: QualityField) -> BoxedStrategy<Value> {
    match field {
        QualityField::ReceivedPackets
        | QualityField::ReceivedLost
        | QualityField::SentPackets
        | QualityField::SentLost => (0_i64..5).prop_map(Value::Int).boxed(),
        QualityField::ReceivedJitter | QualityField::SentJitter | QualityField::RoundTrip => {
            (0_u64..5).prop_map(|halves| Value::Length(Duration::from_millis(halves * 500))).boxed()
        }
        QualityField::Mos => (90_i64..460).prop_map(|mos| Value::Decimal(Decimal::new(mos, 2))).boxed(),
    }
}

fn value_of_leg(field: LegField) -> BoxedStrategy<Value> {
    match field {
        LegField::Code => (199_i64..202).prop_map(Value::Int).boxed(),
        LegField::Port => select(vec![9, 5_060]).prop_map(Value::Int).boxed(),
        LegField::Transport => (0_i64..6).prop_map(Value::Int).boxed(),
        LegField::Address => {
            select(vec!["192.0.2.1", "192.0.2", "2001:db8::1", "::ffff:192.0.2.1", "::FFFF:c000:201"])
                .prop_map(|ip| Value::Text(ip.into()))
                .boxed()
        }
        LegField::Reason
        | LegField::SipCallId
        | LegField::LocalTag
        | LegField::UserAgent
        | LegField::FromDomain
        | LegField::ToDomain
        | LegField::RuriDomain
        | LegField::Diversion
        | LegField::Asserted
        | LegField::Preferred
        | LegField::Privacy
        | LegField::RemoteParty
        | LegField::RemotePartyPrivacy => text().prop_map(Value::Text).boxed(),
    }
}

fn test_for(field: RecordField) -> impl Strategy<Value = Test> {
    let values = vec(value_for(field), 0..4);
    let compared = (value_for(field), values, 0..8).prop_map(|(value, values, which)| match which {
        0 => Test::Is(value),
        1 => Test::IsOneOf(values),
        2 => Test::IsNoneOf(values),
        3 => Test::Above(value),
        4 => Test::AtLeast(value),
        5 => Test::Below(value),
        6 => Test::AtMost(value),
        _ => Test::IsAbsent,
    });
    (compared, value_for(field), 0..8).prop_map(|(test, value, which)| match (value, which) {
        (Value::Text(text), 0) => Test::StartsWith(text),
        (Value::Text(text), 1) => Test::EndsWith(text),
        (Value::Text(text), 2) => Test::Contains(text),
        (Value::Text(text), 3) => Test::ContainsOneOf(vec![text, "4".into()]),
        (Value::Text(_), 4) => Test::ContainsOneOf(Vec::new()),
        _ => test,
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    field().prop_flat_map(|field| test_for(field).prop_map(move |test| Condition { field, test }))
}

fn sort() -> impl Strategy<Value = Sort> {
    (field(), any::<bool>()).prop_map(|(field, descending)| Sort { field, descending })
}

fn side() -> impl Strategy<Value = SideFilter> {
    select(vec![SideFilter::Any, SideFilter::Originated, SideFilter::Terminated, SideFilter::OnlyTerminated])
}

prop_compose! {
    fn query()(
        accounts in accounts(),
        (side, grain) in (side(), select(vec![Grain::Call, Grain::Part])),
        conditions in prop_oneof![Just(Vec::new()), vec(condition(), 1..3)],
        field in prop_oneof![Just(RecordField::StartedAt), field()],
        descending in any::<bool>(),
        then in prop_oneof![2 => Just(Vec::new()), 1 => vec(sort(), 1..3)],
        (offset, limit) in (0_u64..20, 0_u32..30),
    ) -> RecordQuery {
        let sort = Sort { field, descending };
        RecordQuery { accounts, side, grain, conditions, sort, then, offset, limit, count: true }
    }
}

/// Has the accounts that send the calls note what [`notes_about`] says, all at once.
async fn note_about_all(store: Store<SqliteHistory>, records: &[CallRecord]) -> Store<SqliteHistory> {
    let history = Arc::new(store.history);
    let mut noting = JoinSet::new();
    for record in records {
        let change = AnnotationChange { at: at(0), by: Author::Token, edit: notes_about(record) };
        let (history, account, call) = (history.clone(), record.origination.account, record.call_id);
        noting.spawn(async move { history.annotate(vec![account], call, change).await.unwrap() });
    }
    noting.join_all().await;
    Store { history: Arc::into_inner(history).unwrap(), folder: store.folder }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_search_finds_what_looking_at_every_record_finds(
        records in records(),
        filling in filling(),
        queries in vec(query(), 25),
    ) {
        runtime().block_on(async {
            let store = sqlite();
            support::fill(&store.history, &records, filling).await;
            let store = note_about_all(store, &records).await;
            for query in queries {
                let expected = brute_force::search(&records, &query);
                let page = store.history.search(query.clone()).await.unwrap();
                prop_assert_eq!(page.total, Some(expected.len() as u64), "{:?}", query);
                let window = expected.iter().skip(query.offset as usize).take(query.limit as usize);
                let window: Vec<_> = window.map(|seen| (seen.account, seen.record.call_id)).collect();
                let found: Vec<_> =
                    page.records.iter().map(|found| (found.account, found.record.call_id)).collect();
                prop_assert_eq!(found, window, "{:?}", query);
            }
            Ok(())
        })?;
    }

    #[test]
    fn the_calls_of_days_are_counted_as_they_are_found(
        (records, days) in records().prop_flat_map(|records| {
            let days = vec(0_i64..5, records.len());
            (Just(records), days)
        }),
        filling in filling(),
        queries in vec(query_of_days(), 25),
    ) {
        runtime().block_on(async {
            let store = sqlite();
            // Some records are stored a second time, and the calls are somewhere else then.
            let first: Vec<_> = records.iter().step_by(2).cloned().collect();
            support::fill(&store.history, &first, filling).await;
            let records: Vec<_> = records.into_iter().zip(days).map(|(record, days)| moved(record, days)).collect();
            support::fill(&store.history, &records, filling).await;
            for query in queries {
                let page = store.history.search(query.clone()).await.unwrap();
                let expected = brute_force::search(&records, &query).len() as u64;
                prop_assert_eq!(page.total, Some(expected), "{:?}", query);
            }
            Ok(())
        })?;
    }
}

/// The record, some days later and by another account.
fn moved(record: CallRecord, days: i64) -> CallRecord {
    let later = seconds(86_400 * days.unsigned_abs());
    CallRecord {
        origination: owner(u32::try_from(days).unwrap() % ACCOUNTS + 1),
        started_at: record.started_at + later,
        answered_at: record.answered_at.map(|at| at + later),
        ended_at: record.ended_at + later,
        ..record
    }
}

prop_compose! {
    /// How many calls started in a span of some days.
    fn query_of_days()(
        accounts in accounts(),
        (side, grain) in (side(), select(vec![Grain::Call, Grain::Part])),
        bounds in vec(
            (
                select(vec![Test::AtLeast, Test::Above, Test::Below, Test::AtMost]),
                -1_i64..6,
                // Calls start at noon.
                prop_oneof![Just(-43_200_i64), 0_i64..40],
            ),
            0..4,
        ),
    ) -> RecordQuery {
        let condition = |(test, day, second): (fn(Value) -> Test, i64, i64)| {
            let instant = at(day * 86_400 + second);
            Condition { field: RecordField::StartedAt, test: test(Value::Time(instant)) }
        };
        let conditions = bounds.into_iter().map(condition).collect();
        RecordQuery { side, grain, conditions, count: true, ..RecordQuery::newest(accounts, 0) }
    }
}
