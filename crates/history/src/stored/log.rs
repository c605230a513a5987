//! What the journal holds beside the events of calls: whom they concern, and notices.

use std::{cell::RefCell, io::Read};

use call::{
    AccountId, CallId, CustomerId, DeviceId, Notice, NoticeKind, Timestamp, TrunkId,
    notice::{ExportChange, RegistrationChange, TrunkChange},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zstd::bulk::Compressor;

use crate::{Concerned, HistoryError};

/// Both.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct StoredAsideV1 {
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    concerned: Vec<StoredConcernedV1>,
    #[serde(rename = "n", default, skip_serializing_if = "Vec::is_empty")]
    notices: Vec<StoredNoticeV1>,
}

#[derive(Serialize, Deserialize)]
struct StoredConcernedV1 {
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    accounts: Vec<u32>,
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    origination: Option<u32>,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    customer: Option<u32>,
    #[serde(rename = "d", default, skip_serializing_if = "Vec::is_empty")]
    devices: Vec<u32>,
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    trunks: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
struct StoredNoticeV1 {
    #[serde(rename = "t")]
    at: i64,
    #[serde(rename = "a")]
    accounts: Vec<u32>,
    #[serde(rename = "k")]
    kind: StoredNoticeKindV1,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredNoticeKindV1 {
    Registration {
        device: u32,
        change: StoredRegistrationChangeV1,
    },
    Trunk {
        trunk: u32,
        change: StoredTrunkChangeV1,
    },
    LimitReached {
        limit: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device: Option<u32>,
        trunk: Option<u32>,
    },
    Export {
        export: Uuid,
        change: StoredExportChangeV1,
    },
    CallAnnotated {
        call: Uuid,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredRegistrationChangeV1 {
    Made,
    Renewed,
    Moved,
    Ended,
    Lapsed,
    Refused(u16),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredTrunkChangeV1 {
    Up,
    Down,
    Registered,
    Unregistered,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredExportChangeV1 {
    Created,
    Completed { rows: u64 },
    Failed,
    Deleted,
}

impl StoredAsideV1 {
    /// Of these.
    pub(crate) fn new<'a>(
        concerned: impl Iterator<Item = &'a Concerned>,
        notices: impl Iterator<Item = &'a Notice>,
    ) -> Self {
        Self {
            concerned: concerned.map(StoredConcernedV1::from).collect(),
            notices: notices.map(StoredNoticeV1::from).collect(),
        }
    }

    /// What it holds.
    pub(crate) fn open(self) -> (Vec<Concerned>, Vec<Notice>) {
        let concerned = self.concerned.into_iter().map(Concerned::from).collect();
        (concerned, self.notices.into_iter().map(Notice::from).collect())
    }
}

/// Fewer bytes that hold the same, if there are many.
pub(crate) fn pack(bytes: Vec<u8>) -> Vec<u8> {
    if bytes.len() < WORTH_PACKING {
        return bytes;
    }
    let packed =
        PACKER.with_borrow_mut(|packer| packer.as_mut().and_then(|packer| packer.compress(&bytes).ok()));
    packed.unwrap_or(bytes)
}

thread_local! {
    /// To make one costs more than a row.
    static PACKER: RefCell<Option<Compressor<'static>>> = RefCell::new(Compressor::new(LEVEL).ok());
}

/// What was packed.
pub(crate) fn unpack(bytes: &[u8]) -> Result<std::borrow::Cow<'_, [u8]>, HistoryError> {
    if !bytes.starts_with(&ZSTD) {
        return Ok(bytes.into());
    }
    let mut whole = Vec::with_capacity(bytes.len() * 8);
    let unreadable =
        || HistoryError::Unreadable { what: "row of the journal", reason: "it does not unpack".into() };
    let stream = zstd::stream::read::Decoder::new(bytes).map_err(|_| unreadable())?;
    let read = stream.take(LONGEST).read_to_end(&mut whole);
    read.map(|_| whole.into()).map_err(|_| unreadable())
}

/// Where packing begins to pay: less fits into a page of the database.
const WORTH_PACKING: usize = 4_096;
/// The fastest; events repeat themselves so much that others gain little.
const LEVEL: i32 = 1;
/// What a frame of zstd begins with (RFC 8878 section 3.1.1), and nothing in JSON or MessagePack does.
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// No row holds more bytes.
const LONGEST: u64 = 1 << 30;

impl From<&Concerned> for StoredConcernedV1 {
    fn from(concerned: &Concerned) -> Self {
        Self {
            accounts: concerned.accounts.iter().map(|account| account.0).collect(),
            origination: concerned.origination.map(|account| account.0),
            customer: concerned.customer.map(|customer| customer.0),
            devices: concerned.devices.iter().map(|device| device.0).collect(),
            trunks: concerned.trunks.iter().map(|trunk| trunk.0).collect(),
        }
    }
}

impl From<StoredConcernedV1> for Concerned {
    fn from(stored: StoredConcernedV1) -> Self {
        Self {
            accounts: stored.accounts.into_iter().map(AccountId).collect(),
            origination: stored.origination.map(AccountId),
            customer: stored.customer.map(CustomerId),
            devices: stored.devices.into_iter().map(DeviceId).collect(),
            trunks: stored.trunks.into_iter().map(TrunkId).collect(),
        }
    }
}

impl From<&Notice> for StoredNoticeV1 {
    fn from(notice: &Notice) -> Self {
        Self {
            at: notice.at.as_micros(),
            accounts: notice.accounts.iter().map(|account| account.0).collect(),
            kind: (&notice.kind).into(),
        }
    }
}

impl From<StoredNoticeV1> for Notice {
    fn from(stored: StoredNoticeV1) -> Self {
        Self {
            at: Timestamp::from_micros(stored.at),
            accounts: stored.accounts.into_iter().map(AccountId).collect(),
            kind: stored.kind.into(),
        }
    }
}

impl From<&NoticeKind> for StoredNoticeKindV1 {
    fn from(kind: &NoticeKind) -> Self {
        match kind {
            NoticeKind::Registration { device, change } => {
                Self::Registration { device: device.0, change: (*change).into() }
            }
            NoticeKind::Trunk { trunk, change } => Self::Trunk { trunk: trunk.0, change: (*change).into() },
            NoticeKind::LimitReached { limit, device, trunk } => Self::LimitReached {
                limit: limit.to_string(),
                device: device.map(|device| device.0),
                trunk: trunk.map(|trunk| trunk.0),
            },
            NoticeKind::Export { export, change } => {
                Self::Export { export: *export, change: (*change).into() }
            }
            NoticeKind::CallAnnotated { call } => Self::CallAnnotated { call: *call.as_uuid() },
        }
    }
}

impl From<StoredNoticeKindV1> for NoticeKind {
    fn from(stored: StoredNoticeKindV1) -> Self {
        use StoredNoticeKindV1 as Stored;
        match stored {
            Stored::Registration { device, change } => {
                Self::Registration { device: DeviceId(device), change: change.into() }
            }
            Stored::Trunk { trunk, change } => Self::Trunk { trunk: TrunkId(trunk), change: change.into() },
            Stored::LimitReached { limit, device, trunk } => Self::LimitReached {
                limit: limit.into(),
                device: device.map(DeviceId),
                trunk: trunk.map(TrunkId),
            },
            Stored::Export { export, change } => Self::Export { export, change: change.into() },
            Stored::CallAnnotated { call } => Self::CallAnnotated { call: CallId::from_uuid(call) },
        }
    }
}

/// Both ways between two enums of the same variants.
macro_rules! mirrored {
    ($core:ident, $stored:ident, $($variant:ident $(($value:ident))? $({ $field:ident })?),+) => {
        impl From<$core> for $stored {
            fn from(core: $core) -> Self {
                match core {
                    $($core::$variant $(($value))? $({ $field })? => Self::$variant $(($value))? $({ $field })?,)+
                }
            }
        }

        impl From<$stored> for $core {
            fn from(stored: $stored) -> Self {
                match stored {
                    $($stored::$variant $(($value))? $({ $field })? => Self::$variant $(($value))? $({ $field })?,)+
                }
            }
        }
    };
}

mirrored!(
    RegistrationChange,
    StoredRegistrationChangeV1,
    Made,
    Renewed,
    Moved,
    Ended,
    Lapsed,
    Refused(status)
);
mirrored!(TrunkChange, StoredTrunkChangeV1, Up, Down, Registered, Unregistered);
mirrored!(ExportChange, StoredExportChangeV1, Created, Completed { rows }, Failed, Deleted);
