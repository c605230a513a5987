//! The side that waits.

use super::{
    hello::{ClientHello, ServerHello},
    kind,
    secrets::{Secrets, Terms},
    session::Session,
};
use crate::{
    Failure,
    cipher::ECDSA,
    exchange::{Exchange, Group},
    fragments::Message,
    signature,
    wire::{self, Reader},
};

/// What we take of clients: ECDSA, and RSA, which dearer and older phones have.
const CERTIFICATE_TYPES: [u8; 2] = [64, 1];

/// What comes next.
pub(crate) enum Server {
    Hello,
    Certificate(Begun),
    KeyExchange(Begun, Vec<u8>),
    Verify(Secrets, Vec<u8>),
    Finished(Secrets),
    Done,
}

/// What our flight has said.
pub(crate) struct Begun {
    terms: Terms,
    exchange: Exchange,
}

impl Server {
    pub(crate) fn take(self, message: &Message, session: &mut Session) -> Result<Self, Failure> {
        match (self, message.kind) {
            (Self::Hello, kind::CLIENT_HELLO) => greet(message, session).map(Self::Certificate),
            (Self::Certificate(begun), kind::CERTIFICATE) => {
                Ok(Self::KeyExchange(begun, session.take_certificate(message)?))
            }
            (Self::KeyExchange(begun, certificate), kind::CLIENT_KEY_EXCHANGE) => {
                Ok(Self::Verify(agree(begun, message, session)?, certificate))
            }
            (Self::Verify(secrets, certificate), kind::CERTIFICATE_VERIFY) => {
                signature::verify(&certificate, session.transcript(), Reader::new(&message.body))?;
                session.hear(message);
                Ok(Self::Finished(secrets))
            }
            (Self::Finished(secrets), kind::FINISHED) => finish(&secrets, message, session),
            (_, kind) => Err(Failure::Unexpected { kind }),
        }
    }
}

/// Chooses, shows our certificate, and asks for the client's.
fn greet(message: &Message, session: &mut Session) -> Result<Begun, Failure> {
    let hello = ClientHello::parse(&message.body)?;
    let (profile, suite) = hello.profile().ok_or(Failure::NoProfile)?;
    let cipher = ECDSA.iter().find(|cipher| hello.suites.contains(&cipher.id)).ok_or(Failure::NoCipher)?;
    let group = Group::best(hello.groups.as_deref()).ok_or(Failure::NoCipher)?;
    if hello.schemes.is_some_and(|schemes| !schemes.contains(&signature::OURS)) {
        return Err(Failure::NoCipher);
    }
    let answer = ServerHello {
        random: Session::random()?,
        suite: cipher.id,
        profile: Some(profile),
        has_extended_secret: hello.has_extended_secret,
        has_renegotiation: hello.has_renegotiation,
    };
    let terms = Terms {
        suite: cipher,
        profile: suite,
        client: hello.random,
        server: answer.random,
        has_extended_secret: answer.has_extended_secret,
    };
    let begun = Begun { terms, exchange: Exchange::new(group)? };
    session.hear(message);
    session.flight.begin();
    session.say(kind::SERVER_HELLO, answer.bytes());
    session.say_certificate();
    say_half(&begun, session)?;
    session.say(kind::CERTIFICATE_REQUEST, request());
    session.say(kind::SERVER_HELLO_DONE, Vec::new());
    Ok(begun)
}

/// Our half of the secret, signed.
fn say_half(begun: &Begun, session: &mut Session) -> Result<(), Failure> {
    let params = begun.exchange.params();
    let signature = session.sign(&begun.terms.signed(&params))?;
    session.say(kind::SERVER_KEY_EXCHANGE, [params, signature].concat());
    Ok(())
}

/// Which certificates we take: whoever vouches for them.
fn request() -> Vec<u8> {
    [wire::vector(1, &CERTIFICATE_TYPES), wire::list(&signature::ALL), wire::list(&[])].concat()
}

fn agree(begun: Begun, message: &Message, session: &mut Session) -> Result<Secrets, Failure> {
    let theirs = Reader::new(&message.body).vector(1).ok_or(Failure::Malformed)?;
    let premaster = begun.exchange.complete(theirs)?;
    session.hear(message);
    let secrets = Secrets::new(begun.terms, &premaster, session.transcript());
    session.set_record_keys(&secrets);
    Ok(secrets)
}

fn finish(secrets: &Secrets, message: &Message, session: &mut Session) -> Result<Server, Failure> {
    session.take_finished(message, secrets)?;
    session.flight.begin();
    session.say_finished(secrets);
    session.flight.end();
    session.finish(secrets);
    Ok(Server::Done)
}
