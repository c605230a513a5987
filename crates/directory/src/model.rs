//! The directory's entries. Plain data; how they refer to one another is checked when a file is applied.

mod calling;
mod encryption;
mod hidden;
mod invoice;
mod money;
mod numberlist;
mod payment;
mod profile;
mod ring;
mod scope;
mod service;
mod spending;
mod way;
mod webhook;

use std::{fmt, sync::Arc, time::Duration};

use call::{
    AccountId, CenterId, CustomerId, DeviceId, Number, TrunkId, UserId,
    party::{Owner, Transport},
};
use ipnet::IpNet;
use uuid::Uuid;

pub use calling::{CallingRules, Forbidden, Hours};
pub use encryption::Encryption;
pub use hidden::HiddenFields;
pub use invoice::{Invoice, InvoiceLine, InvoiceSum, Span};
pub use money::{Billing, PlanRate, RatePlan};
pub use numberlist::{
    Numberlist, NumberlistAction, NumberlistId, NumberlistItem, NumberlistItemId, NumberlistMode,
};
pub use payment::Payment;
pub use profile::{Profile, ProfileId};
pub use ring::{RingRule, RingSource, RingingCall};
pub use scope::{Area, Scope};
pub use service::{RenewPeriod, Service, ServiceCharge};
pub use spending::{SpendingLimit, SpendingLimits, Spent};
pub use way::Ways;
pub(crate) use way::allows_network;
use way::allows_transport;
pub use webhook::{SigningSecret, Webhook, WebhookFormat};

/// The tenant.
#[derive(Clone, PartialEq)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// Its name, unique.
    pub name: Arc<str>,
    /// How long its calls and recordings are kept, where that is not as for all.
    pub keep: KeepDays,
    /// What of its calls it is not shown.
    pub hidden: HiddenFields,
}

/// How long something is kept: days after that of the call, 0 for ever; `None` as for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeepDays {
    /// Its calls.
    pub calls: Option<u32>,
    /// Its recordings, which are kept no longer than their calls.
    pub recordings: Option<u32>,
}

/// An account of a customer.
#[derive(Clone, PartialEq)]
pub struct Account {
    /// Its id, unique; given in the file.
    pub id: AccountId,
    /// Its other id, unique; given in the file or made from `id`.
    pub uuid: Uuid,
    /// The tenant.
    pub customer: CustomerId,
    /// The center that it sits in.
    pub center: Option<CenterId>,
    /// Its name.
    pub name: Arc<str>,
    /// Bounds of its calls. The outgoing ones are those that it sends into the switch.
    pub limits: Limits,
    /// Its money and its prices.
    pub billing: Billing,
    /// Where and when its calls may go to the outside.
    pub calling: CallingRules,
    /// How its phones ring, where their own rules do not say: the first rule that a call fits counts.
    pub rings: Vec<RingRule>,
}

impl Account {
    /// The account as the owner of legs and sides of calls.
    pub fn owner(&self) -> Owner {
        Owner { customer: self.customer, account: self.id, center: self.center }
    }
}

/// A place where calls of several accounts are answered.
#[derive(Clone, PartialEq)]
pub struct Center {
    /// Its id.
    pub id: CenterId,
    /// The tenant.
    pub customer: CustomerId,
    /// Its name, unique in the customer.
    pub name: Arc<str>,
}

/// A person who logs in.
#[derive(Clone, PartialEq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// The tenant.
    pub customer: CustomerId,
    /// Their login, unique over all customers.
    pub login: Arc<str>,
    /// Their password as an argon2id PHC string.
    pub password_hash: Arc<str>,
    /// Their name.
    pub name: Arc<str>,
    /// What they may do.
    pub role: Role,
    /// The accounts they may see; empty = all of the customer.
    pub accounts: Vec<AccountId>,
    /// The centers they may see; empty = all of the customer.
    pub centers: Vec<CenterId>,
    /// The networks they may come from; empty = all.
    pub networks: Vec<IpNet>,
    /// Their own extension.
    pub extension: Option<(AccountId, Number)>,
    /// What portals let them do.
    pub profile: ProfileId,
    /// What of the APIs and the console they may use.
    pub scope: Scope,
}

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Everything in their accounts.
    Manager,
    /// Read call records and live calls.
    Viewer,
    /// A client's own login: may not use the call-records API.
    Client,
}

/// A program that asks for tokens (an OAuth 2 client).
#[derive(Clone, PartialEq)]
pub struct Application {
    /// What it calls itself, unique.
    pub client_id: Arc<str>,
    /// The account that its tokens are for.
    pub account: AccountId,
    /// Its name, as people who sign in see it.
    pub name: Arc<str>,
    /// SHA-256 of its secret, lower-case hex; `None` if it can keep none (RFC 6749 section 2.1).
    pub secret_sha256: Option<Arc<str>>,
    /// Where people may be sent back to after signing in.
    pub redirect_uris: Vec<Arc<str>>,
    /// What its tokens may be for, at most.
    pub scope: Scope,
}

