//! What events and records have in common.

use std::{sync::Arc, time::Duration};

use call::{
    AccountId, CenterId, CustomerId, DeviceId, TrunkId,
    event::{EndCause, LegDirection, Side, SipStatus},
    party::{Endpoint, Owner, Transport},
    rating::Rate,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::frozen;

#[derive(Serialize, Deserialize)]
#[serde(remote = "Owner")]
pub(super) struct OwnerV1 {
    #[serde(with = "frozen")]
    customer: CustomerId,
    #[serde(with = "frozen")]
    account: AccountId,
    #[serde(with = "frozen", default, skip_serializing_if = "Option::is_none")]
    center: Option<CenterId>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Endpoint", rename_all = "snake_case")]
pub(super) enum EndpointV1 {
    Device {
        #[serde(with = "frozen")]
        id: DeviceId,
        #[serde(with = "frozen")]
        name: Arc<str>,
    },
    Trunk {
        #[serde(with = "frozen")]
        id: TrunkId,
        #[serde(with = "frozen")]
        name: Arc<str>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Transport", rename_all = "snake_case")]
pub(super) enum TransportV1 {
    Udp,
    Tcp,
    Tls,
    Ws,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Side", rename_all = "snake_case")]
pub(super) enum SideV1 {
    Origination,
    Termination,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "LegDirection", rename_all = "snake_case")]
pub(super) enum LegDirectionV1 {
    Incoming,
    Outgoing,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "EndCause", rename_all = "snake_case")]
pub(super) enum EndCauseV1 {
    Normal,
    Busy,
    NoAnswer,
    Cancelled,
    Rejected,
    NoRoute,
    Unavailable,
    AnsweredElsewhere,
    Transferred,
    Limit,
    Failed,
    Interrupted,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "SipStatus")]
pub(super) struct SipStatusV1 {
    code: u16,
    #[serde(with = "frozen")]
    reason: Arc<str>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Rate")]
pub(super) struct RateV1 {
    prefix: String,
    #[serde(with = "frozen")]
    initial_interval: Duration,
    #[serde(with = "frozen")]
    initial_rate: Decimal,
    #[serde(with = "frozen")]
    next_interval: Duration,
    #[serde(with = "frozen")]
    next_rate: Decimal,
    #[serde(with = "frozen")]
    fee: Decimal,
    #[serde(with = "frozen")]
    vat: Decimal,
}
