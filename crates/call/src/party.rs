//! Who and what a leg is connected to: owner, endpoint, and what SIP said.

use std::{fmt, net::SocketAddr, sync::Arc};

use crate::id::{AccountId, CenterId, CustomerId, DeviceId, TrunkId};

/// The account that a leg or one side of a call belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Owner {
    /// The tenant.
    pub customer: CustomerId,
    /// The account.
    pub account: AccountId,
    /// The center that the account sits in, if any.
    pub center: Option<CenterId>,
}

/// The equipment at the far end of a leg.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// A phone.
    Device {
        /// The phone's id.
        id: DeviceId,
        /// Who answers there: the person of its extension, else the extension, else the SIP user.
        name: Arc<str>,
    },
    /// A SIP peer.
    Trunk {
        /// The trunk's id.
        id: TrunkId,
        /// Its name in the directory.
        name: Arc<str>,
    },
}

impl Endpoint {
    /// Its name in the directory.
    pub fn name(&self) -> &str {
        match self {
            Self::Device { name, .. } | Self::Trunk { name, .. } => name,
        }
    }

    /// The phone, if it is one.
    pub fn device(&self) -> Option<DeviceId> {
        match self {
            Self::Device { id, .. } => Some(*id),
            Self::Trunk { .. } => None,
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device { id, .. } => write!(f, "Device({id})"),
            Self::Trunk { id, .. } => write!(f, "Trunk({id})"),
        }
    }
}

/// What carries SIP to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
    /// WebSocket, plain or over TLS.
    Ws,
}

impl Transport {
    /// Its number where records are tested and sorted by it; the numbers of the Yeti dialect are the same.
    pub const fn number(self) -> i8 {
        match self {
            Self::Udp => 1,
            Self::Tcp => 2,
            Self::Tls => 3,
            Self::Ws => 5,
        }
    }
}

/// What SIP said when a leg was set up. All texts are as received or as sent.
#[derive(Clone, PartialEq, Eq)]
pub struct SipFacts {
    /// The Call-ID header of the leg's dialog (never the call's id).
    pub sip_call_id: Arc<str>,
    /// Our tag in the leg's dialog.
    pub local_tag: Arc<str>,
    /// Where the INVITE came from, or went to.
    pub address: SocketAddr,
    /// What carried it.
    pub transport: Transport,
    /// The peer's `User-Agent` or `Server` header, once known.
    pub user_agent: Option<Arc<str>>,
    /// Host of the From URI.
    pub from_domain: Arc<str>,
    /// Host of the To URI.
    pub to_domain: Arc<str>,
    /// Host of the request URI.
    pub ruri_domain: Arc<str>,
    /// `Diversion` headers, comma-joined.
    pub diversion: Option<Arc<str>>,
    /// What its INVITE says of the caller besides From; absent if it says nothing.
    pub identity: Option<Arc<CallerIdentity>>,
}

/// What an INVITE says of the caller besides From. Headers that come more than once are comma-joined.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CallerIdentity {
    /// `P-Asserted-Identity` (RFC 3325 section 9.1).
    pub asserted: Option<Arc<str>>,
    /// `P-Preferred-Identity` (RFC 3325 section 9.2).
    pub preferred: Option<Arc<str>>,
    /// `Privacy` (RFC 3323 section 4.2).
    pub privacy: Option<Arc<str>>,
    /// `Remote-Party-ID` (draft-ietf-sip-privacy-04 section 5).
    pub remote_party: Option<Arc<str>>,
    /// `RPID-Privacy` (draft-ietf-sip-privacy-04 section 5.1).
    pub remote_party_privacy: Option<Arc<str>>,
}

impl CallerIdentity {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Debug for CallerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallerIdentity(…)")
    }
}

impl fmt::Debug for SipFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SipFacts").field("transport", &self.transport).finish_non_exhaustive()
    }
}
