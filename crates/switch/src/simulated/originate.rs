//! What an `Originate` does: whom it rings first, and the call that follows.

use call::{
    command::RecordingKind,
    event::{CallRouted, CallStarted, Origin},
};

use super::{Party, spec::CallSpec};
use crate::SwitchError;

/// A call that rings `from` and then dials.
pub(super) struct Plan {
    pub(super) from: Vec<Party>,
    pub(super) started: CallStarted,
    pub(super) onward: Onward,
    pub(super) recording: Option<RecordingKind>,
}

/// Whom a call dials once its first party has answered.
pub(super) struct Onward {
    pub(super) to: Vec<Party>,
    pub(super) routed: CallRouted,
}

impl Plan {
    /// The plan, or which end of it is unknown.
    pub(super) fn new(
        from: Vec<Party>,
        to: Vec<Party>,
        recording: Option<RecordingKind>,
    ) -> Result<Self, SwitchError> {
        let caller = from.first().ok_or(SwitchError::Unreachable("`from` is not known"))?;
        let called = to.first().ok_or(SwitchError::Unreachable("`to` is not known"))?;
        let started = CallStarted {
            origin: Origin::Api,
            ..CallSpec::without_route(caller.clone(), called.number.clone()).started
        };
        let routed = CallRouted::new(Some(called.owner), caller.number.clone(), called.number.clone());
        Ok(Self { from, started, onward: Onward { to, routed }, recording })
    }
}
