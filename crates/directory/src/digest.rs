//! Digest HA1 of SIP secrets (RFC 7616 section 3.4.2, RFC 8760). Never holds a secret itself.

use std::{fmt::Write, sync::Arc};

use md5::Md5;
use sha2::{Digest, Sha256};

/// `MD5(user:realm:secret)` in lower-case hex.
pub fn ha1_md5(sip_user: &str, realm: &str, secret: &str) -> Arc<str> {
    ha1::<Md5>(sip_user, realm, secret)
}

/// `SHA-256(user:realm:secret)` in lower-case hex.
pub fn ha1_sha256(sip_user: &str, realm: &str, secret: &str) -> Arc<str> {
    ha1::<Sha256>(sip_user, realm, secret)
}

fn ha1<D: Digest>(sip_user: &str, realm: &str, secret: &str) -> Arc<str> {
    let digest = D::digest(format!("{sip_user}:{realm}:{secret}"));
    let hex = digest.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes all that is written");
        hex
    });
    hex.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn md5_agrees_with_the_example_of_rfc_7616() {
        let ha1 = ha1_md5("Mufasa", "http-auth@example.org", "Circle of Life");
        assert_eq!(&*ha1, "3d78807defe7de2157e2b0b6573a855f");
    }

    #[test]
    fn sha256_agrees_with_the_example_of_rfc_7616() {
        let ha1 = ha1_sha256("Mufasa", "http-auth@example.org", "Circle of Life");
        assert_eq!(&*ha1, "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232");
    }
}
