//! Whether a sign-in form that comes back is one that we gave this same browser: its hidden proof must fit
//! the browser's cookie and what was asked. A page of somebody else's knows neither.

use axum::http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const COOKIE: &str = "trunkline_sign_in";
/// Characters of the cookie's value.
const LENGTH: usize = 32;

/// Makes proofs and checks them, under a key that only this process has.
pub struct FormGuard {
    key: [u8; 32],
}

/// What goes into a form, and the cookie that goes with it.
pub struct Guarded {
    /// The proof.
    pub proof: String,
    /// The `Set-Cookie` header.
    pub cookie: HeaderValue,
}

impl Default for FormGuard {
    fn default() -> Self {
        Self { key: rand::random() }
    }
}

impl FormGuard {
    /// For a form of the application that goes back to `redirect_uri`.
    pub fn guard(&self, client_id: &str, redirect_uri: &str, is_secure: bool) -> Guarded {
        let nonce = hex::encode(rand::random::<[u8; LENGTH / 2]>());
        let secure = if is_secure { "; Secure" } else { "" };
        let cookie =
            format!("{COOKIE}={nonce}; Path=/authorize; Max-Age=600; HttpOnly; SameSite=Strict{secure}");
        Guarded {
            proof: self.proof(&nonce, client_id, redirect_uri),
            cookie: HeaderValue::from_str(&cookie).expect("hex digits are a header value"),
        }
    }

    /// Whether a form that came back is ours.
    pub fn is_ours(&self, headers: &HeaderMap, proof: &str, client_id: &str, redirect_uri: &str) -> bool {
        let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        let is_from_here = site.is_none_or(|site| site == b"same-origin");
        let nonce = nonce(headers).filter(|nonce| nonce.len() == LENGTH);
        let expected = nonce.map(|nonce| self.proof(nonce, client_id, redirect_uri));
        is_from_here && expected.is_some_and(|expected| expected.as_bytes().ct_eq(proof.as_bytes()).into())
    }

    fn proof(&self, nonce: &str, client_id: &str, redirect_uri: &str) -> String {
        let asked = Sha256::digest(format!("{nonce}\n{client_id}\n{redirect_uri}"));
        hex::encode(Sha256::new_with_prefix(self.key).chain_update(asked).finalize())
    }
}

fn nonce(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies =
        lines.flat_map(|line| line.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    cookies.find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}
