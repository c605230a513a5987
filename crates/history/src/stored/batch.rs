//! A batch as the spill file holds it: numbers in little-endian order, and the stored forms of what is in it, each
//! after its length.

use std::sync::Arc;

use call::{AccountId, CallId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{JSON, MESSAGE_PACK, StoredAsideV1};
use crate::{Annotation, AnnotationChange, Batch, HistoryError, Told};

/// About an annotation, besides its change.
#[derive(Serialize, Deserialize)]
struct StoredAddressV1 {
    accounts: Vec<u32>,
    call: uuid::Uuid,
    at: i64,
}

/// The stored form of a batch.
pub(crate) fn write(batch: &Batch) -> Vec<u8> {
    let mut out = Vec::with_capacity(1_024);
    out.extend_from_slice(&batch.number.unwrap_or(0).to_le_bytes());
    out.extend_from_slice(&batch.run.unwrap_or(0).to_le_bytes());
    out.extend_from_slice(&batch.taken_at.unwrap_or(Timestamp::MIN).as_micros().to_le_bytes());
    let events: Vec<_> = batch.events.iter().map(|told| &*told.event).collect();
    put(&mut out, |bytes| super::write_events(&events, bytes));
    out.extend_from_slice(&(batch.records.len() as u32).to_le_bytes());
    for record in &batch.records {
        put(&mut out, |bytes| super::write_record(record, bytes));
    }
    out.extend_from_slice(&(batch.annotations.len() as u32).to_le_bytes());
    for Annotation { accounts, call, change } in &batch.annotations {
        let address = StoredAddressV1 {
            accounts: accounts.iter().map(|account| account.0).collect(),
            call: *call.as_uuid(),
            at: change.at.as_micros(),
        };
        put(&mut out, |bytes| super::write(address, bytes));
        put(&mut out, |bytes| super::write_annotation_change(change, bytes));
    }
    let concerned = batch.events.iter().map(|told| &told.concerned);
    let aside = StoredAsideV1::new(concerned, batch.notices.iter());
    put(&mut out, |bytes| super::write(aside, bytes));
    out
}

/// Reads one.
pub(crate) fn read(bytes: &[u8]) -> Result<Batch, HistoryError> {
    let mut left = Left(bytes);
    let (number, run, taken_at) = (left.number()?, left.number()?, left.number()?);
    let events = super::read_events(JSON, left.chunk()?)?;
    let mut batch = Batch {
        number: Some(number).filter(|number| *number > 0),
        run: Some(run).filter(|run| *run > 0),
        taken_at: Some(taken_at).filter(|at| *at > i64::MIN).map(Timestamp::from_micros),
        events: events.into_iter().map(|event| Told::from(Arc::new(event))).collect(),
        ..Batch::default()
    };
    for _ in 0..left.count()? {
        batch.records.push(Arc::new(super::read_record(MESSAGE_PACK, left.chunk()?)?));
    }
    for _ in 0..left.count()? {
        batch.annotations.push(annotation(left.chunk()?, left.chunk()?)?);
    }
    // One of an earlier release ends here.
    if !left.0.is_empty() {
        let (concerned, notices) = super::read_aside(Some(left.chunk()?))?;
        batch.events.iter_mut().zip(concerned).for_each(|(told, concerned)| told.concerned = concerned);
        batch.notices = notices;
    }
    Ok(batch)
}

fn annotation(address: &[u8], change: &[u8]) -> Result<Annotation, HistoryError> {
    let address: StoredAddressV1 = super::read("annotation", JSON, address)?;
    let (by, edit) = super::read_annotation_change(JSON, change)?;
    Ok(Annotation {
        accounts: address.accounts.into_iter().map(AccountId).collect(),
        call: CallId::from_uuid(address.call),
        change: AnnotationChange { at: Timestamp::from_micros(address.at), by, edit },
    })
}

/// Puts what `write` appends behind its length.
fn put(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    write(out);
    let length = (out.len() - at - 4) as u32;
    if let Some(place) = out.get_mut(at..at + 4) {
        place.copy_from_slice(&length.to_le_bytes());
    }
}

/// What is still to be read.
struct Left<'a>(&'a [u8]);

impl<'a> Left<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], HistoryError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(cut_short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<i64, HistoryError> {
        let bytes = self.take(8)?.try_into().map_err(|_| cut_short())?;
        Ok(i64::from_le_bytes(bytes))
    }

    fn count(&mut self) -> Result<u32, HistoryError> {
        let bytes = self.take(4)?.try_into().map_err(|_| cut_short())?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn chunk(&mut self) -> Result<&'a [u8], HistoryError> {
        let length = self.count()?;
        self.take(length as usize)
    }
}

fn cut_short() -> HistoryError {
    HistoryError::Unreadable { what: "batch", reason: "it is cut short".to_owned() }
}
