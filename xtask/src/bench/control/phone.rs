//! A phone of a few lines, so that nothing but the server is measured.

use std::{
    net::{SocketAddr, UdpSocket},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use md5::{Digest, Md5};

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub struct Phone {
    socket: UdpSocket,
}

/// A message as text.
pub struct Message(String);

impl Message {
    fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .lines()
            .filter(move |line| line.split(':').next().is_some_and(|own| own.eq_ignore_ascii_case(name)))
    }

    /// A quoted parameter of a challenge.
    fn quoted(&self, name: &str) -> Result<&str> {
        let rest = self.0.split_once(&format!("{name}=\"")).context("the server sent no challenge")?.1;
        Ok(rest.split('"').next().unwrap_or_default())
    }
}

impl Phone {
    /// Registers it with the server, for an hour.
    pub fn register(server: SocketAddr, user: &str, secret: &str) -> Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(server)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let phone = Self { socket };
        let at = phone.socket.local_addr()?;
        let register = |number: u32, credentials: &str| {
            format!(
                "REGISTER sip:bench SIP/2.0\r\nVia: SIP/2.0/UDP {at};branch=z9hG4bK{number}\r\n\
                 From: <sip:{user}@bench>;tag=1\r\nTo: <sip:{user}@bench>\r\nCall-ID: bench\r\n\
                 CSeq: {number} REGISTER\r\nContact: <sip:{user}@{at}>;expires=3600\r\nMax-Forwards: 70\r\n\
                 {credentials}Content-Length: 0\r\n\r\n"
            )
        };
        phone.socket.send(register(1, "").as_bytes())?;
        let challenge = phone.expect("SIP/2.0 401")?;
        let credentials = credentials(&challenge, user, secret)?;
        phone.socket.send(register(2, &credentials).as_bytes())?;
        phone.expect("SIP/2.0 200")?;
        Ok(phone)
    }

    /// The next message that begins like this; others are passed over.
    pub fn expect(&self, start: &str) -> Result<Message> {
        let mut buffer = [0; 4_096];
        loop {
            let length = self.socket.recv(&mut buffer).with_context(|| format!("no {start} came"))?;
            let text = std::str::from_utf8(&buffer[..length])?;
            if text.starts_with(start) {
                return Ok(Message(text.to_owned()));
            }
        }
    }

    /// Answers a request.
    pub fn answer(&self, request: &Message, status: &str) -> Result<()> {
        let at = self.socket.local_addr()?;
        let mut answer = format!("SIP/2.0 {status}\r\n");
        for name in ["Via", "From", "Call-ID", "CSeq"] {
            request.header(name).for_each(|line| answer.push_str(&format!("{line}\r\n")));
        }
        let to = request.header("To").next().context("a request without To")?;
        ensure!(!to.contains("tag="), "a request inside a dialog");
        answer.push_str(&format!("{to};tag=phone\r\nContact: <sip:{at}>\r\nContent-Length: 0\r\n\r\n"));
        self.socket.send(answer.as_bytes())?;
        Ok(())
    }
}

fn credentials(challenge: &Message, user: &str, secret: &str) -> Result<String> {
    let (realm, nonce) = (challenge.quoted("realm")?, challenge.quoted("nonce")?);
    let ha1 = md5(&format!("{user}:{realm}:{secret}"));
    let ha2 = md5("REGISTER:sip:bench");
    let response = md5(&format!("{ha1}:{nonce}:00000001:c:auth:{ha2}"));
    Ok(format!(
        "Authorization: Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"sip:bench\", \
         algorithm=MD5, qop=auth, nc=00000001, cnonce=\"c\", response=\"{response}\"\r\n"
    ))
}

fn md5(text: &str) -> String {
    Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
