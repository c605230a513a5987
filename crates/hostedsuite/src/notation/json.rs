//! JSON.

use http_core::body::JsonFault;
use serde_json::Value as Json;

use super::Unreadable;

/// The tree. Of members with the same name the last counts.
pub fn parse(body: &[u8]) -> Result<Json, Unreadable> {
    serde_json::from_slice(body).map_err(|error| Unreadable(JsonFault::of(&error).to_string()))
}
