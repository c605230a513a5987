//! Ids as SQLite holds them: 16 bytes, in the order of their text.

use call::CallId;
use rusqlite::{Row, types::Type};
use uuid::Uuid;

/// The bytes of a call's id.
pub(super) fn bytes(call: &CallId) -> &[u8] {
    call.as_uuid().as_bytes()
}

/// A call's id in column `index`.
pub(super) fn call_id(row: &Row<'_>, index: usize) -> rusqlite::Result<CallId> {
    uuid(row, index).map(CallId::from_uuid)
}

/// A UUID in column `index`.
pub(super) fn uuid(row: &Row<'_>, index: usize) -> rusqlite::Result<Uuid> {
    let bytes = row.get_ref(index)?.as_blob()?;
    Uuid::from_slice(bytes)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(index, Type::Blob, Box::new(error)))
}