/// A phone.
#[derive(Clone, PartialEq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// The account.
    pub account: AccountId,
    /// Its MAC address.
    pub mac: [u8; 6],
    /// The user part of its address of record, unique.
    pub sip_user: Arc<str>,
    /// Digest HA1 of its secret, MD5, lower-case hex (RFC 7616).
    pub ha1_md5: Arc<str>,
    /// Digest HA1 of its secret, SHA-256, lower-case hex (RFC 7616).
    pub ha1_sha256: Arc<str>,
    /// The number that its calls show, if not its extension.
    pub caller_id: Option<Number>,
    /// The name that its calls show.
    pub caller_name: Option<Arc<str>>,
    /// What its calls may cost, within what those of the account may.
    pub spending: SpendingLimits,
    /// Bounds of its calls, within those of the account. The outgoing ones are those that it sends.
    pub limits: Limits,
    /// From where, and by what, it may come.
    pub ways: Ways,
    /// How it rings: the first rule that a call fits counts, before those of the account.
    pub rings: Vec<RingRule>,
    /// Whether its media are encrypted; `None` as for all.
    pub encryption: Option<Encryption>,
}

/// What a caller dials inside an account.
#[derive(Clone, PartialEq)]
pub struct Extension {
    /// The account.
    pub account: AccountId,
    /// The number, unique in the account.
    pub number: Number,
    /// Its name: the person or place that answers.
    pub name: Option<Arc<str>>,
    /// The phones that ring.
    pub devices: Vec<DeviceId>,
}

/// An outside number owned by an account.
#[derive(Clone, PartialEq)]
pub struct DidNumber {
    /// The number, `+` and digits, unique.
    pub number: Number,
    /// The account.
    pub account: AccountId,
    /// The extension of the account that it rings.
    pub extension: Number,
    /// Text shown to whoever answers.
    pub screen_pop: Option<Arc<str>>,
}

/// A SIP peer that carries calls to or from the network.
#[derive(Clone, PartialEq)]
pub struct Trunk {
    /// Its id.
    pub id: TrunkId,
    /// The carrier's account.
    pub account: AccountId,
    /// Its name, unique.
    pub name: Arc<str>,
    /// Where calls are sent: host or address.
    pub host: Arc<str>,
    /// The port there.
    pub port: u16,
    /// What carries SIP there.
    pub transport: Transport,
    /// Where calls come from.
    pub sources: Vec<TrunkSource>,
    /// All that may carry calls from there; any transport if empty.
    pub accepted_transports: Vec<Transport>,
    /// Which numbers it carries.
    pub routes: Vec<PrefixRoute>,
    /// Whether calls that come from it may leave by another trunk.
    pub transit: bool,
    /// Customers whose calls it carries; empty = all.
    pub customers: Vec<CustomerId>,
    /// Bounds of its calls. The outgoing ones are those that leave by it.
    pub limits: Limits,
    /// What it is shown when it asks who we are.
    pub auth: Option<TrunkAuth>,
    /// How long each of our registrations at it shall last; `None` = we do not register.
    pub registration: Option<Duration>,
    /// How often it is asked whether it is there; `None` = never.
    pub probe: Option<Duration>,
    /// How it and we tell each other who really calls.
    pub identity: TrunkIdentity,
    /// Whether its media are encrypted; `None` as for all.
    pub encryption: Option<Encryption>,
}

impl Trunk {
    /// Whether what comes from its sources by a transport is its own.
    pub fn accepts(&self, transport: Transport) -> bool {
        allows_transport(&self.accepted_transports, transport)
    }
}

/// How a trunk and we tell each other who calls when From does not: only a trunk that is trusted to keep it to
/// itself is told, and only such a one is believed (RFC 3325 section 5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrunkIdentity {
    /// It is not trusted: From is all that it is told, and all that it is believed.
    #[default]
    None,
    /// By `P-Asserted-Identity` (RFC 3325).
    Asserted,
    /// By `Remote-Party-ID` (draft-ietf-sip-privacy-04), as older switches do.
    RemoteParty,
}

/// What we log in to a trunk with. Digests alone are kept, so the realm must be known beforehand.
#[derive(Clone, PartialEq, Eq)]
pub struct TrunkAuth {
    /// The user.
    pub user: Arc<str>,
    /// The realm that the trunk's challenges name.
    pub realm: Arc<str>,
    /// Digest HA1 of the password, MD5, lower-case hex (RFC 7616).
    pub ha1_md5: Arc<str>,
    /// Digest HA1 of the password, SHA-256, lower-case hex (RFC 7616).
    pub ha1_sha256: Arc<str>,
}

/// Bounds of the calls of an account, a phone or a trunk. What is absent has no bound.
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
    /// How long a call may last from its answer, in whole seconds.
    pub max_call_length: Option<Duration>,
}

/// Where a trunk's calls come from: a network, at one port or any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrunkSource {
    /// The network.
    pub net: IpNet,
    /// The port; any if absent.
    pub port: Option<u16>,
}

/// A prefix that a trunk carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixRoute {
    /// Digits that the called number begins with, without `+`; empty = every number.
    pub prefix: String,
    /// Among routes with equally long prefixes, lower goes first.
    pub priority: u16,
    /// Digits taken off the front of the number.
    pub strip: u8,
    /// Text put in front then.
    pub prepend: String,
}

/// Shows the ids of entries alone: their names, numbers and secrets are not for the log.
macro_rules! shown_by_id {
    ($($entry:ident: $id:ident),* $(,)?) => {$(
        impl fmt::Debug for $entry {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($entry)).field(stringify!($id), &self.$id).finish_non_exhaustive()
            }
        }
    )*};
}

impl fmt::Debug for TrunkAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TrunkAuth(…)")
    }
}

shown_by_id! {
    Customer: id,
    Account: id,
    Center: id,
    User: id,
    Application: account,
    Device: id,
    Extension: account,
    DidNumber: account,
    Trunk: id,
    Webhook: account,
}
