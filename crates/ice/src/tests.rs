//! Checks of parties and of strangers, and the test vectors of RFC 5769.

use std::{net::SocketAddr, time::Duration};

use proptest::prelude::*;
use ring::hmac;

use crate::{Agent, CONSENT, Credentials, Dropped, stun::Request};

const NOW: Duration = Duration::from_secs(100);
const PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";

/// RFC 5769 section 2.1.
const REQUEST: &str = "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff\
    80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249\
    c1b571a280280004e57a3bcf";

fn vector() -> Vec<u8> {
    hex::decode(REQUEST).unwrap()
}

fn at(address: &str) -> SocketAddr {
    address.parse().unwrap()
}

fn credentials() -> Credentials {
    Credentials { fragment: "evtj".into(), password: PASSWORD.into() }
}

fn agent() -> Agent {
    Agent::new(credentials())
}

/// A check with these attributes, a user name among them, signed and with a fingerprint.
fn check(username: &str, password: &str, attributes: &[(u16, &[u8])]) -> Vec<u8> {
    let mut message = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    message.extend(*b"transaction!");
    let push = |message: &mut Vec<u8>, kind: u16, value: &[u8]| {
        message.extend(kind.to_be_bytes());
        message.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        message.extend(value);
        message.resize(message.len().next_multiple_of(4), 0);
        let length = u16::try_from(message.len() - 20).unwrap();
        message[2..4].copy_from_slice(&length.to_be_bytes());
    };
    push(&mut message, 0x0006, username.as_bytes());
    attributes.iter().for_each(|(kind, value)| push(&mut message, *kind, value));
    // The length that is signed counts the attribute itself.
    push(&mut message, 0x0008, &[0; 20]);
    let body = message.len() - 24;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
    let tag = hmac::sign(&key, &message[..body]);
    message[body + 4..].copy_from_slice(tag.as_ref());
    push(&mut message, 0x8028, &[0; 4]);
    let body = message.len() - 8;
    let crc = crc32fast::hash(&message[..body]) ^ 0x5354_554e;
    message[body + 4..].copy_from_slice(&crc.to_be_bytes());
    message
}

const NOMINATES: (u16, &[u8]) = (0x0025, &[]);

#[test]
fn the_request_of_rfc_5769_is_read_and_is_of_who_knows_the_password() {
    let bytes = vector();
    // It comes from one that takes itself for controlled, which a server's party never is.
    let request = Request::read(&bytes).unwrap();
    assert_eq!((request.username, request.is_controlled, request.nominates), ("evtj:h6vY", true, false));
    assert!(request.is_signed_with(PASSWORD));
    assert!(!request.is_signed_with("VOkJxbRl1RmTxUk/WvJxBu"));
    let answer = agent().receive(&bytes, at("192.0.2.1:32853"), NOW).unwrap();
    assert_eq!(answer.response[..2], [0x01, 0x11], "an error");
    assert!(!answer.has_moved);
}

#[test]
fn a_response_has_the_address_of_rfc_5769_and_is_signed() {
    let mut bytes = check("evtj:h6vY", PASSWORD, &[]);
    // The transaction of section 2.2, whose mapped address is 192.0.2.1:32853.
    let transaction = hex::decode("b7e7a701bc34d686fa87dfae").unwrap();
    bytes = resigned(bytes, &transaction);
    let answer = agent().receive(&bytes, at("192.0.2.1:32853"), NOW).unwrap().response;
    assert_eq!(hex::encode(&answer[20..32]), "002000080001a147e112a643");
    // What was sent back reads as what a party sends, but for its kind.
    let mut request = answer.clone();
    request[..2].copy_from_slice(&[0, 1]);
    assert_eq!(answer[..2], [0x01, 0x01]);
    let body = answer.len() - 32;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, PASSWORD.as_bytes());
    let mut signed = answer[..body].to_vec();
    signed[2..4].copy_from_slice(&u16::try_from(body + 4).unwrap().to_be_bytes());
    hmac::verify(&key, &signed, &answer[body + 4..body + 24]).unwrap();
    let crc = crc32fast::hash(&answer[..answer.len() - 8]) ^ 0x5354_554e;
    assert_eq!(answer[answer.len() - 4..], crc.to_be_bytes());
}

/// The same check in another transaction.
fn resigned(check_: Vec<u8>, transaction: &[u8]) -> Vec<u8> {
    let mut message = check_[..check_.len() - 32].to_vec();
    message[8..20].copy_from_slice(transaction);
    let signed = message.len() + 24 - 20;
    message[2..4].copy_from_slice(&u16::try_from(signed).unwrap().to_be_bytes());
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, PASSWORD.as_bytes());
    let tag = hmac::sign(&key, &message);
    message.extend([0, 8, 0, 20]);
    message.extend(tag.as_ref());
    message[2..4].copy_from_slice(&u16::try_from(signed + 8).unwrap().to_be_bytes());
    let crc = crc32fast::hash(&message) ^ 0x5354_554e;
    message.extend([0x80, 0x28, 0, 4]);
    message.extend(crc.to_be_bytes());
    message
}

