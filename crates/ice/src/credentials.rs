//! What tells the checks of a party from those of strangers.

use std::{fmt, sync::Arc};

/// Of what user fragments and passwords are made (RFC 8839 section 5.4, `ice-char`): as many as six bits tell apart.
const CHARACTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Characters of a user fragment of ours; four are the least (RFC 8445 section 5.3).
const FRAGMENT: usize = 8;
/// Characters of a password of ours, of six bits each; 22 are the least.
const PASSWORD: usize = 24;

/// A user fragment and its password. The password is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Names them in checks.
    pub fragment: Arc<str>,
    /// What checks of the other side are signed with.
    pub password: Arc<str>,
}

impl Credentials {
    /// Bytes of chance that [`Self::of_chance`] takes.
    pub const CHANCE: usize = FRAGMENT + PASSWORD;

    /// Credentials made of bytes of chance.
    pub fn of_chance(bytes: &[u8; Self::CHANCE]) -> Self {
        let text: String =
            bytes.iter().map(|byte| char::from(CHARACTERS[usize::from(byte & 0x3f)])).collect();
        let (fragment, password) = text.split_at(FRAGMENT);
        Self { fragment: fragment.into(), password: password.into() }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({})", self.fragment)
    }
}
