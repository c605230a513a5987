//! The side that begins.

use super::{
    hello::{self, ClientHello, Random, ServerHello},
    kind,
    secrets::{Secrets, Terms},
    session::Session,
};
use crate::{
    Failure,
    cipher::{CipherSuite, ECDSA, RSA},
    exchange::{Exchange, Group, NAMED},
    fragments::Message,
    signature,
    wire::{self, Reader},
};

/// What comes next.
pub(crate) enum Client {
    /// Whether a cookie was wanted, which may be once.
    Hello {
        random: Random,
        has_cookie: bool,
    },
    Certificate(Terms),
    KeyExchange(Terms, Vec<u8>),
    /// A request of our certificate may come, or the end of the flight.
    Done {
        terms: Terms,
        half: Half,
        is_asked: bool,
    },
    Finished(Secrets),
    Over,
}

/// The server's half of the secret.
pub(crate) struct Half {
    group: &'static Group,
    public: Vec<u8>,
}

fn suites() -> impl Iterator<Item = &'static CipherSuite> {
    ECDSA.iter().chain(&RSA)
}

impl Client {
    /// Begins.
    pub(crate) fn new(session: &mut Session) -> Result<Self, Failure> {
        let random = Session::random()?;
        say_hello(random, &[], session);
        Ok(Self::Hello { random, has_cookie: false })
    }

    pub(crate) fn take(self, message: &Message, session: &mut Session) -> Result<Self, Failure> {
        match (self, message.kind) {
            (Self::Hello { random, has_cookie: false }, kind::HELLO_VERIFY_REQUEST) => {
                session.forget();
                say_hello(random, hello::cookie(&message.body).ok_or(Failure::Malformed)?, session);
                Ok(Self::Hello { random, has_cookie: true })
            }
            (Self::Hello { random, .. }, kind::SERVER_HELLO) => {
                session.hear(message);
                terms(random, &message.body).map(Self::Certificate)
            }
            (Self::Certificate(terms), kind::CERTIFICATE) => {
                Ok(Self::KeyExchange(terms, session.take_certificate(message)?))
            }
            (Self::KeyExchange(terms, certificate), kind::SERVER_KEY_EXCHANGE) => {
                session.hear(message);
                let half = read_half(&terms, &certificate, &message.body)?;
                Ok(Self::Done { terms, half, is_asked: false })
            }
            (Self::Done { terms, half, is_asked: false }, kind::CERTIFICATE_REQUEST) => {
                session.hear(message);
                Ok(Self::Done { terms, half, is_asked: true })
            }
            (Self::Done { terms, half, is_asked }, kind::SERVER_HELLO_DONE) => {
                session.hear(message);
                answer(terms, &half, is_asked, session).map(Self::Finished)
            }
            (Self::Finished(secrets), kind::FINISHED) => {
                session.take_finished(message, &secrets)?;
                session.flight.close();
                session.finish(&secrets);
                Ok(Self::Over)
            }
            (_, kind) => Err(Failure::Unexpected { kind }),
        }
    }
}

fn say_hello(random: Random, cookie: &[u8], session: &mut Session) {
    let hello = ClientHello::ours(random, cookie, suites().map(|suite| suite.id).collect());
    session.flight.begin();
    session.say(kind::CLIENT_HELLO, hello.bytes());
}

/// What the server has chosen.
fn terms(client: Random, body: &[u8]) -> Result<Terms, Failure> {
    let hello = ServerHello::parse(body)?;
    let suite = suites().find(|suite| suite.id == hello.suite).ok_or(Failure::NoCipher)?;
    let profile = hello.profile.and_then(hello::profile).ok_or(Failure::NoProfile)?;
    let has_extended_secret = hello.has_extended_secret;
    Ok(Terms { suite, profile, client, server: hello.random, has_extended_secret })
}

fn read_half(terms: &Terms, certificate: &[u8], body: &[u8]) -> Result<Half, Failure> {
    let mut reader = Reader::new(body);
    let (curve, group) = (reader.u8(), reader.u16().ok_or(Failure::Malformed)?);
    let public = reader.vector(1).ok_or(Failure::Malformed)?;
    let group = Group::named(group).filter(|_| curve == Some(NAMED)).ok_or(Failure::NoCipher)?;
    let params = &body[..4 + public.len()];
    signature::verify(certificate, &terms.signed(params), reader)?;
    Ok(Half { group, public: public.to_vec() })
}

/// Our flight: our certificate, if it is asked for, our half of the secret, and the end.
fn answer(terms: Terms, half: &Half, is_asked: bool, session: &mut Session) -> Result<Secrets, Failure> {
    session.flight.begin();
    if is_asked {
        session.say_certificate();
    }
    let exchange = Exchange::new(half.group)?;
    session.say(kind::CLIENT_KEY_EXCHANGE, wire::vector(1, exchange.public.as_ref()));
    let secrets = Secrets::new(terms, &exchange.complete(&half.public)?, session.transcript());
    if is_asked {
        let signature = session.sign(session.transcript())?;
        session.say(kind::CERTIFICATE_VERIFY, signature);
    }
    session.set_record_keys(&secrets);
    session.say_finished(&secrets);
    Ok(secrets)
}
