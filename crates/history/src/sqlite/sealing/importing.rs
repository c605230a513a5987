//! Records from elsewhere: those of days that are over are sealed at once, without ever being hot.

use std::collections::{BTreeMap, HashMap, HashSet};

use call::{AccountId, AccountRow, CallId, CallRecord};
use rusqlite::Connection;

use super::{
    Worker, day_of,
    files::{Content, Draft, Extent},
};
use crate::{
    Batch, HistoryError,
    columns::{RecordsWriter, Row, RowsWriter},
    sqlite::{
        daily::Group,
        deleted::Reach,
        fault::Fault,
        id, journal, records,
        sealed::{self, Arrival, NewPart},
        writer::Change,
    },
};

/// A row with the record that it is of, by its place in the batch.
struct Place<'a> {
    row: AccountRow<&'a CallRecord>,
    serial: i64,
}

impl Worker {
    /// Stores those of these records whose calls have none and had none that was deleted for its age; gives how many
    /// that are.
    pub(super) fn import(&self, records: &[CallRecord]) -> Result<u64, Fault> {
        let today = day_of((self.workbench.now)());
        let (known, deleted) = (self.known(records)?, Reach::read(&self.workbench.connection)?);
        let mut days: BTreeMap<i64, Vec<&CallRecord>> = BTreeMap::new();
        let mut seen = HashSet::new();
        let is_new = |record: &&CallRecord| !known.contains(&record.call_id) && !deleted.may_have(record);
        for record in records.iter().filter(is_new) {
            if seen.insert(record.call_id) {
                days.entry(day_of(record.started_at)).or_default().push(record);
            }
        }
        for (day, mut records) in days {
            records.sort_unstable_by_key(|record| record.call_id);
            match day < today {
                true => self.import_day(day, &records)?,
                false => self.append(&records)?,
            }
        }
        Ok(seen.len() as u64)
    }

    /// The calls that have a record already.
    fn known(&self, records: &[CallRecord]) -> Result<HashSet<CallId>, Fault> {
        let connection = &self.workbench.connection;
        let mut calls: Vec<_> = records.iter().map(|record| record.call_id).collect();
        calls.sort_unstable();
        let (Some(first), Some(last)) = (calls.first(), calls.last()) else { return Ok(HashSet::new()) };
        let mut known = hot(connection, &calls)?;
        for part in sealed::parts_among(connection, *first, *last)? {
            let records = self.workbench.sealed.files(connection, part)?.records()?;
            let mut cursor = records.cursor();
            for call in &calls {
                if cursor.has(*call)? {
                    known.insert(*call);
                }
            }
        }
        Ok(known)
    }

    fn append(&self, records: &[&CallRecord]) -> Result<(), Fault> {
        let records = records.iter().map(|record| std::sync::Arc::new((*record).clone())).collect();
        self.change(Change::Append(Batch { records, ..Batch::default() }))
    }

    /// `records` are by id.
    fn import_day(&self, day: i64, records: &[&CallRecord]) -> Result<(), Fault> {
        let workbench = &self.workbench;
        let first_serial = records::next_serial(&workbench.connection)?;
        let mut places: Vec<_> = (first_serial..)
            .zip(records)
            .flat_map(|(serial, record)| record.rows().into_iter().map(move |row| Place { row, serial }))
            .collect();
        places.sort_by_key(|place| {
            (place.row.owner.account, place.row.call.started_at, records::key(&place.row))
        });
        let draft = Draft::new(workbench, day)?;
        let seq = journal::latest_seq(&workbench.connection)?;
        let written = write(&draft, &places, (first_serial, records), seq);
        let part = draft.finish(written.map(Some).map_err(Fault::from), (workbench.now)())?;
        let Some(part) = part else { return Ok(()) };
        self.change(Change::Import(Box::new(arrival(part, &places))))
    }
}

fn hot(connection: &Connection, calls: &[CallId]) -> rusqlite::Result<HashSet<CallId>> {
    let mut select = connection.prepare_cached("SELECT 1 FROM calls WHERE call_id = ?1")?;
    let mut known = HashSet::new();
    for call in calls {
        if select.exists([id::bytes(call)])? {
            known.insert(*call);
        }
    }
    Ok(known)
}

fn write(
    draft: &Draft,
    places: &[Place<'_>],
    (first_serial, calls): (i64, &[&CallRecord]),
    seq: i64,
) -> Result<Content, HistoryError> {
    let mut extent = Extent::default();
    let mut rows = RowsWriter::create(&draft.asides[0])?;
    for Place { row, serial } in places {
        rows.push(&Row::new(row, id::serial(*serial, row.part)))?;
        extent.take(row, *serial);
    }
    let mut records = RecordsWriter::create(&draft.asides[1])?;
    for (serial, record) in (first_serial..).zip(calls) {
        records.push(record, serial)?;
    }
    let id =
        |call: Option<&&CallRecord>| call.map_or(CallId::from_uuid(uuid::Uuid::nil()), |call| call.call_id);
    Ok(Content {
        extent,
        calls: [id(calls.first()), id(calls.last())],
        records: u32::try_from(calls.len()).unwrap_or(u32::MAX),
        seq,
        sums: [rows.finish()?, records.finish()?],
    })
}

/// The part, with how many rows of each group there are, and what they move.
fn arrival(part: NewPart, places: &[Place<'_>]) -> Arrival {
    let mut rows: HashMap<Group, i64> = HashMap::new();
    let mut moved: BTreeMap<AccountId, i64> = BTreeMap::new();
    for Place { row, .. } in places {
        *rows.entry(records::group(row).of_day()).or_default() += 1;
        let sum = moved.entry(row.owner.account).or_default();
        *sum = sum.saturating_add(records::movement_of(row).amount());
    }
    Arrival { part, rows: rows.into_iter().collect(), moved: moved.into_iter().collect() }
}
