//! How phones ring: what their INVITEs say of it, by rule.

use std::sync::Arc;

use call::Number;

/// A rule of how phones ring. A call fits it if it fits all that the rule names.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RingRule {
    /// Where the call comes from; from anywhere if absent.
    pub from: Option<RingSource>,
    /// Digits that the caller's number begins with one of, without `+`; any number, and none, if empty.
    pub callers: Vec<String>,
    /// Numbers of the outside and extensions: one of them was dialed, or is the extension that rings; any if empty.
    pub dialed: Vec<Number>,
    /// Alert-Info (RFC 3261 section 20.4), as it is written; none if absent.
    pub alert_info: Option<Arc<str>>,
    /// Call-Info (RFC 3261 section 20.9), as it is written; none if absent.
    pub call_info: Option<Arc<str>>,
}

/// Where a call comes from that a phone rings for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RingSource {
    /// Another phone of its account.
    Inside,
    /// Anybody else.
    Outside,
}

/// A call that a phone rings for.
#[derive(Clone, Copy)]
pub struct RingingCall<'a> {
    /// Where it comes from.
    pub from: RingSource,
    /// The number that the phone is shown; `None` if that is hidden from it.
    pub caller: Option<&'a Number>,
    /// What was dialed.
    pub dialed: Option<&'a Number>,
    /// The extension that rings.
    pub extension: &'a Number,
}

impl RingRule {
    /// Whether a call fits it.
    pub fn fits(&self, call: &RingingCall<'_>) -> bool {
        self.from.is_none_or(|from| from == call.from)
            && (self.callers.is_empty() || call.caller.is_some_and(|caller| self.has_caller(caller)))
            && (self.dialed.is_empty()
                || [call.dialed, Some(call.extension)]
                    .into_iter()
                    .flatten()
                    .any(|number| self.is_dialed(number)))
    }

    fn has_caller(&self, caller: &Number) -> bool {
        self.callers.iter().any(|prefix| caller.without_plus().starts_with(prefix.as_str()))
    }

    fn is_dialed(&self, number: &Number) -> bool {
        self.dialed.iter().any(|dialed| dialed.without_plus() == number.without_plus())
    }
}
