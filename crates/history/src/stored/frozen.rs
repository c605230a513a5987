//! Lets a field of any type of the crate `call` be written and read by `#[serde(with = "frozen")]`.

use std::{sync::Arc, time::Duration};

use call::{
    AccountId, CallId, CenterId, CustomerId, DeviceId, LegId, Number, Timestamp, TrunkId, UserId,
    rating::Rate,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use uuid::Uuid;

use super::{annotation, event, part, record};

/// A type with one fixed form on disk.
pub(super) trait Frozen: Sized {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// For `#[serde(with = "frozen")]`.
pub(super) fn serialize<T: Frozen, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.write(serializer)
}

/// For `#[serde(with = "frozen")]`.
pub(super) fn deserialize<'de, T: Frozen, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::read(deserializer)
}

/// A value to be written.
pub(super) struct Write<'a, T>(pub &'a T);

/// Values to be written as a list.
pub(super) struct WriteAll<'a, T>(pub &'a [&'a T]);

/// A value that was read.
pub(super) struct Read<T>(pub T);

impl<T: Frozen> Serialize for Write<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

impl<T: Frozen> Serialize for WriteAll<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|value| Write(*value)))
    }
}

impl<'de, T: Frozen> Deserialize<'de> for Read<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

impl<T: Frozen> Frozen for Option<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_ref().map(Write).serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<Read<T>>::deserialize(deserializer).map(|value| value.map(|value| value.0))
    }
}

impl<T: Frozen> Frozen for Vec<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Write))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = Vec::<Read<T>>::deserialize(deserializer)?;
        Ok(values.into_iter().map(|value| value.0).collect())
    }
}

impl Frozen for Arc<str> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

impl Frozen for Number {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

impl Frozen for Timestamp {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.as_micros())
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(Self::from_micros)
    }
}

/// In microseconds.
impl Frozen for Duration {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(self.as_micros()).unwrap_or(u64::MAX))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(Self::from_micros)
    }
}

impl Frozen for Decimal {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom("not a decimal"))
    }
}

/// As text where people can read the rest, as sixteen bytes where not.
macro_rules! uuid_ids {
    ($($id:ident),*) => { $(
        impl Frozen for $id {
            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.as_uuid().serialize(serializer)
            }

            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Uuid::deserialize(deserializer).map(Self::from_uuid)
            }
        }
    )* };
}

macro_rules! small_ids {
    ($($id:ident),*) => { $(
        impl Frozen for $id {
            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_u32(self.0)
            }

            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                u32::deserialize(deserializer).map(Self)
            }
        }
    )* };
}

/// Types whose stored form a mirror describes.
macro_rules! mirrored {
    ($($type:ty as $mirror:ty),* $(,)?) => { $(
        impl Frozen for $type {
            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                <$mirror>::serialize(self, serializer)
            }

            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$mirror>::deserialize(deserializer)
            }
        }
    )* };
}

/// The same, shared.
macro_rules! shared {
    ($($type:ty),* $(,)?) => { $(
        impl Frozen for Arc<$type> {
            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                (**self).write(serializer)
            }

            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$type>::read(deserializer).map(Self::new)
            }
        }
    )* };
}

uuid_ids!(CallId, LegId);
small_ids!(AccountId, CenterId, CustomerId, DeviceId, TrunkId, UserId);

mirrored! {
    Rate as part::RateV1,
    call::party::Endpoint as part::EndpointV1,
    call::party::Transport as part::TransportV1,
    call::encryption::MediaEncryption as part::MediaEncryptionV1,
    call::encryption::KeyExchange as part::KeyExchangeV1,
    call::quality::LegQuality as part::LegQualityV1,
    call::encryption::CryptoSuite as part::CryptoSuiteV1,
    call::event::Side as part::SideV1,
    call::event::LegDirection as part::LegDirectionV1,
    call::event::EndCause as part::EndCauseV1,
    call::CallEvent as event::StoredEventV1,
    call::EventKind as event::EventKindV1,
    call::event::CallStarted as event::CallStartedV1,
    call::event::Origin as event::OriginV1,
    call::event::CallRouted as event::CallRoutedV1,
    call::event::LegOffer as event::LegOfferV1,
    call::event::LegRoute as event::LegRouteV1,
    call::party::CallerIdentity as part::CallerIdentityV1,
    call::party::SipFacts as event::SipFactsV1,
    call::event::TransferTarget as event::TransferTargetV1,
    call::event::TransferMode as event::TransferModeV1,
    call::event::LegEnd as event::LegEndV1,
    call::event::Releaser as event::ReleaserV1,
    call::CallRecord as record::StoredRecordV1,
    call::record::ReleasedBy as record::ReleasedByV1,
    call::record::LegFacts as record::LegFactsV1,
    call::record::TransferredTo as record::TransferredToV1,
    call::record::Interaction as record::InteractionV1,
    call::record::InteractionKind as record::InteractionKindV1,
    call::record::LegRecord as record::LegRecordV1,
    call::record::Part as record::PartV1,
    call::state::Sides as record::SidesV1,
    call::record::Recording as record::RecordingV1,
    call::record::Transfer as record::TransferV1,
    call::command::RecordingKind as part::RecordingKindV1,
    crate::annotations::WorkEdit as annotation::WorkEditV1,
}

shared! {
    call::event::CallStarted,
    call::event::CallRouted,
    call::event::LegOffer,
    call::event::LegRoute,
    call::party::CallerIdentity,
    call::quality::LegQuality,
    call::event::TransferTarget,
}
