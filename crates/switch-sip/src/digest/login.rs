//! Logging in to a peer that asks who we are (RFC 3261 section 22).

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use directory::model::TrunkAuth;
use parking_lot::Mutex;
use rsipstack::sip::{Header, Method, Request, Response, StatusCode};

use super::challenge::Challenge;
use crate::message::build;

/// How we log in to a peer. What it asked last is known to all dialogs with it, so that it need not ask each
/// time.
pub(crate) struct Login {
    auth: TrunkAuth,
    asked: Mutex<Option<Asked>>,
}

/// The latest challenge, and how often it was answered.
struct Asked {
    challenge: Challenge,
    answers: u32,
}

impl Login {
    pub(crate) fn new(auth: TrunkAuth) -> Self {
        Self { auth, asked: Mutex::default() }
    }

    /// Whether this is how to log in with `auth`.
    pub(crate) fn is_with(&self, auth: &TrunkAuth) -> bool {
        self.auth == *auth
    }

    /// Takes in the challenge of a 401 or 407; false if it cannot be answered.
    fn learn(&self, response: &Response) -> bool {
        let challenge = Challenge::of(response, &self.auth.realm);
        let is_known = challenge.is_some();
        if !is_known {
            tracing::warn!("a trunk asks for credentials of another realm or kind than the directory has");
        }
        *self.asked.lock() = challenge.map(|challenge| Asked { challenge, answers: 0 });
        is_known
    }

    /// Credentials for a request; none before the peer has asked.
    fn credentials(&self, request: &Request) -> Option<Header> {
        let mut asked = self.asked.lock();
        let asked = asked.as_mut()?;
        asked.answers += 1;
        let cnonce = format!("{:016x}", rand::random::<u64>());
        Some(asked.challenge.answer(&self.auth, request, asked.answers, &cnonce))
    }
}

/// A login in one dialog, or in one series of requests with a Call-ID of their own.
pub(crate) struct Access {
    login: Arc<Login>,
    /// The number of our latest request, which a repeated one counts up too.
    cseq: Arc<AtomicU32>,
    /// The credentials of our latest INVITE, which its ACK repeats (RFC 3261 section 22.1).
    invite: Mutex<Option<Header>>,
}

impl Access {
    pub(crate) fn new(login: Arc<Login>, cseq: Arc<AtomicU32>) -> Self {
        Self { login, cseq, invite: Mutex::default() }
    }

    /// The login that it is of.
    pub(crate) fn login(&self) -> &Arc<Login> {
        &self.login
    }

    /// Puts credentials into a request, if the peer has asked for some.
    pub(crate) fn authorize(&self, request: &mut Request) {
        let credentials = match request.method {
            Method::Ack => self.invite.lock().clone(),
            Method::Cancel => None,
            _ => self.login.credentials(request),
        };
        if request.method == Method::Invite {
            self.invite.lock().clone_from(&credentials);
        }
        request.headers.extend(credentials.into_iter().collect());
    }

    /// The request once more, with credentials and another number, if the response to it asks for some that
    /// we have.
    pub(crate) fn again(
        &self,
        mut request: Request,
        response: &Response,
        branch: &str,
    ) -> Option<(u32, Request)> {
        let asks = [StatusCode::Unauthorized, StatusCode::ProxyAuthenticationRequired];
        if !asks.contains(&response.status_code) || !self.login.learn(response) {
            return None;
        }
        let number = self.cseq.fetch_add(1, Ordering::Relaxed) + 1;
        request
            .headers
            .retain(|header| !matches!(header, Header::Authorization(_) | Header::ProxyAuthorization(_)));
        build::renumber(&mut request, number);
        build::renew_branch(&mut request, branch);
        self.authorize(&mut request);
        Some((number, request))
    }
}
