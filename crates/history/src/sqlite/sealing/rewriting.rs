//! Writing parts of a day anew: several into one, or one without the rows of some accounts.

use std::{cmp::Reverse, sync::Arc};

use call::{AccountId, CallId, event::Side};
use rusqlite::Connection;

use super::{
    Workbench,
    files::{Content, Draft, Extent},
};
use crate::{
    HistoryError, RecordField,
    bits::Bits,
    columns::{Column, Columns, RecordFile, RecordsWriter, RowFile, RowsWriter, Sums, batches},
    sqlite::{
        balances::Movement,
        daily::Group,
        deleted::Deleted,
        fault::Fault,
        id::{self, RowKey},
        sealed::{Exchange, OldPart, Sealed, dropped, latest_seq_of},
    },
};

/// Rows, or records, that are copied between two looks at whether to go on.
const PORTION: usize = 16_384;

/// A part that is read.
pub(super) struct Old {
    id: i64,
    rows: Arc<RowFile>,
    records: Arc<RecordFile>,
    /// Rows that do not count, ascending.
    dropped: Vec<u32>,
    seq: i64,
}

/// A row that stays, in the order of the new part.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    account: AccountId,
    started_at: i64,
    key: RowKey,
    /// Which of the parts has it, and where.
    part: u32,
    row: u32,
}

/// What becomes of the rows.
#[derive(Default)]
struct Plan {
    stay: Vec<Place>,
    extent: Extent,
    deleted: Deleted,
}

/// Writes the rows of parts that `keeps` says so of into a new one, which may be none at all. `None` if it was halted.
pub(super) fn rewrite(
    workbench: &Workbench,
    (day, parts): (i64, &[i64]),
    keeps: impl Fn(AccountId) -> bool,
    is_halted: impl Fn() -> bool,
) -> Result<Option<Exchange>, Fault> {
    let open = |part: &i64| Old::open(&workbench.connection, &workbench.sealed, *part);
    let olds = parts.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    let mut plan = Plan::default();
    for (place, old) in (0..).zip(&olds) {
        plan.add(place, old, &keeps)?;
    }
    plan.stay.sort_unstable();
    let kept_records = calls_of(&plan.stay);
    let records: usize = olds.iter().map(|old| old.records.len() as usize).sum();
    plan.deleted.records(if plan.deleted.row_count() > 0 { records - kept_records.len() } else { 0 });
    let mut exchange =
        Exchange { old: olds.iter().map(Old::seen).collect(), new: None, deleted: plan.deleted };
    if plan.stay.is_empty() {
        return Ok(Some(exchange));
    }
    let draft = Draft::new(workbench, day)?;
    let written = copy(&draft, &olds, (&plan.stay, &kept_records), is_halted);
    let content = |sums| content(plan.extent, &kept_records, &olds, sums);
    let written = written.map(|sums| sums.and_then(content)).map_err(Fault::from);
    let Some(new) = draft.finish(written, (workbench.now)())? else { return Ok(None) };
    exchange.new = Some(new);
    Ok(Some(exchange))
}

fn content(extent: Extent, records: &[(CallId, u32)], olds: &[Old], sums: [Sums; 2]) -> Option<Content> {
    let ((first, _), (last, _)) = (records.first()?, records.last()?);
    Some(Content {
        extent,
        calls: [*first, *last],
        records: u32::try_from(records.len()).unwrap_or(u32::MAX),
        seq: olds.iter().map(|old| old.seq).max().unwrap_or_default(),
        sums,
    })
}

impl Old {
    fn open(connection: &Connection, sealed: &Sealed, part: i64) -> Result<Self, Fault> {
        let files = sealed.files(connection, part)?;
        let (rows, records) = (files.rows()?, files.records()?);
        let (dropped, seq) = (dropped(connection, part)?, latest_seq_of(connection, part)?);
        Ok(Self { id: part, rows, records, dropped, seq })
    }

