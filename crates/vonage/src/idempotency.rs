//! `Idempotency-Key`: a client that does not know whether its command arrived sends it again with the same
//! key, and gets the first answer (draft-ietf-httpapi-idempotency-key-header).

use axum::{
    body::{Body, Bytes},
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, Method, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use call::{AccountId, ErrorCode};
use sha2::{Digest, Sha256};

use super::{
    auth::Client,
    errors::Failure,
    repeats::{Answer, Earlier, Fingerprint},
};
use crate::state::Vonage;

const NAME: &str = "idempotency-key";
/// Most characters of a key.
const LONGEST: usize = 255;

/// Carries out a command that has a key once, and gives its answer to every repeat. What has no key, and
/// whom the handler is going to refuse, passes.
pub async fn once(State(vonage): State<Vonage>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let key = match key(&parts.headers) {
        Some(key) if is_command(&parts) => key,
        _ => return next.run(Request::from_parts(parts, body)).await,
    };
    let Ok(client) = Client::from_request_parts(&mut parts, &vonage).await else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    match command(&vonage, client.account, key, parts, body).await {
        Ok(command) => command.run(next).await.unwrap_or_else(IntoResponse::into_response),
        Err(failure) => failure.into_response(),
    }
}

fn is_command(parts: &Parts) -> bool {
    let has_account =
        parts.extensions.get::<MatchedPath>().is_some_and(|path| path.as_str().contains("{account}"));
    has_account && matches!(parts.method, Method::POST | Method::PUT | Method::DELETE)
}

/// The key that was sent, with or without the quotes of a structured field's string.
fn key(headers: &HeaderMap) -> Option<Result<String, Failure>> {
    let sent = headers.get(NAME)?.to_str().unwrap_or_default().trim();
    let key = sent.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(sent);
    let is_key = (1..=LONGEST).contains(&key.len()) && key.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let accepted = "1 to 255 printable ASCII characters";
    Some(is_key.then(|| key.to_owned()).ok_or_else(|| Failure::bad_value("Idempotency-Key", sent, accepted)))
}

struct Command {
    vonage: Vonage,
    account: AccountId,
    key: String,
    fingerprint: Fingerprint,
    request: Request,
}

async fn command(
    vonage: &Vonage,
    account: AccountId,
    key: Result<String, Failure>,
    parts: Parts,
    body: Body,
) -> Result<Command, Failure> {
    let key = key?;
    let body = axum::body::to_bytes(body, vonage.app.config.body_limit).await;
    let body = body.map_err(|_| Failure::new(ErrorCode::TooLarge, "The body is larger than accepted"))?;
    let fingerprint = fingerprint(&parts, &body);
    let request = Request::from_parts(parts, Body::from(body));
    Ok(Command { vonage: vonage.clone(), account, key, fingerprint, request })
}

fn fingerprint(parts: &Parts, body: &Bytes) -> Fingerprint {
    let head = format!("{} {}\n", parts.method, parts.uri.path());
    Sha256::new_with_prefix(head).chain_update(body).finalize().into()
}

impl Command {
    /// Runs to its end even if the client does not wait for that: it is what the repeat will ask for.
    async fn run(self, next: Next) -> Result<Response, Failure> {
        let now = self.vonage.now();
        match self.vonage.repeats.begin(self.account, &self.key, self.fingerprint, now) {
            Earlier::Same(answer) => return Ok(answer.again()),
            Earlier::Other => return Err(Failure::other_request()),
            Earlier::UnderWay => {
                let message = "The first request with this Idempotency-Key is still being carried out";
                return Err(Failure::new(ErrorCode::Conflict, message));
            }
            Earlier::Interrupted => {
                let message = "The server ended while it carried out the first request with this Idempotency-Key: \
                               see whether it was, and ask anew with a new key if not";
                return Err(Failure::new(ErrorCode::Conflict, message));
            }
            Earlier::Nothing => {}
        }
        let held = Held { vonage: self.vonage, account: self.account, key: Some(self.key) };
        if !held.vonage.repeats.durable().await {
            return Err(Failure::new(
                ErrorCode::Unavailable,
                "The server cannot keep the Idempotency-Key now",
            ));
        }
        let run = tokio::spawn(async move { held.keep(next.run(self.request).await).await });
        run.await.map_err(|_| Failure::broken())?
    }
}

/// A key in use. Lets go of it when it is dropped before there is an answer to keep.
struct Held {
    vonage: Vonage,
    account: AccountId,
    key: Option<String>,
}

impl Held {
    async fn keep(mut self, response: Response) -> Result<Response, Failure> {
        let (answer, response) = Answer::of(response).await.map_err(|_| Failure::broken())?;
        if answer.is_final()
            && let Some(key) = self.key.take()
        {
            self.vonage.repeats.answered(self.account, &key, answer);
            // If that fails, a repeat after a restart is told that nobody knows.
            self.vonage.repeats.durable().await;
        }
        Ok(response)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(key) = &self.key {
            self.vonage.repeats.forget(self.account, key);
        }
    }
}
