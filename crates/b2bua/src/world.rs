//! What the machine asks the world around it, and is answered at once: who is who, how media can be passed,
//! and what chance says.
//!
//! Whatever takes time, or is done to somebody, is an [`Output`](crate::Output) instead.

use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

use call::{
    AccountId, DeviceId, LegId, Number, Timestamp, TrunkId,
    command::{Sound, Target},
    event::CallRouted,
    party::{Endpoint, Owner},
    quality::LegQuality,
};

use crate::{message::Origin, sdp::Sdp};

/// The world, as it is at this moment.
pub trait World {
    /// Where a call of `origination` to `dialed` goes that begins at an instant.
    fn route(
        &self,
        origination: Owner,
        via: Via,
        dialed: &Number,
        at: Timestamp,
    ) -> Result<Destination, Unroutable>;

    /// Where a call of `owner` to the target of a command goes that begins at an instant. Devices and
    /// extensions of others are nobody's.
    fn destination(&self, owner: Owner, target: &Target, at: Timestamp) -> Result<Destination, Unroutable>;

    /// What routing found, with countries and rates.
    fn routed(&self, parties: Routed<'_>) -> CallRouted;

    /// The account, if there is such a one.
    fn account(&self, id: AccountId) -> Option<Owner>;

    /// The phone, if there is such a one, whether it is registered or not.
    fn phone(&self, id: DeviceId) -> Option<Phone>;

    /// Where a phone can be rung now, in any order.
    fn contacts(&self, device: DeviceId) -> Vec<Contact>;

    /// How a phone rings for a call, if a rule says so.
    fn ring(&self, device: DeviceId, call: RungFor<'_>) -> Option<Ring>;

    /// The name that an extension has in the directory.
    fn extension_name(&self, account: AccountId, extension: &Number) -> Option<Arc<str>>;

    /// What an account or a trunk may have.
    fn limits(&self, of: Limited) -> Limits;

    /// Whether a trunk is likely to take a call: those that are not are tried last.
    fn is_fit(&self, trunk: TrunkId) -> bool;

    /// An id for a leg that comes into being at an instant.
    fn leg_id(&mut self, at: Timestamp) -> LegId;

    /// A number of chance below `bound`.
    fn chance(&mut self, bound: u32) -> u32;

    /// Notes where the party of a leg receives media, as its description says.
    fn describe(&mut self, leg: LegId, sdp: &Sdp) -> Result<(), Unpassable>;

    /// Notes it too, and gives what the party of `to` is sent for that description: the same, or with
    /// the addresses of a relay.
    fn pass(&mut self, from: LegId, to: LegId, sdp: &Sdp) -> Result<Sdp, Unpassable>;

    /// How long ago the latest media of a leg's party came; `None` if none has come.
    fn silent_for(&self, leg: LegId) -> Option<Duration>;

    /// How well the sound of a leg arrives; `None` if there is none, or it goes past the switch.
    fn quality(&self, leg: LegId) -> Option<LegQuality>;

    /// Whether there is such a sound; if not, what is wrong.
    fn find(&self, sound: &Sound) -> Result<(), &'static str>;
}

/// Whom a call is between, for the facts of its route.
#[derive(Clone, Copy)]
pub struct Routed<'a> {
    /// Whose equipment sent it.
    pub origination: Owner,
    /// To whom it is delivered; `None` if there is no route.
    pub termination: Option<Owner>,
    /// When it is sent there.
    pub at: Timestamp,
    /// The number that it shows there.
    pub caller: &'a Number,
    /// The number that was dialed.
    pub called: &'a Number,
    /// What is shown to whoever answers.
    pub screen_pop: Option<&'a Arc<str>>,
}

/// Where a call goes.
#[derive(Clone, PartialEq, Eq)]
pub enum Destination {
    /// All phones of an extension ring; the first to answer has the call.
    Phones {
        /// Whose extension it is.
        owner: Owner,
        /// The extension.
        extension: Number,
        /// Its phones.
        devices: Vec<DeviceId>,
        /// Text shown to whoever answers.
        screen_pop: Option<Arc<str>>,
    },
    /// Trunks, best first; the next is tried when one fails. Never empty.
    Trunks(Vec<TrunkHop>),
}

/// One trunk to try.
#[derive(Clone, PartialEq, Eq)]
pub struct TrunkHop {
    /// The trunk.
    pub trunk: TrunkId,
    /// The trunk's name.
    pub name: Arc<str>,
    /// The carrier.
    pub owner: Owner,
    /// The number to send to it.
    pub called: Number,
}

/// What sent a call into the switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// A phone, if it is known which, or an API client on behalf of an account's phones.
    Device(Option<DeviceId>),
    /// A trunk.
    Trunk(TrunkId),
}