    fn seen(&self) -> OldPart {
        OldPart { id: self.id, dropped: self.dropped.len() }
    }
}

/// The calls of rows that stay, by id, each with the part that has its record.
fn calls_of(stay: &[Place]) -> Vec<(CallId, u32)> {
    let mut calls: Vec<_> = stay.iter().map(|place| (place.key.call, place.part)).collect();
    calls.sort_unstable_by_key(|(call, part)| (*call, Reverse(*part)));
    calls.dedup_by_key(|(call, _)| *call);
    calls
}

impl Plan {
    fn add(&mut self, part: u32, old: &Old, keeps: &impl Fn(AccountId) -> bool) -> Result<(), HistoryError> {
        for rows in batches(0..old.rows.rows(), usize::MAX) {
            let numbers = |column| old.rows.numbers(column, rows.clone());
            let field = |field| numbers(Column::Field(field));
            let (accounts, starts) = (field(RecordField::Account)?, field(RecordField::StartedAt)?);
            let (ends, serials) = (field(RecordField::EndedAt)?, field(RecordField::Serial)?);
            let (parts, sides, others) =
                (numbers(Column::Part)?, numbers(Column::Sides)?, numbers(Column::OtherAccount)?);
            let prices = [Side::Origination, Side::Termination].map(|side| field(RecordField::Price(side)));
            let [pays, paid] = prices;
            let (pays, paid, ids) = (pays?, paid?, old.rows.call_ids(rows.clone())?);
            for at in 0..rows.end - rows.start {
                let row = rows.start + at;
                if old.dropped.binary_search(&row).is_ok() {
                    continue;
                }
                let account = AccountId(u32::try_from(accounts.number(at)).unwrap_or_default());
                let (started_at, bits) = (starts.number(at), Bits(sides.number(at)));
                if keeps(account) {
                    let number = u16::try_from(parts.number(at)).unwrap_or_default();
                    let key = RowKey { call: ids.call_id(at), part: number };
                    self.stay.push(Place { account, started_at, key, part, row });
                    let serial = id::of_serial(serials.number(at)).map_or(0, |(call, _)| call);
                    self.extent.take_row([started_at, ends.number(at)], serial, number == 0);
                    continue;
                }
                let other =
                    others.get(at as usize).and_then(|other| u32::try_from(*other).ok()).map(AccountId);
                let moved = Movement {
                    originates: bits.has(Bits::ORIGINATED),
                    terminates: bits.has(Bits::TERMINATED),
                    origination_price: pays.get(at as usize).copied(),
                    termination_price: paid.get(at as usize).copied(),
                };
                self.deleted.row(Group { account, started_at, sides: bits.0, other }, moved.amount());
            }
        }
        Ok(())
    }
}

/// Writes the files; `None` if it was halted.
fn copy(
    draft: &Draft,
    olds: &[Old],
    (stay, calls): (&[Place], &[(CallId, u32)]),
    is_halted: impl Fn() -> bool,
) -> Result<Option<[Sums; 2]>, HistoryError> {
    let mut rows = RowsWriter::create(&draft.asides[0])?;
    let files: Vec<_> = olds.iter().map(|old| &*old.rows).collect();
    for portion in stay.chunks(PORTION) {
        if is_halted() {
            return Ok(None);
        }
        let places: Vec<_> = portion.iter().map(|place| (place.part, place.row)).collect();
        rows.copy(&files, &places)?;
    }
    let mut records = RecordsWriter::create(&draft.asides[1])?;
    let mut cursors: Vec<_> = olds.iter().map(|old| old.records.cursor()).collect();
    for portion in calls.chunks(PORTION) {
        if is_halted() {
            return Ok(None);
        }
        for (call, part) in portion {
            records.copy(&mut cursors[*part as usize], *call)?;
        }
    }
    Ok(Some([rows.finish()?, records.finish()?]))
}