#[test]
fn the_first_path_is_used_until_the_party_names_one() {
    let mut agent = agent();
    let mut take = |packet: &[u8], from: &str, now| {
        let moved = agent.receive(packet, at(from), now).unwrap().has_moved;
        (moved, agent.target(now))
    };
    let (plain, named) =
        (check("evtj:peer", PASSWORD, &[]), check("evtj:peer", PASSWORD, &[(0x0024, &[1; 4]), NOMINATES]));
    assert_eq!(take(&plain, "10.0.0.1:4000", NOW), (true, Some(at("10.0.0.1:4000"))));
    assert_eq!(take(&plain, "10.0.0.2:4000", NOW), (false, Some(at("10.0.0.1:4000"))));
    assert_eq!(take(&named, "10.0.0.2:4000", NOW), (true, Some(at("10.0.0.2:4000"))));
    assert_eq!(take(&plain, "10.0.0.1:4000", NOW), (false, Some(at("10.0.0.2:4000"))));
    assert_eq!(take(&named, "10.0.0.2:4000", NOW), (false, Some(at("10.0.0.2:4000"))));
    assert_eq!(take(&named, "[2001:db8::1]:4000", NOW), (true, Some(at("[2001:db8::1]:4000"))));
}

#[test]
fn a_party_that_checks_no_more_is_sent_nothing() {
    let mut agent = agent();
    let packet = check("evtj:peer", PASSWORD, &[NOMINATES]);
    agent.receive(&packet, at("10.0.0.1:4000"), NOW).unwrap();
    assert_eq!(agent.target(NOW + CONSENT / 2), Some(at("10.0.0.1:4000")));
    assert_eq!(agent.target(NOW + CONSENT), None);
    assert!(!agent.receive(&packet, at("10.0.0.1:4000"), NOW + CONSENT).unwrap().has_moved);
    assert_eq!(agent.target(NOW + CONSENT), Some(at("10.0.0.1:4000")));
}

#[test]
fn who_is_somebody_else_is_dropped() {
    let mut agent = agent();
    agent.set(&credentials(), Some(&"peer".into()));
    let right = check("evtj:peer", PASSWORD, &[]);
    for (username, password) in [
        ("evtj:other", PASSWORD),
        ("evtk:peer", PASSWORD),
        ("evtj", PASSWORD),
        ("", PASSWORD),
        ("evtj:peer", "another password"),
    ] {
        let packet = check(username, password, &[NOMINATES]);
        assert_eq!(agent.receive(&packet, at("192.0.2.1:1"), NOW), Err(Dropped::Stranger), "{username}");
    }
    for cut in 0..right.len() {
        assert_eq!(agent.receive(&right[..cut], at("192.0.2.1:1"), NOW), Err(Dropped::Malformed), "{cut}");
    }
    let unknown = check("evtj:peer", PASSWORD, &[(0x0099, &[])]);
    assert_eq!(agent.receive(&unknown, at("192.0.2.1:1"), NOW), Err(Dropped::Malformed));
    assert_eq!(agent.target(NOW), None);
    assert!(agent.receive(&right, at("192.0.2.1:1"), NOW).is_ok());
}

#[test]
fn credentials_are_of_the_characters_that_may_be() {
    let credentials = Credentials::of_chance(&std::array::from_fn(|at| u8::try_from(at * 7).unwrap()));
    let text = format!("{}{}", credentials.fragment, credentials.password);
    assert_eq!((credentials.fragment.len(), credentials.password.len()), (8, 24));
    assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte)));
    assert!(!format!("{credentials:?}").contains(&*credentials.password));
}

proptest! {
    #[test]
    fn a_changed_check_moves_nobody(at_byte in 0_usize..200, bit in 0_u8..8) {
        let mut packet = check("evtj:peer", PASSWORD, &[(0x0024, &[1; 4]), NOMINATES]);
        let index = at_byte % packet.len();
        packet[index] ^= 1 << bit;
        let mut agent = agent();
        prop_assert!(agent.receive(&packet, at("192.0.2.1:1"), NOW).is_err());
        prop_assert_eq!(agent.target(NOW), None);
    }

    #[test]
    fn no_bytes_are_a_check(bytes in proptest::collection::vec(any::<u8>(), 0..200), is_headed: bool) {
        let mut packet = bytes;
        if is_headed && packet.len() >= 20 {
            packet.truncate(packet.len() / 4 * 4);
            let length = u16::try_from(packet.len() - 20).unwrap();
            packet[..2].copy_from_slice(&[0, 1]);
            packet[2..4].copy_from_slice(&length.to_be_bytes());
            packet[4..8].copy_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
        }
        prop_assert!(agent().receive(&packet, at("192.0.2.1:1"), NOW).is_err());
    }
}
