//! What happens beside calls, as those tell it who see it. Past tense, like the events of calls.

use std::sync::Arc;

use uuid::Uuid;

use crate::{
    id::{AccountId, CallId, DeviceId, TrunkId},
    time::Timestamp,
};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// When.
    pub at: Timestamp,
    /// The accounts that may learn of it.
    pub accounts: Vec<AccountId>,
    /// What.
    pub kind: NoticeKind,
}

/// What can happen beside calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// A phone's registration has changed, or was not to be had.
    Registration {
        /// The phone.
        device: DeviceId,
        /// How.
        change: RegistrationChange,
    },
    /// A trunk has changed.
    Trunk {
        /// Which.
        trunk: TrunkId,
        /// How.
        change: TrunkChange,
    },
    /// A limit has kept something from happening.
    LimitReached {
        /// The limit, in the words of the directory.
        limit: Arc<str>,
        /// The phone that it is one of, if it is one of a phone.
        device: Option<DeviceId>,
        /// The trunk that it is one of, if it is one of a trunk.
        trunk: Option<TrunkId>,
    },
    /// An export has gone on.
    Export {
        /// Which.
        export: Uuid,
        /// How far.
        change: ExportChange,
    },
    /// Something was noted about a call.
    CallAnnotated {
        /// Which.
        call: CallId,
    },
}

/// How a registration changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistrationChange {
    /// A contact that was not there is.
    Made,
    /// It goes on.
    Renewed,
    /// It goes on from another address.
    Moved,
    /// The phone, or somebody for it, has ended it.
    Ended,
    /// A contact was not renewed in time, or its connection is gone.
    Lapsed,
    /// It was refused, with this SIP status.
    Refused(u16),
}

/// How a trunk changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrunkChange {
    /// It answers.
    Up,
    /// It does not.
    Down,
    /// We are registered there.
    Registered,
    /// We are no longer.
    Unregistered,
}

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportChange {
    /// It was asked for.
    Created,
    /// Its file is there.
    Completed {
        /// With so many rows.
        rows: u64,
    },
    /// It has failed.
    Failed,
    /// It was cancelled, or its file was removed.
    Deleted,
}

impl NoticeKind {
    /// The phone that it is about.
    pub fn device(&self) -> Option<DeviceId> {
        match self {
            Self::Registration { device, .. } => Some(*device),
            Self::LimitReached { device, .. } => *device,
            Self::Trunk { .. } | Self::Export { .. } | Self::CallAnnotated { .. } => None,
        }
    }

    /// The trunk that it is about.
    pub fn trunk(&self) -> Option<TrunkId> {
        match self {
            Self::Trunk { trunk, .. } => Some(*trunk),
            Self::LimitReached { trunk, .. } => *trunk,
            Self::Registration { .. } | Self::Export { .. } | Self::CallAnnotated { .. } => None,
        }
    }

    /// The call that it is about.
    pub fn call(&self) -> Option<CallId> {
        match self {
            Self::CallAnnotated { call } => Some(*call),
            Self::Registration { .. }
            | Self::Trunk { .. }
            | Self::LimitReached { .. }
            | Self::Export { .. } => None,
        }
    }

    /// The phone, trunk, export or else that it is about, by its id.
    pub fn subject(&self) -> Option<String> {
        match self {
            Self::Registration { device, .. } => Some(device.to_string()),
            Self::Trunk { trunk, .. } => Some(trunk.to_string()),
            Self::LimitReached { limit, .. } => Some(limit.to_string()),
            Self::Export { export, .. } => Some(export.to_string()),
            Self::CallAnnotated { call } => Some(call.to_string()),
        }
    }
}
