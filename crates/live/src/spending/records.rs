//! The ledger, made from the history and kept up with the calls that end.

use std::{
    collections::{BTreeSet, HashSet},
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};

use call::{AccountId, CallId, CallRecord, Timestamp};
use history::{
    Condition, FoundRecord, Grain, HistoryError, RecordField, RecordQuery, Records, Sort, Test, Value,
    query::SideFilter,
};
use tokio::sync::broadcast::{self, error::TryRecvError};

use super::{
    ledger::Ledger,
    verdict::{DAY, HOUR},
};

/// How long a ledger is kept up before it is made anew.
const GOOD_FOR: Duration = HOUR;
/// Records that are read at a time.
const PAGE: u32 = 1_000;

/// A ledger, and the calls that end.
pub(super) struct Books {
    pub(super) ledger: Ledger,
    ended: broadcast::Receiver<Arc<CallRecord>>,
    made_at: Instant,
    has_missed: bool,
}

impl Books {
    /// Reads what the calls of the last day have cost some accounts. `ended` tells of calls that end from before that on.
    pub(super) async fn open(
        history: &dyn Records,
        accounts: BTreeSet<AccountId>,
        ended: broadcast::Receiver<Arc<CallRecord>>,
        now: Timestamp,
    ) -> Result<Self, HistoryError> {
        let (mut ledger, made_at) = (Ledger::of(accounts), Instant::now());
        let mut hour = now - DAY - HOUR;
        while hour <= now {
            let range = hour..hour + HOUR;
            read(history, &mut ledger, range, now).await?;
            hour = hour + HOUR;
        }
        Ok(Self { ledger, ended, made_at, has_missed: false })
    }

    /// Whether it is of these accounts and tells all.
    pub(super) fn is_good_for(&self, accounts: &BTreeSet<AccountId>) -> bool {
        self.ledger.accounts() == accounts && !self.has_missed && self.made_at.elapsed() < GOOD_FOR
    }

    /// Enters what has ended; gives those calls.
    pub(super) fn enter_ended(&mut self, now: Timestamp) -> HashSet<CallId> {
        self.ledger.forget_before(now - DAY);
        let mut entered = HashSet::new();
        loop {
            match self.ended.try_recv() {
                Ok(record) => {
                    self.ledger.add_ended(&record);
                    entered.insert(record.call_id);
                }
                Err(TryRecvError::Lagged(_)) => self.has_missed = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return entered,
            }
        }
    }
}

/// Adds what began in a stretch of time. Whatever ended lately may be told again.
async fn read(
    history: &dyn Records,
    ledger: &mut Ledger,
    range: Range<Timestamp>,
    now: Timestamp,
) -> Result<(), HistoryError> {
    let mut query = began_in(ledger.accounts().iter().copied().collect(), range);
    let mut reading = Reading::default();
    loop {
        let page = history.search(query.clone()).await?.records;
        page.iter().for_each(|found| reading.enter(ledger, found, now));
        if page.len() < PAGE as usize {
            return Ok(());
        }
        query.offset += u64::from(PAGE);
    }
}

/// What was read of a stretch of time. A record that comes between two pages moves those after it by one, so that
/// the last of one page is the first of the next again.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// By the record's number, which each part has of its own, and whose view it is.
    entered: HashSet<(u64, AccountId)>,
}

impl Reading {
    /// Enters what was found, once.
    pub(super) fn enter(&mut self, ledger: &mut Ledger, found: &FoundRecord, now: Timestamp) {
        if !self.entered.insert((found.serial, found.account)) {
            return;
        }
        if let Some(cost) = found.record.cost(found.account) {
            let is_late = found.record.ended_at > now - HOUR;
            ledger.add_known(is_late.then_some(found.record.call_id), &cost);
        }
    }
}

fn began_in(accounts: Vec<AccountId>, range: Range<Timestamp>) -> RecordQuery {
    let began = |test| Condition { field: RecordField::StartedAt, test };
    RecordQuery {
        side: SideFilter::Originated,
        grain: Grain::Part,
        conditions: vec![
            began(Test::AtLeast(Value::Time(range.start))),
            began(Test::Below(Value::Time(range.end))),
        ],
        sort: Sort { field: RecordField::StartedAt, descending: false },
        ..RecordQuery::newest(accounts, PAGE)
    }
}
