//! The answers to commands that carried a key, so that a repeat is answered and not carried out again.

mod stored;

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::Response,
};
use call::{AccountId, Timestamp};
use keyvalue::Table;
use parking_lot::Mutex;
use stored::StoredRequestV1;

/// How long an answer is kept.
const LIFETIME: std::time::Duration = std::time::Duration::from_secs(86_400);
/// Most answers of an account that are kept; the oldest makes room.
const ROOM: usize = 5_000;
/// Says that an answer is that of an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Digest of a request: method, path and body.
pub type Fingerprint = [u8; 32];

/// What a key was used for before.
pub enum Earlier {
    /// Nothing: it is this request's now, which must be [`Repeats::answered`] or [`Repeats::forget`] it.
    Nothing,
    /// A request that is being carried out.
    UnderWay,
    /// A request that was being carried out when the server ended: nobody knows what came of it.
    Interrupted,
    /// Another request.
    Other,
    /// The same request; its answer.
    Same(Answer),
}

/// An answer that can be given again.
#[derive(Clone)]
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// The answers of the last day, which outlive the process.
pub struct Repeats {
    accounts: Mutex<HashMap<AccountId, Keys>>,
    table: Arc<dyn Table>,
}

#[derive(Default)]
struct Keys {
    requests: HashMap<String, Request>,
    oldest: VecDeque<(Timestamp, String)>,
}

struct Request {
    at: Timestamp,
    fingerprint: Fingerprint,
    outcome: Outcome,
}

/// What is known to have come of a request.
enum Outcome {
    /// It is being carried out.
    UnderWay,
    /// It was, when the server ended.
    Interrupted,
    /// It was answered.
    Answered(Answer),
}

/// Under which key a request is kept.
fn place(account: AccountId, key: &str) -> String {
    format!("{}/{key}", account.0)
}

impl Repeats {
    /// Those that were kept and are not a day old.
    pub fn new(table: Arc<dyn Table>, now: Timestamp) -> Self {
        let kept = table.load(now).into_iter().filter_map(|entry| {
            let (account, key) = entry.key.split_once('/')?;
            let request = StoredRequestV1::read(&entry.value)?;
            Some((AccountId(account.parse().ok()?), key.to_owned(), request))
        });
        let mut kept: Vec<_> = kept.collect();
        kept.sort_by_key(|(_, _, request)| request.at);
        let mut accounts = HashMap::<_, Keys>::new();
        for (account, key, request) in kept {
            accounts.entry(account).or_default().add(key, request);
        }
        Self { accounts: Mutex::new(accounts), table }
    }

    /// Waits until what has happened to keys before outlives the server; `false` if it cannot.
    pub async fn durable(&self) -> bool {
        self.table.durable().await
    }

    /// What a key of an account was used for; if nothing, it is used for this request now.
    pub fn begin(&self, account: AccountId, key: &str, fingerprint: Fingerprint, now: Timestamp) -> Earlier {
        let mut accounts = self.accounts.lock();
        let keys = accounts.entry(account).or_default();
        keys.make_room(now, |old| self.table.remove(&place(account, old)));
        match keys.requests.get(key) {
            Some(known) if known.fingerprint != fingerprint => Earlier::Other,
            Some(known) => known.outcome.earlier(),
            None => {
                let request = Request { at: now, fingerprint, outcome: Outcome::UnderWay };
                self.keep(account, key, &request);
                keys.add(key.to_owned(), request);
                Earlier::Nothing
            }
        }
    }

    /// Keeps the answer to the request that has this key.
    pub fn answered(&self, account: AccountId, key: &str, answer: Answer) {
        let mut accounts = self.accounts.lock();
        let request = accounts.get_mut(&account).and_then(|keys| keys.requests.get_mut(key));
        if let Some(request) = request {
            request.outcome = Outcome::Answered(answer);
            self.keep(account, key, request);
        }
    }

    /// Lets a key be used again: its request came to nothing that is worth repeating.
    pub fn forget(&self, account: AccountId, key: &str) {
        if let Some(keys) = self.accounts.lock().get_mut(&account) {
            keys.requests.remove(key);
            self.table.remove(&place(account, key));
        }
    }

    fn keep(&self, account: AccountId, key: &str, request: &Request) {
        let stored = StoredRequestV1::of(request).print();
        self.table.put(&place(account, key), stored, request.at + LIFETIME);
    }
}

impl Outcome {
    fn earlier(&self) -> Earlier {
        match self {
            Self::UnderWay => Earlier::UnderWay,
            Self::Interrupted => Earlier::Interrupted,
            Self::Answered(answer) => Earlier::Same(answer.clone()),
        }
    }
}

impl Keys {
    fn add(&mut self, key: String, request: Request) {
        self.oldest.push_back((request.at, key.clone()));
        self.requests.insert(key, request);
    }

    /// Forgets what is too old or too much, and says what that is.
    fn make_room(&mut self, now: Timestamp, forgotten: impl Fn(&str)) {
        while let Some((at, _)) = self.oldest.front() {
            if self.oldest.len() < ROOM && now < *at + LIFETIME {
                return;
            }
            let Some((at, key)) = self.oldest.pop_front() else { return };
            // The key may have been forgotten and used again since.
            if self.requests.get(&key).is_some_and(|request| request.at == at) {
                self.requests.remove(&key);
                forgotten(&key);
            }
        }
    }
}

impl Answer {
    /// The answer that a response gives, and the same response.
    pub async fn of(response: Response) -> Result<(Self, Response), axum::Error> {
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await?;
        let answer = Self { status: parts.status, headers: parts.headers.clone(), body: body.clone() };
        Ok((answer, Response::from_parts(parts, Body::from(body))))
    }

    /// Whether a repeat shall have this answer too. Otherwise it is tried again: nothing was done, through
    /// no fault of the request.
    pub fn is_final(&self) -> bool {
        let is_passing = matches!(
            self.status,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
        );
        !self.status.is_server_error() && !is_passing
    }

    /// The answer, given again.
    pub fn again(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        response
    }
}
