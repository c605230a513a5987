//! Looks whether what is stored is whole and agrees with itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use call::event::Side;
use rusqlite::Connection;

use super::{
    daily::DAY,
    fault::Fault,
    journal::{JournalCalls, Survey},
    schema,
    sealed::{Files, Sealed},
};
use crate::{
    HistoryError, RecordField,
    columns::{Batch, Column, Columns, Selection, batches},
};

/// What a check has looked at, and what it has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// Rows that lie in the database, one for each account that has a side of a call.
    pub hot_rows: u64,
    /// Rows that are sealed.
    pub sealed_rows: u64,
    /// Parts of days that are sealed.
    pub parts: u64,
    /// Calls that have begun, as far back as the journal reaches.
    pub calls: JournalCalls,
    /// What is wrong, in a line each.
    pub findings: Vec<String>,
}

/// How often it is looked again if the state that was looked at is no longer the present one.
const TRIES: u32 = 3;

/// What is counted and summed up over the rows of both halves.
#[derive(Default)]
struct Sums {
    rows: BTreeMap<(u32, i64), i64>,
    balances: BTreeMap<u32, i64>,
}

/// Checks the history in a folder, of which a server may run: the database, that each call of the journal has ended or
/// goes on, the checksums of all sealed files, that there is a record for each row, that the rows of each day are as many as are counted, and that the balances have
/// moved by the sum of the rows and of those that were deleted. `progress` is told what is looked at, and how much of it there is.
pub fn check(folder: &Path, mut progress: impl FnMut(&str, u64, u64)) -> Result<CheckReport, HistoryError> {
    let mut tries = 0;
    loop {
        let (report, parts) = look(folder, &mut progress).map_err(|fault| fault.during("be checked"))?;
        // What a server has put others in the place of meanwhile is not what is wrong.
        let is_state_gone = !report.findings.is_empty() && parts != listed(folder)?;
        if !is_state_gone || tries == TRIES {
            return Ok(report);
        }
        tries += 1;
    }
}

fn listed(folder: &Path) -> Result<Vec<i64>, HistoryError> {
    let parts =
        schema::open_existing(&folder.join("history.db")).and_then(|connection| Ok(part_ids(&connection)?));
    parts.map_err(|fault| fault.during("be checked"))
}

/// What is found in one state of it, and the parts that it lists.
fn look(folder: &Path, progress: &mut impl FnMut(&str, u64, u64)) -> Result<(CheckReport, Vec<i64>), Fault> {
    let connection = schema::open_existing(&folder.join("history.db"))?;
    let snapshot = connection.unchecked_transaction()?;
    let sealed = Sealed::new(folder.to_path_buf(), 1);
    let mut report = CheckReport::default();
    progress("the database", 0, 1);
    report.findings.extend(check_database(&snapshot)?);
    let survey = Survey::of(&snapshot, |done, all| progress("the journal", done, all))?;
    report.calls = survey.calls;
    report.findings.extend(survey.findings());
    let mut sums = hot_sums(&snapshot)?;
    report.hot_rows = sums.rows.values().map(|rows| rows.unsigned_abs()).sum();
    let parts = part_ids(&snapshot)?;
    report.parts = parts.len() as u64;
    for (place, part) in (1..).zip(&parts) {
        progress("sealed days", place, report.parts);
        check_part(&snapshot, &sealed, *part, &mut sums, &mut report)?;
    }
    report.findings.extend(sums.compare(&snapshot)?);
    Ok((report, parts))
}

fn check_database(connection: &Connection) -> Result<Vec<String>, Fault> {
    let mut select = connection.prepare("PRAGMA quick_check")?;
    let lines = select.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let mut findings: Vec<_> = lines.into_iter().filter(|line| line != "ok").collect();
    let without = "SELECT count(*) FROM account_calls WHERE NOT EXISTS (SELECT 1 FROM calls WHERE id = call)";
    let missing: i64 = connection.query_one(without, [], |row| row.get(0))?;
    if missing > 0 {
        findings.push(format!("{missing} rows have no record"));
    }
    Ok(findings)
}

