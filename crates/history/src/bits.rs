//! What is told of a row in one number, as it lies in both halves of the history.

use call::{AccountRow, CallRecord, state::Sides};

/// What kind of row it is.
#[derive(Clone, Copy)]
pub(crate) struct Bits(pub(crate) i64);

impl Bits {
    /// The account sends it.
    pub(crate) const ORIGINATED: i64 = 1;
    /// The account takes it.
    pub(crate) const TERMINATED: i64 = 2;
    /// Another row of the account stands for the call.
    pub(crate) const NOT_THE_CALL: i64 = 4;
    /// The account sends it, but it is no more than a part of a call that it is counted to have sent already.
    pub(crate) const NOT_A_SENT_CALL: i64 = 8;
    /// It is a part of a call.
    pub(crate) const PART: i64 = 16;

    /// The sides alone.
    pub(crate) fn of_sides(sides: Sides) -> i64 {
        match sides {
            Sides::Originated => Self::ORIGINATED,
            Sides::Terminated => Self::TERMINATED,
            Sides::Both => Self::ORIGINATED | Self::TERMINATED,
        }
    }

    /// Those of a row.
    pub(crate) fn of(row: &AccountRow<&CallRecord>) -> Self {
        let bit = |is_set, bit| if is_set { bit } else { 0 };
        Self(
            Self::of_sides(row.sides)
                | bit(!row.is_call, Self::NOT_THE_CALL)
                | bit(row.sides.originates() && !row.is_sent_call, Self::NOT_A_SENT_CALL)
                | bit(row.part > 0, Self::PART),
        )
    }

    /// Whether a bit is set.
    pub(crate) fn has(self, bit: i64) -> bool {
        self.0 & bit != 0
    }

    /// The sides alone.
    pub(crate) fn sides(self) -> i64 {
        self.0 & (Self::ORIGINATED | Self::TERMINATED)
    }
}
