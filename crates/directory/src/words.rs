//! The words that stand for closed choices in the directory file and in the database.

use call::party::Transport;

use crate::model::{
    Area, Encryption, NumberlistAction, NumberlistMode, RenewPeriod, RingSource, Role, TrunkIdentity,
};

/// A closed choice with one word for each value.
pub(crate) trait Word: Copy + PartialEq + 'static {
    /// Each value and its word.
    const WORDS: &'static [(Self, &'static str)];

    /// The word of a value.
    fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(value, _)| *value == self);
        found.expect("each value has a word").1
    }

    /// The value of a word.
    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, own)| *own == word).map(|(value, _)| *value)
    }
}

impl Word for Role {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Manager, "manager"), (Self::Viewer, "viewer"), (Self::Client, "client")];
}

impl Word for Area {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Calls, "calls"),
        (Self::Commands, "commands"),
        (Self::History, "history"),
        (Self::Exports, "exports"),
        (Self::Events, "events"),
        (Self::Directory, "directory"),
        (Self::Billing, "billing"),
        (Self::System, "system"),
    ];
}

impl Word for NumberlistMode {
    const WORDS: &'static [(Self, &'static str)] = &[(Self::Strict, "strict"), (Self::Prefix, "prefix")];
}

impl Word for NumberlistAction {
    const WORDS: &'static [(Self, &'static str)] = &[(Self::Reject, "reject"), (Self::Accept, "accept")];
}

impl Word for RingSource {
    const WORDS: &'static [(Self, &'static str)] = &[(Self::Inside, "inside"), (Self::Outside, "outside")];
}

impl Word for RenewPeriod {
    const WORDS: &'static [(Self, &'static str)] = &[(Self::Day, "day"), (Self::Month, "month")];
}

impl Word for TrunkIdentity {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::None, "none"), (Self::Asserted, "pai"), (Self::RemoteParty, "rpid")];
}

impl Word for Encryption {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Refuse, "refuse"),
        (Self::Allow, "allow"),
        (Self::Prefer, "prefer"),
        (Self::Require, "require"),
    ];
}

impl Word for Transport {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Udp, "udp"), (Self::Tcp, "tcp"), (Self::Tls, "tls"), (Self::Ws, "ws")];
}
