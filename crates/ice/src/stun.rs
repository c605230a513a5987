//! STUN messages as connectivity checks use them (RFC 8489, RFC 8445 section 7.1): Binding requests are read, and their
//! responses written.

use std::net::{IpAddr, SocketAddr};

use ring::hmac;
use subtle::ConstantTimeEq;

use crate::Dropped;

/// Bytes before the attributes.
const HEADER: usize = 20;
/// In each message (RFC 8489 section 5).
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: u16 = 0x0001;
const BINDING_SUCCESS: u16 = 0x0101;
const BINDING_ERROR: u16 = 0x0111;
/// What the CRC-32 of a message is combined with (section 14.7).
const FINGERPRINT_MASK: u32 = 0x5354_554e;

const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const ERROR_CODE: u16 = 0x0009;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const PRIORITY: u16 = 0x0024;
const USE_CANDIDATE: u16 = 0x0025;
const FINGERPRINT: u16 = 0x8028;
const ICE_CONTROLLED: u16 = 0x8029;

/// Bytes of an HMAC-SHA1.
const HMAC: usize = 20;
/// Bytes of an attribute's type and length.
const HEAD: usize = 4;

/// Whether a packet is STUN, as what may share a port is told apart (RFC 7983).
pub fn is_stun(packet: &[u8]) -> bool {
    packet.first().is_some_and(|first| *first < 4)
}

/// A Binding request whose fingerprint is right, and which says who sends it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) transaction: [u8; 12],
    pub(crate) username: &'a str,
    /// The sender wants to use this path.
    pub(crate) nominates: bool,
    /// The sender takes the other side for the one that decides.
    pub(crate) is_controlled: bool,
    bytes: &'a [u8],
    /// Where the attribute with the HMAC begins.
    integrity: usize,
}

impl<'a> Request<'a> {
    /// Reads a request. What follows the HMAC counts for nothing, but for the fingerprint (section 14.5).
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Dropped> {
        let head = bytes.first_chunk::<HEADER>().ok_or(Dropped::Malformed)?;
        let is_whole = usize::from(word(&head[2..])) + HEADER == bytes.len() && bytes.len().is_multiple_of(4);
        if word(head) != BINDING_REQUEST || head[4..8] != COOKIE || !is_whole {
            return Err(Dropped::Malformed);
        }
        let (mut username, mut integrity, mut is_marked) = (None, None, false);
        let (mut nominates, mut is_controlled) = (false, false);
        for attribute in attributes(bytes) {
            let Attribute { at, kind, value } = attribute?;
            match (kind, integrity) {
                (FINGERPRINT, _) => is_marked = is_fingerprint(bytes, at, value),
                (_, Some(_)) => {}
                (USERNAME, None) => username = std::str::from_utf8(value).ok(),
                (MESSAGE_INTEGRITY, None) if value.len() == HMAC => integrity = Some(at),
                (USE_CANDIDATE, None) => nominates = true,
                (ICE_CONTROLLED, None) => is_controlled = true,
                // Whatever must be understood and is not (section 14).
                (0..0x8000, None) if kind != PRIORITY => return Err(Dropped::Malformed),
                _ => {}
            }
        }
        let (Some(username), Some(integrity), true) = (username, integrity, is_marked) else {
            return Err(Dropped::Malformed);
        };
        let transaction = head[8..].try_into().expect("twelve of twenty bytes");
        Ok(Self { transaction, username, nominates, is_controlled, bytes, integrity })
    }

    /// Whether it was made by somebody who knows the password.
    pub(crate) fn is_signed_with(&self, password: &str) -> bool {
        let signed = signature(password, &self.bytes[..self.integrity]);
        let said = &self.bytes[self.integrity + HEAD..][..HMAC];
        signed.as_ref().ct_eq(said).into()
    }
}

/// The response to a request that came from there.
pub(crate) fn success(request: &Request<'_>, from: SocketAddr, password: &str) -> Vec<u8> {
    let mut response = begun(BINDING_SUCCESS, request);
    push(&mut response, XOR_MAPPED_ADDRESS, &mapped(from, &request.transaction));
    ended(response, password)
}

