//! The answers to a change.

use ::call::{CallId, Leg, LegId};

use super::View;
use crate::wire::{CallStateWire, Digits, ModifiedCallWire, ModifiedLegWire};

impl View {
    /// What a change did to a call.
    pub fn modified_call(self, call_id: CallId, state: CallStateWire, destination: &str) -> ModifiedCallWire {
        ModifiedCallWire {
            account_id: Digits::integer(self.wire, self.account.0),
            call_id,
            call_state: state,
            destination: destination.to_owned(),
        }
    }

    /// What a change did to a leg.
    pub fn modified_leg(
        self,
        (call_id, leg_id): (CallId, LegId),
        state: CallStateWire,
        destination: &str,
    ) -> ModifiedLegWire {
        ModifiedLegWire {
            account_id: Digits::integer(self.wire, self.account.0),
            call_id,
            call_state: state,
            destination: destination.to_owned(),
            leg_id,
        }
    }
}

/// How a leg that goes on stands.
pub fn state_of(leg: &Leg) -> CallStateWire {
    match leg {
        leg if leg.is_pending() => CallStateWire::Ringing,
        leg if leg.is_held() => CallStateWire::Held,
        leg if leg.is_parked() => CallStateWire::Parked,
        _ => CallStateWire::Active,
    }
}
