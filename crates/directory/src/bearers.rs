//! What lets a browser be a phone of its user for a while, without the phone's secret (RFC 8898).
//!
//! Nothing is kept of what is issued: a bearer says whose it is, for which device and until when, under a keyed
//! digest. The key lives as long as the process; who comes after a restart fetches another bearer.

use std::time::Duration;

use call::{DeviceId, UserId};
use ring::{hmac, rand::SystemRandom};

use crate::{
    Snapshot,
    model::{Device, Extension, User},
};

/// Issues bearers, and knows its own.
pub struct Bearers {
    key: hmac::Key,
}

impl Default for Bearers {
    fn default() -> Self {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new());
        Self { key: key.expect("the system has randomness") }
    }
}

impl std::fmt::Debug for Bearers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bearers(…)")
    }
}

impl Bearers {
    /// Lets a user be one of their [phones](phones_of) until the monotonic time `until`.
    pub fn issue(&self, user: &User, device: DeviceId, until: Duration) -> String {
        let said = format!("{}.{}.{}", user.id.0, device.0, until.as_secs());
        let digest = hmac::sign(&self.key, &signed(&said, user));
        format!("{said}.{}", hex::encode(digest))
    }

    /// The phone that somebody with a bearer is, at a monotonic time; `None` if it is not ours, has expired, or the
    /// user has another password or another extension by now.
    pub fn device<'d>(&self, bearer: &str, directory: &'d Snapshot, now: Duration) -> Option<&'d Device> {
        let (said, digest) = bearer.rsplit_once('.')?;
        let mut numbers = said.splitn(3, '.').map(|number| number.parse::<u64>().ok());
        let mut next = || numbers.next().flatten();
        let (user, device, until) = (next()?, next()?, Duration::from_secs(next()?));
        let user = directory.user(UserId(user.try_into().ok()?))?;
        let is_ours = hmac::verify(&self.key, &signed(said, user), &hex::decode(digest).ok()?).is_ok();
        let device = directory.device(DeviceId(device.try_into().ok()?))?;
        let is_theirs = extension_of(user, directory)?.devices.contains(&device.id);
        (is_ours && is_theirs && now < until).then_some(device)
    }
}

/// What a bearer's digest is of: with another password, it is of something else.
fn signed(said: &str, user: &User) -> Vec<u8> {
    format!("{said} {}", user.password_hash).into_bytes()
}

/// The phones of a user: those that ring at their extension.
pub fn phones_of<'d>(user: &User, directory: &'d Snapshot) -> impl Iterator<Item = &'d Device> {
    let devices = extension_of(user, directory).map(|extension| extension.devices.as_slice());
    devices.unwrap_or_default().iter().filter_map(|device| directory.device(*device))
}

fn extension_of<'d>(user: &User, directory: &'d Snapshot) -> Option<&'d Extension> {
    let (account, number) = user.extension.as_ref()?;
    directory.extension(*account, number)
}
