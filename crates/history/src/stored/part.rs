//! What events and records have in common.

use std::{sync::Arc, time::Duration};

use call::{
    AccountId, CenterId, CustomerId, DeviceId, TrunkId,
    command::RecordingKind,
    encryption::{CryptoSuite, KeyExchange, MediaEncryption},
    event::{Digit, EndCause, LegDirection, Side, SipStatus},
    party::{CallerIdentity, Endpoint, Owner, Transport},
    quality::{LegQuality, StreamQuality},
    rating::Rate,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::frozen::{self, Frozen};

/// `[customer, account, center]`
impl Frozen for Owner {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.customer.0, self.account.0, self.center.map(|center| center.0)).serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (customer, account, center) = <(u32, u32, Option<u32>)>::deserialize(deserializer)?;
        Ok(Self { customer: CustomerId(customer), account: AccountId(account), center: center.map(CenterId) })
    }
}

impl Frozen for Digit {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        char::deserialize(deserializer).map(Self)
    }
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
#[serde(remote = "RecordingKind", rename_all = "snake_case")]
pub(super) enum RecordingKindV1 {
    Standing,
    OnDemand,
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
#[serde(remote = "MediaEncryption")]
pub(super) struct MediaEncryptionV1 {
    #[serde(rename = "x", with = "frozen")]
    exchange: KeyExchange,
    #[serde(rename = "s", with = "frozen")]
    suite: CryptoSuite,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "LegQuality")]
pub(super) struct LegQualityV1 {
    #[serde(rename = "r", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    received: Option<StreamQuality>,
    #[serde(rename = "s", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    sent: Option<StreamQuality>,
    #[serde(rename = "t", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    round_trip: Option<Duration>,
}

/// `[packets, lost, jitter in microseconds]`
impl Frozen for StreamQuality {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let jitter = u64::try_from(self.jitter.as_micros()).unwrap_or(u64::MAX);
        (self.packets, self.lost, jitter).serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (packets, lost, jitter) = Deserialize::deserialize(deserializer)?;
        Ok(Self { packets, lost, jitter: Duration::from_micros(jitter) })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "KeyExchange", rename_all = "snake_case")]
pub(super) enum KeyExchangeV1 {
    Sdes,
    Dtls,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "CryptoSuite")]
pub(super) enum CryptoSuiteV1 {
    #[serde(rename = "AES_CM_128_HMAC_SHA1_80")]
    AesCm128HmacSha1_80,
    #[serde(rename = "AES_CM_128_HMAC_SHA1_32")]
    AesCm128HmacSha1_32,
    #[serde(rename = "AEAD_AES_128_GCM")]
    AeadAes128Gcm,
    #[serde(rename = "AEAD_AES_256_GCM")]
    AeadAes256Gcm,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Side")]
pub(super) enum SideV1 {
    #[serde(rename = "o")]
    Origination,
    #[serde(rename = "t")]
    Termination,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "LegDirection")]
pub(super) enum LegDirectionV1 {
    #[serde(rename = "in")]
    Incoming,
    #[serde(rename = "out")]
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

/// `[code, reason]`
impl Frozen for SipStatus {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.code, &*self.reason).serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (code, reason) = <(u16, String)>::deserialize(deserializer)?;
        Ok(Self { code, reason: reason.into() })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Rate")]
pub(super) struct RateV1 {
    #[serde(rename = "p")]
    prefix: String,
    #[serde(rename = "ii", with = "frozen")]
    initial_interval: Duration,
    #[serde(rename = "ir", with = "frozen")]
    initial_rate: Decimal,
    #[serde(rename = "ni", with = "frozen")]
    next_interval: Duration,
    #[serde(rename = "nr", with = "frozen")]
    next_rate: Decimal,
    #[serde(rename = "f", with = "frozen")]
    fee: Decimal,
    #[serde(rename = "af", with = "frozen", default, skip_serializing_if = "Decimal::is_zero")]
    attempt_fee: Decimal,
    #[serde(rename = "v", with = "frozen")]
    vat: Decimal,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "CallerIdentity")]
pub(super) struct CallerIdentityV1 {
    #[serde(rename = "a", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    asserted: Option<Arc<str>>,
    #[serde(rename = "p", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    preferred: Option<Arc<str>>,
    #[serde(rename = "v", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    privacy: Option<Arc<str>>,
    #[serde(rename = "r", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    remote_party: Option<Arc<str>>,
    #[serde(rename = "rv", with = "frozen", default, skip_serializing_if = "Option::is_none")]
    remote_party_privacy: Option<Arc<str>>,
}
