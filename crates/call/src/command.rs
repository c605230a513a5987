//! What the API wants done to a call. Imperative; the outcome comes back as events.

use std::{fmt, sync::Arc};

use crate::{
    id::{AccountId, CallId, DeviceId, LegId},
    number::Number,
};

/// A wish, sent to the switch that holds the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallCommand {
    /// Place a call.
    Originate(Originate),
    /// End every leg of a call.
    HangupCall {
        /// Which call.
        call_id: CallId,
    },
    /// Do something to one leg.
    Leg {
        /// Which call.
        call_id: CallId,
        /// Which leg of it.
        leg_id: LegId,
        /// What.
        command: LegCommand,
    },
}

/// What can be done to a leg. Repeating what holds already is no error and changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegCommand {
    /// End it. A call left with fewer than two parties ends too.
    Hangup,
    /// Have its ringing phone answer by itself.
    Answer,
    /// Put the other side on hold on its behalf.
    Hold,
    /// End that hold.
    Resume,
    /// Send the party that it talks to elsewhere; it leaves once that one is there. If the target cannot be
    /// got, the two talk on.
    Transfer(Target),
    /// Join the party that it talks to with another leg of the same account, and let it leave: with the
    /// far party of that leg where the leg is its own second one, else with the leg itself.
    TransferToLeg {
        /// The call of the other leg.
        call_id: CallId,
        /// The other leg.
        leg_id: LegId,
    },
    /// Let the party that it talks to wait in a slot of the account, and let it leave.
    Park {
        /// Which slot; the first free one if none is named.
        slot: Option<Arc<str>>,
    },
    /// Ring somebody who takes this parked party out of its slot by answering.
    Retrieve(Target),
    /// Send digits to its party (RFC 4733).
    SendDigits(Digits),
    /// Let its party hear a sound instead of the other side.
    Play(Sound),
    /// End that.
    StopPlaying,
    /// Record it, both directions.
    StartRecording(RecordingKind),
    /// End that.
    StopRecording,
}

/// Digits to send: `0-9`, `*`, `#`, `A-D`, at least one.
#[derive(Clone, PartialEq, Eq)]
pub struct Digits(Arc<str>);

impl Digits {
    /// Most digits that are sent at once.
    pub const MOST: usize = 64;

    /// Reads digits; letters in either case. `None` for anything else, for none and for too many.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_uppercase();
        let is_sound = text.chars().all(|digit| matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D'));
        (is_sound && (1..=Self::MOST).contains(&text.len())).then(|| Self(text.into()))
    }

    /// The digits, letters in upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a sound comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum Sound {
    /// A WAV file on the web, by its `http` or `https` URL.
    Url(Arc<str>),
    /// A WAV file in the server's folder of sounds, by its name.
    Local(Arc<str>),
}

/// Why a leg is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordingKind {
    /// Because the account records its calls.
    Standing,
    /// Because somebody asked for this one.
    OnDemand,
}

impl CallCommand {
    /// The call that is meant.
    pub fn call_id(&self) -> CallId {
        match self {
            Self::Originate(originate) => originate.call_id,
            Self::HangupCall { call_id } | Self::Leg { call_id, .. } => *call_id,
        }
    }
}

/// Rings `from`; when it answers, dials `to` on its behalf and joins the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Originate {
    /// The id that the new call shall have.
    pub call_id: CallId,
    /// The account that places the call. `from`, and an extension in `to`, belong to it.
    pub account: AccountId,
    /// Who is rung first.
    pub from: Target,
    /// Who is dialled then.
    pub to: Target,
    /// Whether the call is recorded from the moment when the two are joined.
    pub recording: Option<RecordingKind>,
}

/// Someone to ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One phone.
    Device(DeviceId),
    /// All phones of an extension of the account.
    Extension(Number),
    /// An outside number.
    Number(Number),
    /// A feature code, dialled as it is.
    FeatureCode(Number),
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digits({})", self.0.len())
    }
}

impl fmt::Debug for Sound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Url(_) => "Url(…)",
            Self::Local(_) => "Local(…)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_a_keypad() {
        assert_eq!(Digits::parse("*12a#").unwrap().as_str(), "*12A#");
        for wrong in ["", "12,3", "1 2", "E", "+49", "\u{664}", &"1".repeat(65)] {
            assert_eq!(Digits::parse(wrong), None, "{wrong}");
        }
    }
}
