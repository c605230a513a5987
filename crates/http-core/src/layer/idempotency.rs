//! `Idempotency-Key`: a client that does not know whether its command arrived sends it again with the same
//! key, and gets the first answer (draft-ietf-httpapi-idempotency-key-header).
//!
//! It is for clients with a bearer token: a key is one of the token's account, whatever the dialect.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{FromRequestParts, Request},
    http::{HeaderMap, Method, StatusCode, request::Parts},
    middleware::{Next, from_fn},
    response::Response,
};
use call::{AccountId, ErrorCode};
use sha2::{Digest, Sha256};

use crate::{
    App,
    auth::ClientAddress,
    failure,
    repeats::{Answer, Earlier, Fingerprint},
};

const NAME: &str = "idempotency-key";
/// Most characters of a key.
const LONGEST: usize = 255;

/// Why a request with a key is not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misuse {
    /// That is no key.
    #[error("Idempotency-Key is `{0}`; accepted is 1 to 255 printable ASCII characters")]
    NoKey(String),
    /// The body is larger than any.
    #[error("The body is larger than accepted")]
    TooLarge,
    /// The key was used for another request before.
    #[error("This Idempotency-Key was used for another request; a new request needs a new key")]
    OtherRequest,
    /// The first one is not done.
    #[error("The first request with this Idempotency-Key is still being carried out")]
    UnderWay,
    /// Nobody knows what has come of the first one.
    #[error(
        "The server ended while it carried out the first request with this Idempotency-Key: see whether it was, and ask \
         anew with a new key if not"
    )]
    Interrupted,
    /// It could not be kept.
    #[error("The server cannot keep the Idempotency-Key now")]
    NotKept,
    /// The server broke off.
    #[error("The server failed")]
    Broken,
}

impl Misuse {
    /// What kind of trouble it is.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NoKey(_) => ErrorCode::InvalidInput,
            Self::TooLarge => ErrorCode::TooLarge,
            Self::OtherRequest | Self::UnderWay | Self::Interrupted => ErrorCode::Conflict,
            Self::NotKept => ErrorCode::Unavailable,
            Self::Broken => ErrorCode::Internal,
        }
    }

    /// The status of such a refusal.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::OtherRequest => StatusCode::UNPROCESSABLE_ENTITY,
            other => failure::status(other.code()),
        }
    }
}

/// The routes, whose commands are carried out once if they have a key: every repeat gets the first one's answer. What
/// has no key, and whom the handler is going to refuse, passes; `refuse` says in the dialect's words why one is not carried
/// out. To be laid around the printing of refusals.
pub fn once<S, R>(routes: Router<S>, app: &Arc<App>, refuse: R) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    R: Fn(Misuse) -> Response + Clone + Send + Sync + 'static,
{
    let app = app.clone();
    routes.layer(from_fn(move |request: Request, next: Next| {
        let (app, refuse) = (app.clone(), refuse.clone());
        async move { answer(app, request, next).await.unwrap_or_else(refuse) }
    }))
}

async fn answer(app: Arc<App>, request: Request, next: Next) -> Result<Response, Misuse> {
    let (mut parts, body) = request.into_parts();
    let key = match key(&parts.headers) {
        Some(key) if is_command(&parts.method) => key,
        _ => return Ok(next.run(Request::from_parts(parts, body)).await),
    };
    let Ok(address) = ClientAddress::from_request_parts(&mut parts, &app).await;
    let Ok(holder) = app.holder(&parts.headers, address) else {
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    command(app, holder.account, key?, parts, body).await?.run(next).await
}

fn is_command(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH | Method::DELETE)
}

/// The key that was sent, with or without the quotes of a structured field's string.
fn key(headers: &HeaderMap) -> Option<Result<String, Misuse>> {
    let sent = headers.get(NAME)?.to_str().unwrap_or_default().trim();
    let key = sent.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(sent);
    let is_key = (1..=LONGEST).contains(&key.len()) && key.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    Some(is_key.then(|| key.to_owned()).ok_or_else(|| Misuse::NoKey(excerpt(sent))))
}

/// What was found, cut if it is long.
fn excerpt(text: &str) -> String {
    const MOST: usize = 40;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

struct Command {
    app: Arc<App>,
    account: AccountId,
    key: String,
    fingerprint: Fingerprint,
    request: Request,
}

async fn command(
    app: Arc<App>,
    account: AccountId,
    key: String,
    parts: Parts,
    body: Body,
) -> Result<Command, Misuse> {
    let body = axum::body::to_bytes(body, app.config.body_limit).await.map_err(|_| Misuse::TooLarge)?;
    let fingerprint = fingerprint(&parts, &body);
    let request = Request::from_parts(parts, Body::from(body));
    Ok(Command { app, account, key, fingerprint, request })
}

fn fingerprint(parts: &Parts, body: &Bytes) -> Fingerprint {
    let head = format!("{} {}\n", parts.method, parts.uri.path());
    Sha256::new_with_prefix(head).chain_update(body).finalize().into()
}

impl Command {
    /// Runs to its end even if the client does not wait for that: it is what the repeat will ask for.
    async fn run(self, next: Next) -> Result<Response, Misuse> {
        match self.app.repeats.begin(self.account, &self.key, self.fingerprint, self.app.now()) {
            Earlier::Same(answer) => return Ok(answer.again()),
            Earlier::Other => return Err(Misuse::OtherRequest),
            Earlier::UnderWay => return Err(Misuse::UnderWay),
            Earlier::Interrupted => return Err(Misuse::Interrupted),
            Earlier::Nothing => {}
        }
        let held = Held { app: self.app, account: self.account, key: Some(self.key) };
        if !held.app.repeats.durable().await {
            return Err(Misuse::NotKept);
        }
        let run = tokio::spawn(async move { held.keep(next.run(self.request).await).await });
        run.await.map_err(|_| Misuse::Broken)?
    }
}

/// A key in use. Lets go of it when it is dropped before there is an answer to keep.
struct Held {
    app: Arc<App>,
    account: AccountId,
    key: Option<String>,
}

impl Held {
    async fn keep(mut self, response: Response) -> Result<Response, Misuse> {
        let (answer, response) = Answer::of(response).await.map_err(|_| Misuse::Broken)?;
        if answer.is_final()
            && let Some(key) = self.key.take()
        {
            self.app.repeats.answered(self.account, &key, answer);
            // If that fails, a repeat after a restart is told that nobody knows.
            self.app.repeats.durable().await;
        }
        Ok(response)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(key) = &self.key {
            self.app.repeats.forget(self.account, key);
        }
    }
}