/// The response to a request whose sender must not have the part that it takes (RFC 8445 section 7.3.1.1).
pub(crate) fn role_conflict(request: &Request<'_>, password: &str) -> Vec<u8> {
    let mut response = begun(BINDING_ERROR, request);
    push(&mut response, ERROR_CODE, b"\x00\x00\x04\x57Role Conflict");
    ended(response, password)
}

fn begun(kind: u16, request: &Request<'_>) -> Vec<u8> {
    let mut response = Vec::with_capacity(96);
    response.extend(kind.to_be_bytes());
    response.extend([0, 0]);
    response.extend(COOKIE);
    response.extend(request.transaction);
    response
}

fn ended(mut message: Vec<u8>, password: &str) -> Vec<u8> {
    let signed = signature(password, &message);
    push(&mut message, MESSAGE_INTEGRITY, signed.as_ref());
    let crc = fingerprint(&message);
    push(&mut message, FINGERPRINT, &crc.to_be_bytes());
    let length = u16::try_from(message.len() - HEADER).expect("a few attributes");
    message[2..4].copy_from_slice(&length.to_be_bytes());
    message
}

/// Adds an attribute, filled up to whole words.
fn push(message: &mut Vec<u8>, kind: u16, value: &[u8]) {
    message.extend(kind.to_be_bytes());
    message.extend(u16::try_from(value.len()).expect("a short value").to_be_bytes());
    message.extend(value);
    message.resize(message.len().next_multiple_of(4), 0);
}

/// The HMAC of a message whose attribute for it would begin where `before` ends.
fn signature(password: &str, before: &[u8]) -> hmac::Tag {
    let mut context =
        hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()));
    context.update(&before[..2]);
    context.update(&length_with(before, HMAC));
    context.update(&before[4..]);
    context.sign()
}

/// The fingerprint of a message whose attribute for it would begin where `before` ends.
fn fingerprint(before: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&before[..2]);
    crc.update(&length_with(before, 4));
    crc.update(&before[4..]);
    crc.finalize() ^ FINGERPRINT_MASK
}

/// Whether the attribute that begins there is the message's fingerprint, and its last attribute.
fn is_fingerprint(bytes: &[u8], at: usize, value: &[u8]) -> bool {
    at + HEAD + 4 == bytes.len() && *value == fingerprint(&bytes[..at]).to_be_bytes()
}

/// The length that a header says when one more attribute of so many bytes is the last.
fn length_with(before: &[u8], value: usize) -> [u8; 2] {
    u16::try_from(before.len() - HEADER + HEAD + value).unwrap_or(u16::MAX).to_be_bytes()
}

/// An address, combined with what every middlebox that would change it does not know (RFC 8489 section 14.2).
fn mapped(address: SocketAddr, transaction: &[u8; 12]) -> Vec<u8> {
    let mask = || COOKIE.iter().chain(transaction);
    let mut value = match address {
        SocketAddr::V4(_) => vec![0, 1],
        SocketAddr::V6(_) => vec![0, 2],
    };
    let port = address.port().to_be_bytes();
    value.extend(port.iter().zip(mask()).map(|(byte, mask)| byte ^ mask));
    let ip = match address.ip() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    value.extend(ip.iter().zip(mask()).map(|(byte, mask)| byte ^ mask));
    value
}

struct Attribute<'a> {
    /// Where it begins in the message.
    at: usize,
    kind: u16,
    value: &'a [u8],
}

/// The attributes of a message, whose length is known to be a multiple of four.
fn attributes(bytes: &[u8]) -> impl Iterator<Item = Result<Attribute<'_>, Dropped>> {
    let mut at = HEADER;
    std::iter::from_fn(move || {
        let head = bytes.get(at..at + HEAD)?;
        let (kind, length) = (word(head), usize::from(word(&head[2..])));
        let begin = at;
        at += HEAD + length.next_multiple_of(4);
        let value = bytes.get(begin + HEAD..begin + HEAD + length);
        Some(value.map(|value| Attribute { at: begin, kind, value }).ok_or(Dropped::Malformed))
    })
}

fn word(bytes: &[u8]) -> u16 {
    u16::from_be_bytes([bytes[0], bytes[1]])
}
