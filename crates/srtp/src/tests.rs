//! Test vectors of the RFCs, and what is refused.

use proptest::prelude::*;

use crate::{
    Error, MOST_STREAMS, MasterKey, OVERHEAD, Receiver, Sender, Suite,
    cipher::Cipher,
    packet::{Header, control_ssrc},
};

fn hex(text: &str) -> Vec<u8> {
    hex::decode(text.replace([' ', '\n'], "")).unwrap()
}

fn key(suite: Suite) -> MasterKey {
    let bytes: Vec<_> = (1..).take(suite.length()).collect();
    MasterKey::new(suite, &bytes).unwrap()
}

fn packet(ssrc: u32, sequence: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, 0];
    packet.extend(sequence.to_be_bytes());
    packet.extend([0, 0, 0, 160]);
    packet.extend(ssrc.to_be_bytes());
    packet.extend(payload);
    packet
}

fn protect(sender: &mut Sender, packet: &[u8]) -> Result<Vec<u8>, Error> {
    sealed(packet, |buffer, length| sender.protect(buffer, length))
}

fn protect_control(sender: &mut Sender, packet: &[u8]) -> Result<Vec<u8>, Error> {
    sealed(packet, |buffer, length| sender.protect_control(buffer, length))
}

fn sealed(
    packet: &[u8],
    seal: impl FnOnce(&mut [u8], usize) -> Result<usize, Error>,
) -> Result<Vec<u8>, Error> {
    let mut buffer = packet.to_vec();
    buffer.resize(packet.len() + OVERHEAD, 0xee);
    let length = seal(&mut buffer, packet.len())?;
    buffer.truncate(length);
    Ok(buffer)
}

fn unprotect(receiver: &mut Receiver, packet: &[u8]) -> Result<Vec<u8>, Error> {
    let mut packet = packet.to_vec();
    let length = receiver.unprotect(&mut packet)?;
    packet.truncate(length);
    Ok(packet)
}

fn unprotect_control(receiver: &mut Receiver, packet: &[u8]) -> Result<Vec<u8>, Error> {
    let mut packet = packet.to_vec();
    let length = receiver.unprotect_control(&mut packet)?;
    packet.truncate(length);
    Ok(packet)
}

/// The reference packets of libsrtp (`srtp_validate`), made with the key of RFC 3711 appendix B.3.
#[test]
fn counter_mode_gives_the_reference_packets() {
    let key = hex("e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6");
    let key = MasterKey::new(Suite::AesCm128HmacSha1_80, &key).unwrap();
    let plain = hex("800f1234 decafbad cafebabe abababab abababab abababab abababab");
    let secured =
        hex("800f1234 decafbad cafebabe 4e55dc4c e79978d8 8ca4d215 949d2402 b78d6acc 99ea179b 8dbb");
    let plain_control = hex("81c8000b cafebabe abababab abababab abababab abababab");
    let secured_control =
        hex("81c8000b cafebabe 7128035b e487b9bd bef89041 f977a5a8 80000001 993e08cd 54d6c123 0798");
    let (mut sender, mut receiver) = (Sender::new(&key, 1), Receiver::new(&key));
    assert_eq!(protect(&mut sender, &plain).unwrap(), secured);
    assert_eq!(unprotect(&mut receiver, &secured).unwrap(), plain);
    assert_eq!(protect_control(&mut sender, &plain_control).unwrap(), secured_control);
    assert_eq!(unprotect_control(&mut receiver, &secured_control).unwrap(), plain_control);
}

const PLAIN: &str = "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 \
                     61727465 73207472 6573";
const PLAIN_CONTROL: &str = "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef \
                             deadbeef deadbeef deadbeef deadbeef";

/// RFC 7714 sections 16 and 17, whose keys are those of a session.
#[test]
fn galois_counter_mode_gives_the_packets_of_the_rfc() {
    let salt = *hex("517569642070726f2071756f").first_chunk().unwrap();
    let long = hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    let cases = [
        (
            16,
            "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b \
             36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce",
        ),
        (
            32,
            "8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02 76ffae0f \
             1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13",
        ),
    ];
    for (length, secured) in cases {
        let cipher = Cipher::galois(&long[..length], salt);
        let header = Header::read(&hex(PLAIN)).unwrap();
        let index = header.sequence.into();
        let seal =
            |buffer: &mut [u8], length| cipher.seal(buffer, length, header, index).ok_or(Error::Malformed);
        let mut packet = sealed(&hex(PLAIN), seal).unwrap();
        assert_eq!(packet, hex(secured));
        let opened = cipher.open(&mut packet, header, index).unwrap();
        assert_eq!(packet[..opened], hex(PLAIN));
    }
}

/// RFC 7714 sections 17.1 and 17.3.
#[test]
fn galois_counter_mode_gives_the_control_packets_of_the_rfc() {
    let salt = *hex("517569642070726f2071756f").first_chunk().unwrap();
    let cipher = Cipher::galois(&hex("000102030405060708090a0b0c0d0e0f"), salt);
    let ssrc = control_ssrc(&hex(PLAIN_CONTROL)).unwrap();
    let secured = "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda \
                   4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4";
    let tagged = "841dd968 3dd78ec9 2ae58790 125f62b3 000005d4";
    let seal =
        |buffer: &mut [u8], length| cipher.seal_control(buffer, length, ssrc, 0x5d4).ok_or(Error::Malformed);
    assert_eq!(sealed(&hex(PLAIN_CONTROL), seal).unwrap(), hex(secured));
    for mut packet in [hex(secured), hex(&format!("{PLAIN_CONTROL} {tagged}"))] {
        let opened = cipher.open_control(&mut packet, ssrc).unwrap();
        assert_eq!(packet[..opened], hex(PLAIN_CONTROL));
    }
}

