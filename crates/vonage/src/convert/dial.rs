//! From the call that a client wants to whom the switch shall ring.

use ::call::{
    ErrorCode, Number,
    command::{RecordingKind, Target},
};
use directory::{
    Snapshot,
    model::{Device, Extension},
};
use http_core::App;
use live::Placing;

use super::View;
use crate::{
    errors::Failure,
    wire::{CallType, Contact, ContactType, NewCallWire},
};

/// Who is rung and who is dialled for a call of the view's account.
pub fn dial(view: View, app: &App, call: &NewCallWire) -> Result<Placing, Failure> {
    let from = target(view, app, "from", &call.from)?;
    let to = target(view, app, "to", &call.to)?;
    let (first, then) = match call.kind {
        CallType::Click2Dial | CallType::Odr | CallType::Default => (("from", from), to),
        CallType::Click2DialMe => (("to", to), from),
    };
    let recording = (call.kind == CallType::Odr).then_some(RecordingKind::OnDemand);
    Ok(Placing { first: rung(first)?, then, recording })
}

/// Whom the member `name` of a body means. A parking slot is an extension and a feature code as well.
pub fn target(view: View, app: &App, name: &str, contact: &Contact) -> Result<Target, Failure> {
    let (directory, destination) = (&*app.directory(), &contact.destination);
    let number = Number::from(destination.as_str());
    let service = || service(app, &number);
    let target = match contact.kind {
        ContactType::Device => device(view, directory, destination).map(|device| Target::Device(device.id)),
        ContactType::Extension => {
            let extension = extension(view, directory, destination);
            extension.map(|extension| Target::Extension(extension.number.clone())).or_else(service)
        }
        ContactType::Pstn => live::outside(&number),
        ContactType::FeatureCode => live::feature_code(&number).or_else(service),
    };
    target.ok_or_else(|| unknown(name, contact))
}

/// What the switch itself serves under a number.
fn service(app: &App, number: &Number) -> Option<Target> {
    app.live.switch().serves(number).then(|| Target::FeatureCode(number.clone()))
}

/// The refusal of a party that is not there.
pub(super) fn unknown(name: &str, contact: &Contact) -> Failure {
    let accepted = match contact.kind {
        ContactType::Device => "the SIP user or MAC of a phone of the account",
        ContactType::Extension => "an extension of the account, or a parking slot",
        ContactType::Pstn => live::ACCEPTED_OUTSIDE,
        ContactType::FeatureCode => "`*` or `#`, then digits, or a parking slot",
    };
    Failure::bad_value(&format!("{name}.destination"), &contact.destination, accepted)
}

pub(super) fn device<'a>(view: View, directory: &'a Snapshot, id: &str) -> Option<&'a Device> {
    let by_mac = |mac| directory.devices_of(view.account).find(|device| device.mac == mac);
    let device = directory.device_by_sip_user(id).or_else(|| directory::mac::parse(id).and_then(by_mac));
    device.filter(|device| device.account == view.account)
}

pub(super) fn extension<'a>(view: View, directory: &'a Snapshot, number: &str) -> Option<&'a Extension> {
    directory.extension(view.account, &Number::from(number))
}

/// Whoever is rung first must be able to ring.
fn rung((name, target): (&str, Target)) -> Result<Target, Failure> {
    match target {
        Target::FeatureCode(_) => Err(Failure::new(
            ErrorCode::InvalidInput,
            format!("{name} is a feature_code, which cannot be rung; name a phone, an extension or a number"),
        )),
        target => Ok(target),
    }
}
