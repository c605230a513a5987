//! How many requests a client has left, told with each answer (draft-ietf-httpapi-ratelimit-headers-10).

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    extract::Request,
    http::{Extensions, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use guard::{Allowance, WINDOW};

use crate::{App, auth::Holder};

/// How much a client may ask for.
pub const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// How much of it is left.
pub const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// A client has no request left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "This client may send {0} requests a minute; Retry-After says in how many seconds it may send the next"
)]
pub struct OverQuota(u32);

/// Where it is said what the client of a request has left. Clones share it.
#[derive(Clone, Debug, Default)]
struct Told(Arc<OnceLock<Allowance>>);

impl App {
    /// Takes a request off what its client has. A client is a person who has signed in for an account, or whoever has
    /// the account's tokens of the configuration.
    pub fn spend(&self, holder: &Holder, extensions: &Extensions) -> Result<(), OverQuota> {
        let client = (holder.account, holder.user);
        let Some(allowance) = self.config.quotas.spend(client, self.monotonic()) else { return Ok(()) };
        if let Some(told) = extensions.get::<Told>() {
            // What is said a second time is the same.
            let _ = told.0.set(allowance);
        }
        if allowance.wait.is_some() { Err(OverQuota(allowance.limit)) } else { Ok(()) }
    }
}

/// Tells the client of a request what it has left, if that is known.
pub async fn told(mut request: Request, next: Next) -> Response {
    let told = Told::default();
    request.extensions_mut().insert(told.clone());
    let mut response = next.run(request).await;
    let Some(Allowance { limit, left, full_in, wait }) = told.0.get().copied() else { return response };
    let policy = format!("\"requests\";q={limit};w={}", WINDOW.as_secs());
    let fields = [
        (POLICY, Some(policy)),
        (LEFT, Some(format!("\"requests\";r={left};t={}", seconds(full_in)))),
        (header::RETRY_AFTER, wait.map(|wait| seconds(wait).to_string())),
    ];
    for (name, text) in fields {
        let value = text.and_then(|text| HeaderValue::try_from(text).ok());
        response.headers_mut().extend(value.map(|value| (name, value)));
    }
    response
}

/// Whole seconds, of which the last may not be over.
fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}