fn hot_sums(connection: &Connection) -> Result<Sums, Fault> {
    let mut sums = Sums::default();
    let mut select = connection.prepare(
        "SELECT account_id, (started_at - (started_at < 0) * 86399999999) / 86400000000 AS day, count(*),
                sum(iif(sides & 2, ifnull(termination_price, 0), 0) - iif(sides & 1, ifnull(origination_price, 0), 0))
         FROM account_calls GROUP BY account_id, day",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        sums.add(row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    }
    Ok(sums)
}

fn part_ids(connection: &Connection) -> rusqlite::Result<Vec<i64>> {
    let mut select = connection.prepare("SELECT id FROM sealed_parts ORDER BY day, id")?;
    select.query_map([], |row| row.get(0))?.collect()
}

/// What is wrong with the files of one part keeps nothing else from being looked at.
fn check_part(
    connection: &Connection,
    sealed: &Sealed,
    part: i64,
    sums: &mut Sums,
    report: &mut CheckReport,
) -> Result<(), Fault> {
    let files = sealed.files(connection, part)?;
    let (taken, rows, records): (u32, u32, u32) = connection.query_one(
        "SELECT taken, rows, records FROM sealed_parts WHERE id = ?1",
        [part],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let dropped = super::sealed::dropped(connection, part)?;
    match sum_part(&files, taken, &dropped, sums) {
        Ok(sealed_rows) => report.sealed_rows += sealed_rows,
        Err(error) => report.findings.push(error.to_string()),
    }
    if let Err(error) = check_files(&files, (rows, records), &dropped) {
        report.findings.push(error.to_string());
    }
    Ok(())
}

/// Each row has its record, unless that was stored anew, and the row counts no longer.
fn check_files(files: &Files, (rows, records): (u32, u32), dropped: &[u32]) -> Result<(), HistoryError> {
    let (row_file, record_file) = (files.rows()?, files.records()?);
    row_file.verify()?;
    record_file.verify()?;
    let ids: BTreeSet<_> = record_file.ids(0..record_file.len())?.into_iter().collect();
    let called = row_file.call_ids(0..row_file.rows())?;
    let is_whole = (0..row_file.rows())
        .all(|row| dropped.binary_search(&row).is_ok() || ids.contains(&called.call_id(row)));
    let is_as_listed = row_file.rows() == rows && record_file.len() == records;
    if is_whole && is_as_listed { Ok(()) } else { Err(files.incomplete()) }
}

fn sum_part(files: &Files, taken: u32, dropped: &[u32], sums: &mut Sums) -> Result<u64, HistoryError> {
    let file = files.rows()?;
    let [origination, termination] =
        [Side::Origination, Side::Termination].map(|side| Column::Field(RecordField::Price(side)));
    let (account, start) = (Column::Field(RecordField::Account), Column::Field(RecordField::StartedAt));
    let mut count = 0;
    for rows in batches(0..taken.min(file.rows()), usize::MAX) {
        let mut batch = Batch::new(&*file, rows);
        for column in [account, start, Column::Sides, origination, termination] {
            batch.numbers(column)?;
        }
        let price = |column, row: u32| batch.read(column).get(row as usize).copied().unwrap_or(0);
        for row in Selection::of(&batch, dropped).rows() {
            let sides = batch.read(Column::Sides).number(*row);
            let paid = if sides & 2 == 0 { 0 } else { price(termination, *row) };
            let pays = if sides & 1 == 0 { 0 } else { price(origination, *row) };
            let (account, day) =
                (batch.read(account).number(*row), batch.read(start).number(*row).div_euclid(DAY));
            sums.add(u32::try_from(account).unwrap_or(0), day, 1, paid - pays);
            count += 1;
        }
    }
    Ok(count)
}

impl Sums {
    fn add(&mut self, account: u32, day: i64, rows: i64, moved: i64) {
        *self.rows.entry((account, day)).or_default() += rows;
        *self.balances.entry(account).or_default() += moved;
    }

    /// Where what is counted as calls come differs from what they sum up to.
    fn compare(&self, connection: &Connection) -> Result<Vec<String>, Fault> {
        let mut findings = Vec::new();
        let mut select = connection
            .prepare("SELECT account_id, day, sum(calls) FROM daily_calls GROUP BY account_id, day HAVING sum(calls) <> 0")?;
        let mut counted = BTreeMap::new();
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            counted.insert((row.get::<_, u32>(0)?, row.get::<_, i64>(1)?), row.get::<_, i64>(2)?);
        }
        let keys: BTreeSet<_> = counted.keys().chain(self.rows.keys()).copied().collect();
        for key in keys {
            let (expected, found) = (counted.get(&key).unwrap_or(&0), self.rows.get(&key).unwrap_or(&0));
            if expected != found {
                let (account, date) = (key.0, super::sealed::date(key.1));
                findings.push(format!(
                    "account {account} has {found} rows on {date}, and {expected} were stored"
                ));
            }
        }
        let mut select = connection.prepare(
            "SELECT account_id, sum(movement) FROM (SELECT account_id, movement FROM balances
             UNION ALL SELECT account_id, -movement FROM deleted_movements) GROUP BY account_id",
        )?;
        let mut rows = select.query([])?;
        let mut balances = self.balances.clone();
        while let Some(row) = rows.next()? {
            let (account, expected): (u32, i64) = (row.get(0)?, row.get(1)?);
            if balances.remove(&account).unwrap_or(0) != expected {
                findings.push(format!("the balance of account {account} is not the sum of its calls"));
            }
        }
        let unmoved = balances.into_iter().filter(|(_, moved)| *moved != 0);
        findings.extend(
            unmoved
                .map(|(account, _)| format!("the balance of account {account} is not the sum of its calls")),
        );
        Ok(findings)
    }
}
