//! A record as an entry of the call logs.

use call::{
    AccountId, CallRecord, CustomerId,
    event::Side,
    record::{Disposition, LegRecord},
    time::whole_seconds,
};
use directory::{Snapshot, mac::Dashed, model::Device};
use http_core::time::in_zone;
use jiff::tz::TimeZone;

use super::{
    query::DATE,
    wire::{CallLogDirectionWire, CallLogResultWire, CallLogWire},
};

/// What is known of a phone of the customer's own.
#[derive(Default)]
struct Phone {
    device_name: Option<String>,
    full_name: Option<String>,
    user: Option<String>,
    sip_id: Option<String>,
    extension: Option<String>,
}

/// Shows records to an account.
pub struct Viewer<'a> {
    /// Says what phones and people are called.
    pub directory: &'a Snapshot,
    /// The account.
    pub account: AccountId,
    /// Its customer.
    pub customer: CustomerId,
}

impl Viewer<'_> {
    /// A record.
    pub fn show(&self, record: &CallRecord) -> CallLogWire {
        let is_outbound = record.sides_of(self.account).is_none_or(|sides| sides.is_outbound());
        let (source, destination) =
            (self.phone(record, Side::Origination), self.phone(record, Side::Termination));
        let side = if is_outbound { Side::Origination } else { Side::Termination };
        let countries = record.caller_country.zip(record.called_country);
        let print = |at| in_zone(at, &TimeZone::UTC).strftime(DATE).to_string();
        CallLogWire {
            id: record.call_id,
            in_network: record.legs.iter().all(|leg| leg.endpoint.device().is_some()),
            international: countries.is_some_and(|(caller, called)| caller != called),
            from: record.caller_routed.clone(),
            to: record.called_received.clone(),
            direction: if is_outbound {
                CallLogDirectionWire::Outbound
            } else {
                CallLogDirectionWire::Inbound
            },
            length: whole_seconds(record.connected_in_all(self.account)),
            start: print(record.started_at),
            end: print(record.ended_at),
            charge: record.price_in_all(self.account),
            rate: record.rate(side).map(|rate| rate.next_rate),
            source_device_name: source.device_name,
            source_user_full_name: source.full_name,
            source_user: source.user,
            source_sip_id: source.sip_id,
            source_extension: source.extension,
            destination_device_name: destination.device_name,
            destination_user_full_name: destination.full_name,
            destination_user: destination.user,
            destination_sip_id: destination.sip_id,
            destination_extension: destination.extension,
            result: result(record.disposition()),
            recorded: !record.recordings.is_empty(),
        }
    }

    /// The phone of a side: the first that answered, else the first that was rung. Another customer's is
    /// nobody's business.
    fn phone(&self, record: &CallRecord, side: Side) -> Phone {
        let legs = || record.legs.iter().filter(move |leg| leg.side == side);
        let leg = legs().find(|leg| leg.answered_at.is_some()).or_else(|| legs().next());
        let own = leg.filter(|leg| leg.owner.customer == self.customer);
        own.and_then(|leg| self.known(leg)).unwrap_or_default()
    }

    fn known(&self, leg: &LegRecord) -> Option<Phone> {
        let device: &Device = self.directory.device(leg.endpoint.device()?)?;
        let extension = self.directory.extension_of_device(device.id);
        let place = extension.map(|extension| (extension.account, extension.number.clone()));
        let mut users = self.directory.entries().users.iter();
        let user = users.find(|user| user.extension.is_some() && user.extension == place);
        Some(Phone {
            device_name: Some(Dashed(device.mac).to_string()),
            full_name: Some(leg.endpoint.name().to_owned()),
            user: user.map(|user| user.login.to_string()),
            sip_id: Some(device.sip_user.to_string()),
            extension: extension.map(|extension| extension.number.to_string()),
        })
    }
}

fn result(disposition: Disposition) -> CallLogResultWire {
    match disposition {
        Disposition::Answered => CallLogResultWire::Answered,
        Disposition::Busy => CallLogResultWire::Busy,
        Disposition::NoAnswer | Disposition::Cancelled => CallLogResultWire::Unanswered,
        Disposition::Rejected
        | Disposition::NoRoute
        | Disposition::Unavailable
        | Disposition::Limit
        | Disposition::Failed => CallLogResultWire::Failed,
    }
}