#[test]
fn numbers_roll_over_twice_and_late_packets_are_still_read() {
    for suite in Suite::ALL {
        let (mut sender, mut receiver) = (Sender::new(&key(suite), 0), Receiver::new(&key(suite)));
        let mut late = None;
        for number in (65_000..65_000_u32 + 3 * 65_536).step_by(97) {
            #[expect(clippy::cast_possible_truncation, reason = "what rolls over")]
            let plain = packet(7, number as u16, &number.to_be_bytes());
            let secured = protect(&mut sender, &plain).unwrap();
            match number {
                // The last of a round comes after the first of the next.
                65_485 => late = Some((plain, secured)),
                _ => assert_eq!(unprotect(&mut receiver, &secured).unwrap(), plain, "{number}"),
            }
            if number == 65_582 {
                let (plain, secured) = late.take().unwrap();
                assert_eq!(unprotect(&mut receiver, &secured).unwrap(), plain);
            }
        }
    }
}

#[test]
fn a_packet_passes_once_in_either_direction() {
    for suite in Suite::ALL {
        let (mut sender, mut receiver) = (Sender::new(&key(suite), 0), Receiver::new(&key(suite)));
        let plain = packet(7, 1, b"hello");
        let secured = protect(&mut sender, &plain).unwrap();
        assert_eq!(protect(&mut sender, &packet(7, 1, b"other")), Err(Error::Replayed));
        assert!(unprotect(&mut receiver, &secured).is_ok());
        assert_eq!(unprotect(&mut receiver, &secured), Err(Error::Replayed));
        let control = protect_control(&mut sender, &[0x80, 201, 0, 1, 0, 0, 0, 7]).unwrap();
        assert!(unprotect_control(&mut receiver, &control).is_ok());
        assert_eq!(unprotect_control(&mut receiver, &control), Err(Error::Replayed));
    }
}

#[test]
fn forged_packets_change_nothing() {
    for suite in Suite::ALL {
        let (mut sender, mut receiver) = (Sender::new(&key(suite), 0), Receiver::new(&key(suite)));
        let other = MasterKey::new(suite, &vec![9; suite.length()]).unwrap();
        let mut stranger = Sender::new(&other, 0);
        for number in 0..10_000_u16 {
            let forged = protect(&mut stranger, &packet((number % 16).into(), number, b"forged")).unwrap();
            assert_eq!(unprotect(&mut receiver, &forged), Err(Error::Forged));
        }
        let secured = protect(&mut sender, &packet(7, 1, b"hello")).unwrap();
        for at in 0..secured.len() {
            let mut changed = secured.clone();
            changed[at] ^= 1;
            assert!(unprotect(&mut receiver, &changed).is_err(), "{at}");
            assert!(unprotect(&mut receiver, &secured[..at]).is_err(), "{at}");
        }
        assert!(unprotect(&mut receiver, &secured).is_ok());
    }
}

#[test]
fn one_stream_too_many_is_not_sent_and_lets_the_oldest_be_forgotten_where_it_is_received() {
    let key = key(Suite::AesCm128HmacSha1_80);
    let mut sender = Sender::new(&key, 0);
    let (most, mut receiver) = (u32::try_from(MOST_STREAMS).unwrap(), Receiver::new(&key));
    for ssrc in 0..most {
        let secured = protect(&mut sender, &packet(ssrc, 1, b"x")).unwrap();
        assert!(unprotect(&mut receiver, &secured).is_ok());
    }
    assert_eq!(protect(&mut sender, &packet(most, 1, b"x")), Err(Error::TooManyStreams));
    let secured = protect(&mut Sender::new(&key, 0), &packet(most, 1, b"x")).unwrap();
    assert!(unprotect(&mut receiver, &secured).is_ok());
}

#[test]
fn nothing_shows_a_key() {
    let shown = format!("{:?}", key(Suite::AeadAes256Gcm));
    assert_eq!(shown, "MasterKey(AEAD_AES_256_GCM)");
}

#[test]
fn keys_of_other_lengths_are_none() {
    for suite in Suite::ALL {
        assert_eq!(Suite::named(&suite.name().to_lowercase()), Some(suite));
        for length in [0, suite.length() - 1, suite.length() + 1] {
            assert_eq!(MasterKey::new(suite, &vec![1; length]), None);
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..100), suite in 0_usize..4) {
        let key = key(Suite::ALL[suite]);
        let mut receiver = Receiver::new(&key);
        prop_assert!(receiver.unprotect(&mut bytes.clone()).is_err());
        prop_assert!(receiver.unprotect_control(&mut bytes.clone()).is_err());
        let _ = protect(&mut Sender::new(&key, 0), &bytes);
        let _ = protect_control(&mut Sender::new(&key, 0), &bytes);
    }
}
