//! What the directory, the registrations and the relay say, in the words of the machine.

use std::hash::{DefaultHasher, Hash, Hasher};

use b2bua::{
    message::Origin,
    world::{Destination, Limits, TrunkHop, Unpassable, Unroutable, Via},
};
use call::Number;
use directory::{Snapshot, model, routing};

use crate::{
    media::MediaError,
    registrar::Binding,
    sounds::{SoundError, UrlError},
};

/// Why a sound cannot be played.
pub(in crate::driver) fn unplayable(error: &SoundError) -> &'static str {
    match error {
        SoundError::Url(UrlError::Malformed) => "the URL is not an absolute http or https URL",
        SoundError::Url(UrlError::Private) => "the URL leads to an address that is not public",
        SoundError::Unknown => "there is no such sound",
        SoundError::Read(_) => "the sound cannot be read",
        SoundError::TooLarge => "the sound is larger than is played",
        SoundError::Wav(_) => "the sound is no WAV file of 8 or 16 kHz with PCM of 16 bits or G.711",
        SoundError::Fetch(_) => "the sound cannot be fetched from its URL",
    }
}

pub(in crate::driver) const fn via(via: routing::Via) -> Via {
    match via {
        routing::Via::Device(device) => Via::Device(device),
        routing::Via::Trunk(id) => Via::Trunk(id),
    }
}

pub(super) const fn back(via: Via) -> routing::Via {
    match via {
        Via::Device(device) => routing::Via::Device(device),
        Via::Trunk(id) => routing::Via::Trunk(id),
    }
}

pub(super) const fn source(origin: Origin) -> model::RingSource {
    match origin {
        Origin::Internal => model::RingSource::Inside,
        Origin::External => model::RingSource::Outside,
    }
}

pub(super) fn unroutable(why: routing::Unroutable) -> Unroutable {
    match why {
        routing::Unroutable::Unknown => Unroutable::Unknown,
        routing::Unroutable::Refused(_) => Unroutable::Refused,
    }
}

pub(super) fn destination(found: routing::Destination) -> Destination {
    match found {
        routing::Destination::Phones { owner, extension, devices, screen_pop } => {
            Destination::Phones { owner, extension, devices, screen_pop }
        }
        routing::Destination::Trunks(hops) => Destination::Trunks(hops.into_iter().map(hop).collect()),
    }
}

fn hop(hop: routing::TrunkHop) -> TrunkHop {
    let routing::TrunkHop { trunk, name, owner, called } = hop;
    TrunkHop { trunk, name, owner, called }
}

pub(super) fn told(limits: model::Limits) -> Limits {
    let model::Limits { calls, outgoing_calls, incoming_calls, calls_per_second, max_call_length } = limits;
    Limits { calls, outgoing_calls, incoming_calls, calls_per_second, max_call_length }
}

pub(super) fn unpassable(error: MediaError) -> Unpassable {
    match error {
        MediaError::Description(_) => Unpassable::Description,
        MediaError::PortsUsedUp | MediaError::AccountHasItsShare { .. } | MediaError::FilesUsedUp => {
            Unpassable::NoRoom
        }
        MediaError::NoPorts { .. }
        | MediaError::System { .. }
        | MediaError::Identity(_)
        | MediaError::NoVoice
        | MediaError::NoKeys => Unpassable::Failed,
    }
}

pub(super) fn extension_of(directory: &Snapshot, device: &model::Device) -> Number {
    let extension = directory.extension_of_device(device.id);
    extension.map_or_else(|| Number::from(&*device.sip_user), |extension| extension.number.clone())
}

/// The number of a contact: the same for as long as it is registered.
pub(super) fn number(binding: &Binding) -> b2bua::world::Binding {
    let mut hasher = DefaultHasher::new();
    (&binding.contact, binding.flow.peer).hash(&mut hasher);
    b2bua::world::Binding(hasher.finish())
}
