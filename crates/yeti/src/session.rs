//! The session cookie (contract yeti.md, 2.1 and 2.6).

mod ended;

use std::sync::{Arc, OnceLock};

use axum::http::{HeaderMap, HeaderValue, header};
use call::Timestamp;
use http_core::time::in_zone;
use jiff::{fmt::rfc2822, tz::TimeZone};

pub use ended::Ended;

use super::token::Token;

const NAME: &str = "_yeti_customer_v1_session";
const EPOCH: Timestamp = Timestamp::from_seconds(0);

/// The way of a renewed cookie from the check of the credentials to the answer's headers.
#[derive(Clone, Default)]
pub struct Renewal(Arc<OnceLock<HeaderValue>>);

impl Renewal {
    /// Renews the session with this cookie.
    pub fn renew(&self, cookie: HeaderValue) {
        // A second check of the same request renews nothing: the first cookie is as good.
        let _ = self.0.set(cookie);
    }

    /// The cookie to answer with.
    pub fn cookie(&self) -> Option<HeaderValue> {
        self.0.get().cloned()
    }
}

/// The token in the session cookie of a request.
pub fn token(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies =
        lines.flat_map(|line| line.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    cookies.find(|(name, _)| *name == NAME).map(|(_, value)| value)
}

/// A cookie that holds `token`; over https only if the login was.
pub fn cookie(token: &Token, is_secure: bool) -> HeaderValue {
    print(&token.text, token.expires_at, is_secure)
}

/// A cookie that ends the session.
pub fn ended(is_secure: bool) -> HeaderValue {
    print("logout", Some(EPOCH), is_secure)
}

fn print(value: &str, expires_at: Option<Timestamp>, is_secure: bool) -> HeaderValue {
    let expires = expires_at.map(|at| format!("; expires={}", http_date(at))).unwrap_or_default();
    let secure = if is_secure { "; secure" } else { "" };
    let cookie = format!("{NAME}={value}; path=/{expires}; httponly; samesite=lax{secure}");
    HeaderValue::from_str(&cookie).expect("a token and a date are a header value")
}

fn http_date(at: Timestamp) -> String {
    let at = in_zone(at, &TimeZone::UTC).timestamp();
    rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&at)
        .expect("the clock tells a year of four digits")
}
