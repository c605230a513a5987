//! Summing up what an account has sent: every row that moved its balance, by the prefix of its rate.

use std::{collections::BTreeMap, ops::Range, sync::Arc, time::Duration};

use call::{AccountId, CallRecord, Timestamp, event::Side, time::whole_seconds};
use directory::model::{InvoiceLine, InvoiceSum, Span};
use history::{
    Condition, Grain, HistoryError, RecordField, RecordQuery, Sort, Test, Value, query::SideFilter,
};
use http_core::App;

/// Rows that are asked for at once.
const PAGE: u32 = 1_000;
/// Rows are read by stretches of this length, so that few are skipped over again and again.
const STRETCH: Duration = Duration::from_secs(3_600);

/// The lines of an invoice, by prefix; what has no rate first.
pub(super) async fn lines(
    app: &App,
    account: AccountId,
    period: &Range<Timestamp>,
) -> Result<Vec<InvoiceLine>, HistoryError> {
    let mut sums: BTreeMap<Option<Arc<str>>, InvoiceSum> = BTreeMap::new();
    let mut from = period.start;
    while from < period.end {
        let until = (from + STRETCH).min(period.end);
        add(app, account, from..until, &mut sums).await?;
        from = until;
    }
    Ok(sums.into_iter().map(|(prefix, sum)| InvoiceLine { prefix, sum }).collect())
}

async fn add(
    app: &App,
    account: AccountId,
    stretch: Range<Timestamp>,
    sums: &mut BTreeMap<Option<Arc<str>>, InvoiceSum>,
) -> Result<(), HistoryError> {
    let mut query = rows(account, stretch);
    loop {
        let page = app.history.search(query.clone()).await?.records;
        for found in &page {
            let prefix = found.record.origination_rate.as_ref().map(|rate| rate.prefix.as_str().into());
            let sum = sums.entry(prefix).or_default();
            *sum = std::mem::take(sum).and(&sum_of(&found.record));
        }
        if page.len() < PAGE as usize {
            return Ok(());
        }
        query.offset += u64::from(PAGE);
    }
}

/// What the account sent that began then, in an order that stays.
fn rows(account: AccountId, stretch: Range<Timestamp>) -> RecordQuery {
    let started = |test| Condition { field: RecordField::StartedAt, test };
    RecordQuery {
        side: SideFilter::Originated,
        grain: Grain::Part,
        conditions: vec![
            started(Test::AtLeast(Value::Time(stretch.start))),
            started(Test::Below(Value::Time(stretch.end))),
        ],
        sort: Sort { field: RecordField::StartedAt, descending: false },
        then: vec![Sort { field: RecordField::Serial, descending: false }],
        ..RecordQuery::newest(vec![account], PAGE)
    }
}

fn sum_of(record: &CallRecord) -> InvoiceSum {
    let is_answered = record.answered_at.is_some();
    let began = Some(Span::at(record.started_at));
    InvoiceSum {
        calls: 1,
        answered: is_answered.into(),
        seconds: whole_seconds(record.connected()),
        billed_seconds: record.billed(Side::Origination).unwrap_or_default().as_secs(),
        amount: record.charge(Side::Origination).map(|charge| charge.price).unwrap_or_default(),
        began,
        answered_began: began.filter(|_| is_answered),
    }
}
