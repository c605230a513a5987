//! Ids of calls and legs, made from their names in the table and readable as such.

use call::{CallId, LegId};
use uuid::Uuid;

use super::START;

/// A UUIDv7 keeps seven of its random bytes untouched by version and variant.
const LONGEST: usize = 7;

/// The id of the call that a table names `name`.
pub fn call_id(name: &str) -> CallId {
    CallId::new(START, bytes(name))
}

/// The id of the leg that a table names `name`.
pub fn leg_id(name: &str) -> LegId {
    LegId::new(START, bytes(name))
}

pub(super) fn call_name(id: CallId) -> String {
    text(id.as_uuid())
}

pub(super) fn leg_name(id: LegId) -> String {
    text(id.as_uuid())
}

pub(super) fn check_name(name: &str) -> Result<&str, String> {
    let is_name =
        (1..=LONGEST).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_name.then_some(name).ok_or_else(|| format!("`{name}` is not a name of 1 to 7 letters or digits"))
}

fn bytes(name: &str) -> [u8; 10] {
    let mut bytes = [0; 10];
    for (byte, letter) in bytes.iter_mut().rev().zip(name.bytes().rev().take(LONGEST)) {
        *byte = letter;
    }
    bytes
}

fn text(id: &Uuid) -> String {
    let letters = id.as_bytes().iter().skip(16 - LONGEST).filter(|byte| **byte != 0);
    letters.map(|byte| char::from(*byte)).collect()
}
