//! From the call that a client wants to whom the switch shall ring.

use ::call::{ErrorCode, Number, command::Target};
use directory::Snapshot;

use super::View;
use crate::vonage::{
    errors::Failure,
    wire::{CallType, Contact, ContactType, NewCallWire},
};

/// Whom to ring first, and whom to dial then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// Who is rung first.
    pub first: Target,
    /// Who is dialled when that one has answered.
    pub then: Target,
}

/// Who is rung and who is dialled for a call of the view's account.
pub fn dial(view: View, directory: &Snapshot, call: &NewCallWire) -> Result<Dial, Failure> {
    let from = target(view, directory, "from", &call.from)?;
    let to = target(view, directory, "to", &call.to)?;
    let (first, then) = match call.kind {
        CallType::Click2Dial | CallType::Odr | CallType::Default => (("from", from), to),
        CallType::Click2DialMe => (("to", to), from),
    };
    Ok(Dial { first: rung(first)?, then })
}

fn target(view: View, directory: &Snapshot, name: &str, contact: &Contact) -> Result<Target, Failure> {
    let destination = &contact.destination;
    let (target, accepted) = match contact.kind {
        ContactType::Device => {
            (device(view, directory, destination), "the SIP user or MAC of a phone of the account")
        }
        ContactType::Extension => (extension(view, directory, destination), "an extension of the account"),
        ContactType::Pstn => (outside(destination), "`+` or nothing, then 3 to 15 digits"),
        ContactType::FeatureCode => (feature_code(destination), "`*` or `#`, then digits"),
    };
    target.ok_or_else(|| Failure::bad_value(&format!("{name}.destination"), destination, accepted))
}

fn device(view: View, directory: &Snapshot, id: &str) -> Option<Target> {
    let by_mac = |mac| directory.devices_of(view.account).find(|device| device.mac == mac);
    let device = directory.device_by_sip_user(id).or_else(|| directory::mac::parse(id).and_then(by_mac));
    device.filter(|device| device.account == view.account).map(|device| Target::Device(device.id))
}

fn extension(view: View, directory: &Snapshot, number: &str) -> Option<Target> {
    let extension = directory.extension(view.account, &Number::from(number));
    extension.map(|extension| Target::Extension(extension.number.clone()))
}

fn outside(number: &str) -> Option<Target> {
    let number = Number::from(number).without_separators();
    let is_dialable = number.digits().is_some_and(|digits| (3..=15).contains(&digits.len()));
    is_dialable.then_some(Target::Number(number))
}

fn feature_code(code: &str) -> Option<Target> {
    let code = Number::from(code);
    let is_code = code.is_feature_code() && code.as_str().len() > 1;
    is_code.then_some(Target::FeatureCode(code))
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
