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

/// SHA-256 of a secret that is too long to be guessed, in lower-case hex.
pub fn sha256(secret: &str) -> Arc<str> {
    hex::<Sha256>(secret)
}

fn ha1<D: Digest>(sip_user: &str, realm: &str, secret: &str) -> Arc<str> {
    hex::<D>(&format!("{sip_user}:{realm}:{secret}"))
}

fn hex<D: Digest>(text: &str) -> Arc<str> {
    let mut hex = String::new();
    for byte in D::digest(text) {
        write!(hex, "{byte:02x}").expect("a string takes all that is written");
    }
    hex.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The response to the challenge of RFC 7616 section 3.9.1, with quality of protection `auth`.
    fn response<D: Digest>(ha1: &str) -> Arc<str> {
        let nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
        let client_nonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        let ha2 = hex::<D>("GET:/dir/index.html");
        hex::<D>(&format!("{ha1}:{nonce}:00000001:{client_nonce}:auth:{ha2}"))
    }

    #[test]
    fn both_digests_give_the_responses_of_the_example_in_rfc_7616() {
        let example = ("Mufasa", "http-auth@example.org", "Circle of Life");
        let md5 = response::<Md5>(&ha1_md5(example.0, example.1, example.2));
        assert_eq!(&*md5, "8ca523f5e9506fed4657c9700eebdbec");
        let sha256 = response::<Sha256>(&ha1_sha256(example.0, example.1, example.2));
        assert_eq!(&*sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
    }
}
