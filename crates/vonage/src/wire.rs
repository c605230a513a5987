//! The dialect's shapes on the wire. The order of members is that of the vendor's samples.

mod calls;
mod change_call;
mod change_leg;
mod contact;
mod devices;
mod digits;
mod errors;
mod legs;
mod modified;
mod new_call;
mod pages;

pub use calls::{CallWire, CallsPageWire};
pub use change_call::ChangeCallWire;
pub use change_leg::{ChangeLegWire, SoundUrl};
pub use contact::{Contact, ContactType};
pub use devices::{DeviceWire, DevicesPageWire, MacWire, ProvisionedWire, RegisteredWire};
pub use digits::{Digits, VonageWire};
pub use errors::ErrorWire;
pub use legs::LegWire;
pub use modified::{CallStateWire, ModifiedCallWire, ModifiedLegWire};
pub use new_call::{CallType, NewCallWire};
pub use pages::PagesWire;

use serde::{Serialize, Serializer};

/// Which way a call or leg goes, seen from the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DirectionWire {
    /// To the account.
    Inbound,
    /// From the account.
    Outbound,
}

/// How a call or leg stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatusWire {
    /// It is not answered yet.
    Ringing,
    /// It is answered.
    OnCall,
    /// It ended: the called party was busy.
    Busy,
    /// It ended: nobody answered.
    Unanswered,
    /// It ended: it could not be set up.
    Failed,
}

pub(super) fn as_text<T: std::fmt::Display, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
