//! Ids as SQLite holds them: 16 bytes, in the order of their text.

use call::CallId;
use rusqlite::{Row, types::Type};
use uuid::Uuid;

/// The bytes of a call's id.
pub(super) fn bytes(call: &CallId) -> &[u8] {
    call.as_uuid().as_bytes()
}

/// Bytes of a call's id.
const CALL: usize = 16;

/// What an account has of a call: the call itself, or a part of it, whose number lies behind the call's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RowKey {
    pub(super) call: CallId,
    /// 0 for the call itself.
    pub(super) part: u16,
}

impl RowKey {
    /// As bytes, in the order of the keys.
    pub(super) fn bytes(self) -> Vec<u8> {
        let mut key = bytes(&self.call).to_vec();
        if self.part > 0 {
            key.extend(self.part.to_be_bytes());
        }
        key
    }

    /// The key in column `index`.
    pub(super) fn read(row: &Row<'_>, index: usize) -> rusqlite::Result<Self> {
        let bytes = row.get_ref(index)?.as_blob()?;
        let call = bytes.get(..CALL).unwrap_or(bytes);
        let call = Uuid::from_slice(call).map_err(|error| unreadable(index, error))?;
        Ok(Self { call: CallId::from_uuid(call), part: part_of(bytes) })
    }
}

/// The number of the part that the bytes of a key name; 0 for a call itself.
pub(super) fn part_of(key: &[u8]) -> u16 {
    key.get(CALL..).and_then(|rest| rest.first_chunk()).map_or(0, |number| u16::from_be_bytes(*number))
}

/// Rows of the table of calls that fit in front of the number of a part in a serial number.
const CALLS: u32 = 40;

/// The small number of a row: that of the call, with the number of the part above it.
pub(super) fn serial(call: i64, part: u16) -> i64 {
    call | (i64::from(part) << CALLS)
}

/// The row of the table of calls, and the number of the part.
pub(super) fn of_serial(serial: i64) -> Option<(i64, u16)> {
    Some((serial & ((1 << CALLS) - 1), u16::try_from(serial >> CALLS).ok()?))
}

/// A UUID in column `index`.
pub(super) fn uuid(row: &Row<'_>, index: usize) -> rusqlite::Result<Uuid> {
    let bytes = row.get_ref(index)?.as_blob()?;
    Uuid::from_slice(bytes).map_err(|error| unreadable(index, error))
}

fn unreadable(index: usize, error: uuid::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(index, Type::Blob, Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_number_tells_the_call_and_the_part() {
        for (call, part) in [(1, 0), (7, 1), ((1 << CALLS) - 1, u16::MAX)] {
            assert_eq!(of_serial(serial(call, part)), Some((call, part)));
        }
        assert_eq!(serial(7, 0), 7);
        assert_eq!(of_serial(-1), None);
        assert_eq!(of_serial(i64::MAX), None);
    }
}