impl Via {
    /// How calls are routed on behalf of an endpoint.
    pub const fn of(endpoint: &Endpoint) -> Self {
        match endpoint {
            Endpoint::Device { id, .. } => Self::Device(Some(*id)),
            Endpoint::Trunk { id, .. } => Self::Trunk(*id),
        }
    }
}

/// Why a call goes nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unroutable {
    /// Nobody has the number, and no trunk carries it.
    Unknown,
    /// The rates do not let it through.
    Refused,
}

/// A phone.
#[derive(Clone)]
pub struct Phone {
    /// As the far end of a leg.
    pub endpoint: Endpoint,
    /// Whose it is.
    pub owner: Owner,
    /// The number that it shows inside its account, and is dialed at.
    pub number: Number,
    /// The number that it shows outside.
    pub caller_id: Number,
    /// The name that it shows.
    pub name: Option<Arc<str>>,
}

/// A call that a phone is rung for, as rules of how it rings see it.
#[derive(Clone, Copy)]
pub struct RungFor<'a> {
    /// Where it comes from.
    pub origin: Origin,
    /// The number that the phone is shown, unless it is hidden.
    pub caller: Option<&'a Number>,
    /// The number that has led to the phone, as it was dialed; `None` if the call is placed for it by a program.
    pub dialed: Option<&'a Number>,
    /// The extension that rings.
    pub extension: &'a Number,
}

/// How a phone rings, by headers as they are written; empty if as usual.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Ring {
    /// Alert-Info (RFC 3261 section 20.4).
    pub alert_info: Option<Arc<str>>,
    /// Call-Info (RFC 3261 section 20.9).
    pub call_info: Option<Arc<str>>,
}

/// Where a phone can be rung.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// How the driver finds it again.
    pub binding: Binding,
    /// Its preference in thousandths (`q` of its Contact): those of a higher one ring first.
    pub preference: u16,
}

/// A registered contact of a phone, as the driver numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Binding(pub u64);

/// Somebody that an INVITE goes to.
#[derive(Clone, PartialEq, Eq)]
pub enum Callee {
    /// One contact of a phone.
    Phone {
        /// Whose.
        device: DeviceId,
        /// Which.
        binding: Binding,
    },
    /// A trunk, at one of its addresses.
    Trunk {
        /// Which.
        trunk: TrunkId,
        /// Where.
        address: SocketAddr,
    },
}

/// Who has limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limited {
    /// An account.
    Account(AccountId),
    /// A phone.
    Device(DeviceId),
    /// A trunk.
    Trunk(TrunkId),
}

/// A limit, as the directory calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bound {
    /// Calls at one time, in both directions together.
    Calls,
    /// Outgoing calls at one time.
    OutgoingCalls,
    /// Incoming calls at one time.
    IncomingCalls,
    /// New calls in a second.
    CallsPerSecond,
}

impl Bound {
    /// The directory's word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::OutgoingCalls => "outgoing_calls",
            Self::IncomingCalls => "incoming_calls",
            Self::CallsPerSecond => "calls_per_second",
        }
    }
}

/// What an account, a phone or a trunk may have; `None` sets no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Calls at one time, in both directions together.
    pub calls: Option<u32>,
    /// Outgoing calls at one time.
    pub outgoing_calls: Option<u32>,
    /// Incoming calls at one time.
    pub incoming_calls: Option<u32>,
    /// New calls in a second, in both directions together.
    pub calls_per_second: Option<u32>,
    /// How long a call may last from its answer.
    pub max_call_length: Option<Duration>,
}

/// Why media cannot be passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unpassable {
    /// The description makes no sense.
    Description,
    /// Every port is in use.
    NoRoom,
    /// The system does not give what is needed.
    Failed,
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phones { owner, devices, .. } => {
                let mut shown = f.debug_struct("Phones");
                shown.field("owner", owner).field("devices", devices).finish_non_exhaustive()
            }
            Self::Trunks(hops) => f.debug_tuple("Trunks").field(hops).finish(),
        }
    }
}

impl fmt::Debug for TrunkHop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrunkHop")
            .field("trunk", &self.trunk)
            .field("owner", &self.owner)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Phone").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl fmt::Debug for Callee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phone { device, binding } => write!(f, "Phone({device}, {})", binding.0),
            Self::Trunk { trunk, .. } => write!(f, "Trunk({trunk})"),
        }
    }
}
