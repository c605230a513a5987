//! How events and records lie on disk, frozen as version 1: in JSON what is soon gone or seldom, in MessagePack
//! the records, of which there are millions.
//!
//! The types here mirror those of the crate `call` field by field and give each field the name that it has on disk;
//! the names are short, as there is one of each in every call. A new field there does not compile until it is placed
//! here; place it so that what is already stored can still be read (`default`), or write a version 2 beside this one.

mod annotation;
mod batch;
mod event;
mod frozen;
mod log;
mod part;
mod record;

use call::{CallEvent, CallRecord, Notice};
use serde::{Deserialize, Serialize};

use annotation::StoredAnnotationChangeV1;
pub(crate) use batch::{read as read_batch, write as write_batch};
pub use event::StoredEventV1;
pub(crate) use log::{StoredAsideV1, pack};
pub(crate) use record::StoredLegsV1;
pub use record::StoredRecordV1;

use crate::{
    Concerned, HistoryError,
    annotations::{AnnotationChange, AnnotationEdit, Author},
};

/// Version 1 in JSON; the number is stored beside what is written so.
pub(crate) const JSON: i64 = 1;
/// Version 1 in MessagePack, with the names of the fields.
pub(crate) const MESSAGE_PACK: i64 = 2;

/// Appends the stored form of `events` to `out`.
pub(crate) fn write_events(events: &[&CallEvent], out: &mut Vec<u8>) {
    write(frozen::WriteAll(events), out);
}

/// Appends the stored form of `record` to `out`, in MessagePack.
pub(crate) fn write_record(record: &CallRecord, out: &mut Vec<u8>) {
    let mut serializer = rmp_serde::Serializer::new(out).with_struct_map();
    frozen::Write(record).serialize(&mut serializer).expect("a vector takes everything");
}

/// Reads a list of events.
pub(crate) fn read_events(format: i64, bytes: &[u8]) -> Result<Vec<CallEvent>, HistoryError> {
    let bytes = log::unpack(bytes)?;
    read("call event", format, &bytes).map(|events: frozen::Read<Vec<CallEvent>>| events.0)
}

/// Reads a record.
pub(crate) fn read_record(format: i64, bytes: &[u8]) -> Result<CallRecord, HistoryError> {
    read("call record", format, bytes).map(|record: frozen::Read<CallRecord>| record.0)
}

/// Reads what SIP said on the legs of a record, or of a part of it (numbered from 1 on), and passes over the rest.
pub(crate) fn read_legs(format: i64, bytes: &[u8], part: u16) -> Result<StoredLegsV1, HistoryError> {
    let Some(place) = usize::from(part).checked_sub(1) else { return read("call record", format, bytes) };
    let parts: record::StoredPartsV1 = read("call record", format, bytes)?;
    let missing =
        || HistoryError::Unreadable { what: "call record", reason: format!("it has no part {part}") };
    parts.legs_of(place).ok_or_else(missing)
}

/// The stored form of what the journal holds beside events.
pub(crate) fn write_aside(aside: &StoredAsideV1) -> Vec<u8> {
    let mut out = Vec::new();
    write(aside, &mut out);
    out
}

/// Reads it; an earlier release has written nothing.
pub(crate) fn read_aside(bytes: Option<&[u8]>) -> Result<(Vec<Concerned>, Vec<Notice>), HistoryError> {
    let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) else { return Ok(Default::default()) };
    let bytes = log::unpack(bytes)?;
    read("row of the journal", JSON, &bytes).map(StoredAsideV1::open)
}

/// The stored form of a rate, alone.
pub(crate) fn write_rate(rate: &call::rating::Rate, out: &mut Vec<u8>) {
    write(frozen::Write(rate), out);
}

/// Reads a rate.
pub(crate) fn read_rate(format: i64, bytes: &[u8]) -> Result<call::rating::Rate, HistoryError> {
    read("rate", format, bytes).map(|rate: frozen::Read<call::rating::Rate>| rate.0)
}

/// The stored form of a change of annotations, without its time.
pub(crate) fn write_annotation_change(change: &AnnotationChange, out: &mut Vec<u8>) {
    write(StoredAnnotationChangeV1::from(change), out);
}

/// Reads a change of annotations.
pub(crate) fn read_annotation_change(
    format: i64,
    bytes: &[u8],
) -> Result<(Author, AnnotationEdit), HistoryError> {
    read("change of annotations", format, bytes).map(|change: StoredAnnotationChangeV1| change.into())
}

fn write(value: impl Serialize, out: &mut Vec<u8>) {
    serde_json::to_writer(out, &value).expect("a vector takes everything, and no map here has odd keys");
}

fn read<'de, T: Deserialize<'de>>(
    what: &'static str,
    format: i64,
    bytes: &'de [u8],
) -> Result<T, HistoryError> {
    let read = match format {
        JSON => serde_json::from_slice(bytes).map_err(|error| position(&error)),
        MESSAGE_PACK => rmp_serde::from_slice(bytes).map_err(|error| kind(&error)),
        _ => Err(format!("its format {format} is not known")),
    };
    read.map_err(|reason| HistoryError::Unreadable { what, reason })
}

/// Where reading failed. The message of the parser may quote what it found, which belongs in no log.
fn position(error: &serde_json::Error) -> String {
    format!("it is not valid at byte {}", error.column())
}

/// How reading failed, without what the parser quotes.
fn kind(error: &rmp_serde::decode::Error) -> String {
    use rmp_serde::decode::Error::{InvalidDataRead, InvalidMarkerRead};
    match error {
        InvalidDataRead(_) | InvalidMarkerRead(_) => "it is cut short".to_owned(),
        _ => "it is not valid".to_owned(),
    }
}

#[cfg(test)]
mod tests;
