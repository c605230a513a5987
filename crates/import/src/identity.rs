//! The id of a call that has none of ours: the same each time that the same call is read.

use call::{CallId, LegId, Timestamp};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The id of a call that began then. As in a UUID of version 7 (RFC 9562) time comes first, so that calls of a day lie
/// together; the rest is no chance but a digest of what makes it this call, and so the version is 8.
pub(crate) fn call_id(started_at: Timestamp, identity: &str) -> CallId {
    CallId::from_uuid(made_of(started_at, &["call", identity]))
}

/// The id of one of its legs.
pub(crate) fn leg_id(started_at: Timestamp, identity: &str, leg: &str) -> LegId {
    LegId::from_uuid(made_of(started_at, &[leg, identity]))
}

fn made_of(started_at: Timestamp, texts: &[&str]) -> Uuid {
    let mut digest = Sha256::new();
    for text in texts {
        digest.update(text.as_bytes());
        digest.update([0]);
    }
    let digest = digest.finalize();
    let millis = started_at.as_micros().div_euclid(1_000).max(0).unsigned_abs().to_be_bytes();
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&millis[2..]);
    bytes[6..].copy_from_slice(&digest[..10]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_call_has_the_same_id_and_another_another() {
        let at = Timestamp::from_seconds(1_767_268_800);
        assert_eq!(call_id(at, "a").to_string(), call_id(at, "a").to_string());
        assert!(call_id(at, "a") != call_id(at, "b"));
        assert!(leg_id(at, "a", "caller").as_uuid() != leg_id(at, "a", "called").as_uuid());
        let later = call_id(at + std::time::Duration::from_millis(1), "a");
        assert!(later > call_id(at, "a") && later > call_id(at, "b"));
        assert_eq!(later.as_uuid().get_version_num(), 8);
    }
}
