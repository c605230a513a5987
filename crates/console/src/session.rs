//! Who is signed in: a cookie that says nothing, and what it stands for.
//!
//! Kept in memory and bounded: after a restart people sign in again. What is kept of a cookie is its digest, so that
//! whoever reads the memory cannot sign in with it.

use std::{collections::HashMap, time::Duration};

use axum::http::{HeaderMap, HeaderValue, header};
use call::UserId;
use directory::{model::User, tokens::Print};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The cookie's name.
const COOKIE: &str = "trunkline_console";
/// How long somebody stays signed in.
const LIFETIME: Duration = Duration::from_secs(12 * 3_600);
/// Sessions at a time, of all users and of one; of more, the one that ends first is over.
const ROOM: usize = 10_000;
const ROOM_OF_USER: usize = 20;

/// Who is signed in.
pub struct Sessions {
    key: [u8; 32],
    held: Mutex<HashMap<Ticket, Session>>,
}

/// The digest of a cookie.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket([u8; 32]);

/// What a cookie stands for.
#[derive(Clone, Copy)]
pub struct Session {
    /// Who it is.
    pub user: UserId,
    /// The password that was right: with another, nobody is signed in any more.
    password: Print,
    /// When it is over, monotonic.
    until: Duration,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { key: rand::random(), held: Mutex::default() }
    }
}

impl Sessions {
    /// Signs a user in; gives the cookie's value. `now` is monotonic.
    pub fn begin(&self, user: &User, now: Duration) -> String {
        let cookie = hex::encode(rand::random::<[u8; 32]>());
        let password = Print::of(&user.password_hash);
        let session = Session { user: user.id, password, until: now + LIFETIME };
        let mut held = self.held.lock();
        held.retain(|_, session| now < session.until);
        make_room(&mut held, ROOM_OF_USER, |session| session.user == user.id);
        make_room(&mut held, ROOM, |_| true);
        held.insert(Ticket::of(&cookie), session);
        cookie
    }

    /// What the cookie of a request stands for, and its ticket.
    pub fn find(&self, headers: &HeaderMap, now: Duration) -> Option<(Ticket, Session)> {
        let ticket = Ticket::of(cookie(headers)?);
        let session = self.held.lock().get(&ticket).copied()?;
        (now < session.until).then_some((ticket, session))
    }

    /// Whether a session goes on.
    pub fn goes_on(&self, ticket: Ticket, now: Duration) -> bool {
        self.held.lock().get(&ticket).is_some_and(|session| now < session.until)
    }

    /// Signs out whoever sends this cookie.
    pub fn end(&self, headers: &HeaderMap) {
        if let Some(cookie) = cookie(headers) {
            self.held.lock().remove(&Ticket::of(cookie));
        }
    }

    /// What the forms of a session carry: no page of somebody else's knows it.
    pub fn form_token(&self, ticket: Ticket) -> String {
        let digest = Sha256::new_with_prefix(self.key).chain_update(ticket.0).finalize();
        hex::encode(&digest[..16])
    }

    /// Whether a form carries what the forms of this session do.
    pub fn is_form_token(&self, ticket: Ticket, sent: &str) -> bool {
        self.form_token(ticket).as_bytes().ct_eq(sent.as_bytes()).into()
    }
}

impl Ticket {
    fn of(cookie: &str) -> Self {
        Self(Sha256::digest(cookie).into())
    }
}

impl Session {
    /// Whether the user still has the password that was given.
    pub fn is_of(&self, user: &User) -> bool {
        self.password == Print::of(&user.password_hash)
    }
}

/// Ends those of `these` that end first, until there is a place within `room`.
fn make_room(held: &mut HashMap<Ticket, Session>, room: usize, these: impl Fn(&Session) -> bool) {
    while held.values().filter(|session| these(session)).count() >= room {
        let own = held.iter().filter(|(_, session)| these(session));
        let Some(first) = own.min_by_key(|(_, session)| session.until).map(|(ticket, _)| *ticket) else {
            return;
        };
        held.remove(&first);
    }
}

/// The `Set-Cookie` of a session, or the one that takes it away.
pub fn set_cookie(value: Option<&str>, is_secure: bool) -> HeaderValue {
    let secure = if is_secure { "; Secure" } else { "" };
    let (value, age) = value.map_or(("", 0), |value| (value, LIFETIME.as_secs()));
    let cookie = format!("{COOKIE}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::from_str(&cookie).expect("hex digits are a header value")
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies =
        lines.flat_map(|line| line.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    cookies.find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(cookie: &str) -> HeaderMap {
        let line = format!("other=1; {COOKIE}={cookie}").parse().unwrap();
        HeaderMap::from_iter([(header::COOKIE, line)])
    }

    fn session(user: u32, until: u64) -> Session {
        Session { user: UserId(user), password: Print::of("hash"), until: Duration::from_secs(until) }
    }

    #[test]
    fn a_session_ends_by_itself_and_when_it_is_ended() {
        let sessions = Sessions::default();
        for (cookie, until) in [("a", 10), ("b", 20)] {
            sessions.held.lock().insert(Ticket::of(cookie), session(1, until));
        }
        let is_in = |cookie, at| sessions.find(&sent(cookie), Duration::from_secs(at)).is_some();
        assert!(is_in("a", 9) && !is_in("a", 10) && is_in("b", 19) && !is_in("c", 0));
        sessions.end(&sent("b"));
        assert!(!is_in("b", 0));
    }

    #[test]
    fn of_more_sessions_than_there_is_room_for_the_one_that_ends_first_is_over() {
        let mut held: HashMap<_, _> = [("a", 1, 30), ("b", 1, 10), ("c", 2, 5)]
            .map(|(c, user, until)| (Ticket::of(c), session(user, until)))
            .into();
        make_room(&mut held, 2, |session| session.user == UserId(1));
        assert!(
            held.contains_key(&Ticket::of("a")) && held.contains_key(&Ticket::of("c")) && held.len() == 2
        );
    }

    #[test]
    fn a_form_of_one_session_is_none_of_another() {
        let sessions = Sessions::default();
        let (one, other) = (Ticket::of("a"), Ticket::of("b"));
        let token = sessions.form_token(one);
        assert!(sessions.is_form_token(one, &token) && !sessions.is_form_token(other, &token));
        assert!(!Sessions::default().is_form_token(one, &token));
    }
}
