//! A call that goes on, as it is sent.

use call::{Timestamp, state::Call};

use crate::{
    convert,
    wire::{attribute::DecimalWire, outgoing_call::OutgoingCallWire},
};

/// The call at the instant `now`. Before it is routed, its numbers are those received.
pub(super) fn call(call: &Call, now: Timestamp) -> OutgoingCallWire<'_> {
    let (started, routed) = (call.started(), call.routed());
    let rate = routed.and_then(|routed| routed.origination_rate.as_ref());
    let sip = call.caller_leg().and_then(|leg| leg.offer.sip.as_ref());
    let identity = sip.and_then(|sip| sip.identity.as_deref());
    OutgoingCallWire {
        snapshot_timestamp: time(now),
        start_time: time(call.started_at()),
        connect_time: call.answered_at().map(time),
        destination_prefix: rate.map(|rate| rate.prefix.as_str()),
        destination_initial_interval: rate.map(|rate| rate.initial_interval.as_secs()),
        destination_initial_rate: rate.map(|rate| DecimalWire(rate.initial_rate)),
        destination_next_interval: rate.map(|rate| rate.next_interval.as_secs()),
        destination_next_rate: rate.map(|rate| DecimalWire(rate.next_rate)),
        destination_fee: rate.map(|rate| DecimalWire(rate.fee)),
        src_name_in: started.caller_name.as_deref(),
        src_prefix_in: started.caller.as_str(),
        dst_prefix_in: started.dialed.as_str(),
        src_prefix_routing: routed.map_or(&started.caller, |routed| &routed.caller).as_str(),
        dst_prefix_routing: routed.map_or(&started.dialed, |routed| &routed.called).as_str(),
        from_domain: sip.map(|sip| &*sip.from_domain),
        to_domain: sip.map(|sip| &*sip.to_domain),
        ruri_domain: sip.map(|sip| &*sip.ruri_domain),
        diversion_in: sip.and_then(|sip| sip.diversion.as_deref()),
        pai_in: identity.and_then(|identity| identity.asserted.as_deref()),
        ppi_in: identity.and_then(|identity| identity.preferred.as_deref()),
        privacy_in: identity.and_then(|identity| identity.privacy.as_deref()),
        rpid_in: identity.and_then(|identity| identity.remote_party.as_deref()),
        rpid_privacy_in: identity.and_then(|identity| identity.remote_party_privacy.as_deref()),
        auth_orig_transport_protocol_id: sip.map(|sip| sip.transport.number()),
        auth_orig_ip: sip.map(|sip| sip.address.ip().to_canonical()),
        auth_orig_port: sip.map(|sip| sip.address.port()),
    }
}

/// Date and time in UTC, whole seconds.
fn time(at: Timestamp) -> String {
    convert::utc(at).strftime("%F %T").to_string()
}
