//! `outgoing-active-calls` (contract yeti.md, 6.6).

use std::net::IpAddr;

use directory::model::HiddenFields;
use serde::{Serialize, Serializer, ser::Error};
use serde_json::Value;

use super::attribute::DecimalWire;

/// The calls that an account sends at this moment.
#[derive(Debug, Serialize)]
pub struct OutgoingCallsWire<C> {
    /// The calls, newest first.
    pub data: Vec<C>,
    /// How many calls.
    pub rows: usize,
}

/// A call without what the client is not shown of it.
#[derive(Debug)]
pub struct ShownCallWire<'a> {
    /// The call.
    pub call: OutgoingCallWire<'a>,
    /// What is left out, by the names of `cdrs`.
    pub hidden: &'a HiddenFields,
}

impl Serialize for ShownCallWire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.hidden.is_empty() {
            return self.call.serialize(serializer);
        }
        let members = serde_json::to_value(&self.call).map_err(S::Error::custom)?;
        let is_shown = |(name, _): &(&String, &Value)| !self.hidden.has(&name.replace('_', "-"));
        serializer.collect_map(members.as_object().into_iter().flatten().filter(is_shown))
    }
}

/// A call. Times are in UTC, as in `2025-12-18 15:38:34`.
#[derive(Debug, Serialize)]
pub struct OutgoingCallWire<'a> {
    /// The present.
    pub snapshot_timestamp: String,
    /// When it was accepted.
    pub start_time: String,
    /// When it was answered.
    pub connect_time: Option<String>,
    /// The number prefix whose rate applies.
    pub destination_prefix: Option<&'a str>,
    /// Seconds of the first billing step.
    pub destination_initial_interval: Option<u64>,
    /// Price per minute in the first step.
    pub destination_initial_rate: Option<DecimalWire>,
    /// Seconds of each later step.
    pub destination_next_interval: Option<u64>,
    /// Price per minute later.
    pub destination_next_rate: Option<DecimalWire>,
    /// Price of an answered call as such.
    pub destination_fee: Option<DecimalWire>,
    /// The caller's name.
    pub src_name_in: Option<&'a str>,
    /// The caller's number as received.
    pub src_prefix_in: &'a str,
    /// The number as dialed.
    pub dst_prefix_in: &'a str,
    /// The caller's number as used for routing.
    pub src_prefix_routing: &'a str,
    /// The called number as used for routing.
    pub dst_prefix_routing: &'a str,
    /// Host of the From URI.
    pub from_domain: Option<&'a str>,
    /// Host of the To URI.
    pub to_domain: Option<&'a str>,
    /// Host of the request URI.
    pub ruri_domain: Option<&'a str>,
    /// `Diversion` headers, comma-joined.
    pub diversion_in: Option<&'a str>,
    /// `P-Asserted-Identity` headers, comma-joined.
    pub pai_in: Option<&'a str>,
    /// `P-Preferred-Identity` headers, comma-joined.
    pub ppi_in: Option<&'a str>,
    /// `Privacy` headers, comma-joined.
    pub privacy_in: Option<&'a str>,
    /// `Remote-Party-ID` headers, comma-joined.
    pub rpid_in: Option<&'a str>,
    /// `RPID-Privacy` headers, comma-joined.
    pub rpid_privacy_in: Option<&'a str>,
    /// What carried SIP: 1 UDP, 2 TCP, 3 TLS, 5 WebSocket.
    pub auth_orig_transport_protocol_id: Option<i8>,
    /// Address that the call came from.
    pub auth_orig_ip: Option<IpAddr>,
    /// Port that the call came from.
    pub auth_orig_port: Option<u16>,
}
