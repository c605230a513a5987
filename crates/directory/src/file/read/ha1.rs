//! Digests of secrets.

use std::sync::Arc;

use super::{Table, forms};
use crate::digest;

/// The MD5 and SHA-256 digests of a secret of `user`: either given, or made from the field `key`.
pub(super) fn read(
    table: &Table<'_>,
    key: &'static str,
    user: Option<&str>,
    realm: &str,
) -> Option<(Arc<str>, Arc<str>)> {
    let secret = table.given(key, forms::password());
    let given = (table.given("ha1_md5", forms::ha1_md5()), table.given("ha1_sha256", forms::ha1_sha256()));
    let accepted = format!("either {key}, or both ha1_md5 and ha1_sha256");
    match (table.has(key), table.has("ha1_md5"), table.has("ha1_sha256")) {
        (true, false, false) => {
            let (user, secret) = (user?, secret?);
            Some((digest::ha1_md5(user, realm, &secret), digest::ha1_sha256(user, realm, &secret)))
        }
        (false, true, true) => given.0.zip(given.1),
        (false, false, false) => table.refuse(key, "nothing", accepted),
        (true, _, _) => table.refuse(key, format!("both a {key} and its digests"), accepted),
        (false, true, false) => table.refuse("ha1_sha256", "nothing", accepted),
        (false, false, true) => table.refuse("ha1_md5", "nothing", accepted),
    }
}
