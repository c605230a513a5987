//! CloudEvents in JSON, as `GET /v1/events` gives them.

use std::ops::Range;

use async_trait::async_trait;
use events::{envelope, gap};
use history::HistoryError;

use super::{Attempt, Format, Letter, Occasion};
use crate::Hook;

/// Every kind of event that is wanted.
pub(super) struct CloudEvents;

#[async_trait]
impl Format for CloudEvents {
    async fn body(&self, occasion: Occasion<'_>) -> Result<Option<Vec<u8>>, HistoryError> {
        let Occasion { event, hook, access, .. } = occasion;
        let is_wanted = hook.wanted.kinds.wants(event);
        Ok(is_wanted.then(|| serde_json::to_vec(&envelope(event, access)).unwrap_or_default()))
    }

    fn gap(&self, numbers: &Range<u64>) -> Option<Vec<u8>> {
        serde_json::to_vec(&gap(numbers)).ok()
    }

    fn letter(&self, hook: &Hook, attempt: &Attempt<'_>) -> Letter {
        Letter::signed(hook, attempt, "application/cloudevents+json")
    }
}
