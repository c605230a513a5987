//! Passwords as argon2id PHC strings (RFC 9106). Never holds a password itself.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};

/// What one hash costs whoever makes or guesses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Cost {
    /// What OWASP recommends: 19 MiB, two passes, one lane. Tens of milliseconds.
    pub const RECOMMENDED: Self = Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 };

    /// The least that argon2 accepts. For tests and demonstrations: it protects nothing.
    pub const LEAST: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };

    fn hasher(self) -> Argon2<'static> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, None);
        let params = params.expect("both costs are within the limits of argon2");
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }
}

/// Why no hash could be made: the system gave no randomness or no memory.
#[derive(Debug, thiserror::Error)]
#[error("a password could not be hashed: {0}")]
pub struct HashError(argon2::password_hash::Error);

/// Hashes a password under a new random salt. Takes as long as `cost` says: not for an async task.
pub fn hash(password: &str, cost: Cost) -> Result<Arc<str>, HashError> {
    let hash = cost.hasher().hash_password(password.as_bytes()).map_err(HashError)?;
    Ok(hash.to_string().into())
}

/// Whether `hash` was made from `password`; compared in constant time. Takes as long as the cost in the
/// hash says: not for an async task. `false` too if `hash` is not an argon2 hash.
pub fn verify(password: &str, hash: &str) -> bool {
    let parsed = PasswordHash::new(hash);
    parsed.is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
}

/// Whether a text is an argon2id hash that [`verify`] can work with.
pub fn is_hash(text: &str) -> bool {
    let Ok(hash) = PasswordHash::new(text) else { return false };
    let is_argon2id =
        Algorithm::try_from(hash.algorithm.as_str()).is_ok_and(|found| found == Algorithm::Argon2id);
    is_argon2id && hash.salt.is_some() && hash.hash.is_some() && Params::try_from(&hash).is_ok()
}
