//! Packets encrypted and decrypted in place: in counter mode with HMAC-SHA1 (RFC 3711), or in Galois counter mode
//! (RFC 7714). Indices are for the caller to know.

use aes::{Aes128, cipher::KeyInit};
use ctr::{
    CtrCore,
    cipher::{InnerIvInit, StreamCipher, StreamCipherCoreWrapper},
    flavors,
};
use ring::{
    aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hmac::{self, HMAC_SHA1_FOR_LEGACY_USE_ONLY},
};
use subtle::ConstantTimeEq;

use crate::{
    Error, MasterKey, Suite,
    derive::{Kind, Purpose, derive},
    packet::{CONTROL_HEADER, Header},
};

/// Bytes of a tag in Galois counter mode.
const GCM_TAG: usize = 16;
/// Bytes of a tag of RTCP in counter mode, and of RTP where it is not shortened.
const HMAC_TAG: usize = 10;
/// Bytes of the word that says which RTCP packet this is.
const INDEX: usize = 4;
/// The bit in it that says that the packet is encrypted.
const IS_ENCRYPTED: u32 = 1 << 31;

/// The session keys of one direction, for RTP or for RTCP.
pub(crate) enum Cipher {
    Counter(Box<Counter>),
    Galois(Box<Galois>),
}

pub(crate) struct Counter {
    aes: Aes128,
    salt: [u8; 14],
    mac: hmac::Key,
    tag: usize,
}

pub(crate) struct Galois {
    key: LessSafeKey,
    salt: [u8; 12],
}

impl Cipher {
    pub(crate) fn new(master: &MasterKey, kind: Kind) -> Self {
        let mut key = [0; 32];
        let key = &mut key[..master.suite().key_length()];
        derive(master, kind, Purpose::Encryption, key);
        match master.suite() {
            Suite::AesCm128HmacSha1_80 | Suite::AesCm128HmacSha1_32 => {
                let (mut salt, mut mac) = ([0; 14], [0; 20]);
                derive(master, kind, Purpose::Salt, &mut salt);
                derive(master, kind, Purpose::Authentication, &mut mac);
                let tag = match (master.suite(), kind) {
                    (Suite::AesCm128HmacSha1_32, Kind::Rtp) => 4,
                    _ => HMAC_TAG,
                };
                let aes = Aes128::new_from_slice(key).expect("16 bytes");
                let mac = hmac::Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &mac);
                Self::Counter(Box::new(Counter { aes, salt, mac, tag }))
            }
            Suite::AeadAes128Gcm | Suite::AeadAes256Gcm => {
                let mut salt = [0; 12];
                derive(master, kind, Purpose::Salt, &mut salt);
                Self::galois(key, salt)
            }
        }
    }

    pub(crate) fn galois(key: &[u8], salt: [u8; 12]) -> Self {
        let algorithm = if key.len() == 32 { &AES_256_GCM } else { &AES_128_GCM };
        let key = UnboundKey::new(algorithm, key).expect("as many bytes as the algorithm wants");
        Self::Galois(Box::new(Galois { key: LessSafeKey::new(key), salt }))
    }

    /// Encrypts the RTP packet of `length` bytes in a buffer with room behind it; gives its new length.
    pub(crate) fn seal(&self, buffer: &mut [u8], length: usize, header: Header, index: u64) -> Option<usize> {
        match self {
            Self::Counter(counter) => {
                counter.keystream(header.ssrc, index).apply_keystream(&mut buffer[header.length..length]);
                let tag = counter.sign(&buffer[..length], &rollovers(index));
                put(buffer, length, &tag.as_ref()[..counter.tag])
            }
            Self::Galois(galois) => {
                let (head, payload) = buffer[..length].split_at_mut(header.length);
                let nonce = galois.nonce(header.ssrc, index);
                let tag = galois.key.seal_in_place_separate_tag(nonce, Aad::from(&*head), payload).ok()?;
                put(buffer, length, tag.as_ref())
            }
        }
    }

    /// Decrypts an RTP packet; gives its new length.
    pub(crate) fn open(&self, packet: &mut [u8], header: Header, index: u64) -> Result<usize, Error> {
        match self {
            Self::Counter(counter) => {
                let length = packet.len().checked_sub(counter.tag).filter(|length| *length >= header.length);
                let length = length.ok_or(Error::Malformed)?;
                let (content, tag) = packet.split_at_mut(length);
                counter.verify(content, &rollovers(index), tag)?;
                counter.keystream(header.ssrc, index).apply_keystream(&mut content[header.length..]);
                Ok(length)
            }
            Self::Galois(galois) => {
                let (head, payload) = packet.split_at_mut(header.length);
                let nonce = galois.nonce(header.ssrc, index);
                let opened = galois.key.open_in_place(nonce, Aad::from(&*head), payload);
                Ok(header.length + opened.map_err(|_| Error::Forged)?.len())
            }
        }
    }

    /// Encrypts an RTCP packet like [`Self::seal`].
    pub(crate) fn seal_control(
        &self,
        buffer: &mut [u8],
        length: usize,
        ssrc: u32,
        index: u32,
    ) -> Option<usize> {
        let word = (index | IS_ENCRYPTED).to_be_bytes();
        match self {
            Self::Counter(counter) => {
                let content = &mut buffer[CONTROL_HEADER..length];
                counter.keystream(ssrc, index.into()).apply_keystream(content);
                let tag = counter.sign(&buffer[..length], &word);
                let length = put(buffer, length, &word)?;
                put(buffer, length, &tag.as_ref()[..counter.tag])
            }
            Self::Galois(galois) => {
                let (head, content) = buffer[..length].split_at_mut(CONTROL_HEADER);
                let known = known_of_control(head, word);
                let nonce = galois.control_nonce(ssrc, index);
                let tag = galois.key.seal_in_place_separate_tag(nonce, Aad::from(known), content).ok()?;
                let length = put(buffer, length, tag.as_ref())?;
                put(buffer, length, &word)
            }
        }
    }

    /// The index of an RTCP packet, and whether it is encrypted.
    pub(crate) fn control_index(&self, packet: &[u8]) -> Option<(u32, bool)> {
        let behind = match self {
            Self::Counter(counter) => counter.tag,
            Self::Galois(_) => 0,
        };
        let end = packet.len().checked_sub(behind)?;
        let word = packet.get(end.checked_sub(INDEX)?..end)?;
        let word = u32::from_be_bytes([word[0], word[1], word[2], word[3]]);
        Some((word & !IS_ENCRYPTED, word & IS_ENCRYPTED != 0))
    }

    /// Decrypts an RTCP packet like [`Self::open`].
    pub(crate) fn open_control(&self, packet: &mut [u8], ssrc: u32) -> Result<usize, Error> {
        let (index, is_encrypted) = self.control_index(packet).ok_or(Error::Malformed)?;
        match self {
            Self::Counter(counter) => {
                let length = packet.len().checked_sub(counter.tag + INDEX);
                let length = length.filter(|length| *length >= CONTROL_HEADER).ok_or(Error::Malformed)?;
                let (signed, tag) = packet.split_at_mut(length + INDEX);
                counter.verify(signed, &[], tag)?;
                if is_encrypted {
                    let content = &mut signed[CONTROL_HEADER..length];
                    counter.keystream(ssrc, index.into()).apply_keystream(content);
                }
                Ok(length)
            }
            Self::Galois(galois) => {
                let sealed = packet.len().checked_sub(INDEX).ok_or(Error::Malformed)?;
                let length = sealed.checked_sub(GCM_TAG).filter(|length| *length >= CONTROL_HEADER);
                let length = length.ok_or(Error::Malformed)?;
                let nonce = galois.control_nonce(ssrc, index);
                galois.open_control(packet, (length, sealed), nonce, is_encrypted)?;
                Ok(length)
            }
        }
    }
}

impl Counter {
    /// RFC 3711 section 4.1.1.
    fn keystream(
        &self,
        ssrc: u32,
        index: u64,
    ) -> StreamCipherCoreWrapper<CtrCore<&Aes128, flavors::Ctr128BE>> {
        let mut block = [0; 16];
        block[..14].copy_from_slice(&self.salt);
        xor(&mut block[4..8], &ssrc.to_be_bytes());
        xor(&mut block[8..14], &index.to_be_bytes()[2..]);
        StreamCipherCoreWrapper::from_core(CtrCore::inner_iv_init(&self.aes, &block.into()))
    }

    fn sign(&self, content: &[u8], and: &[u8]) -> hmac::Tag {
        let mut signing = hmac::Context::with_key(&self.mac);
        signing.update(content);
        signing.update(and);
        signing.sign()
    }

    fn verify(&self, content: &[u8], and: &[u8], tag: &[u8]) -> Result<(), Error> {
        let is_ours = self.sign(content, and).as_ref()[..self.tag].ct_eq(tag);
        if is_ours.into() { Ok(()) } else { Err(Error::Forged) }
    }
}

impl Galois {
    /// RFC 7714 section 8.1.
    fn nonce(&self, ssrc: u32, index: u64) -> Nonce {
        let mut nonce = self.salt;
        xor(&mut nonce[2..6], &ssrc.to_be_bytes());
        xor(&mut nonce[6..12], &index.to_be_bytes()[2..]);
        Nonce::assume_unique_for_key(nonce)
    }

    /// Section 9.1.
    fn control_nonce(&self, ssrc: u32, index: u32) -> Nonce {
        self.nonce(ssrc, index.into())
    }

    fn open_control(
        &self,
        packet: &mut [u8],
        (length, sealed): (usize, usize),
        nonce: Nonce,
        is_encrypted: bool,
    ) -> Result<(), Error> {
        let word = *packet.last_chunk::<INDEX>().ok_or(Error::Malformed)?;
        let opened = if is_encrypted {
            let (head, content) = packet[..sealed].split_at_mut(CONTROL_HEADER);
            self.key.open_in_place(nonce, Aad::from(known_of_control(head, word)), content).map(drop)
        } else {
            let (content, tag) = packet[..sealed].split_at_mut(length);
            let known = [&*content, &word].concat();
            self.key.open_in_place(nonce, Aad::from(known), tag).map(drop)
        };
        opened.map_err(|_| Error::Forged)
    }
}

/// What is authenticated of an encrypted RTCP packet beside its content (RFC 7714 section 9.2).
fn known_of_control(head: &[u8], word: [u8; INDEX]) -> [u8; CONTROL_HEADER + INDEX] {
    let mut known = [0; CONTROL_HEADER + INDEX];
    known[..CONTROL_HEADER].copy_from_slice(head);
    known[CONTROL_HEADER..].copy_from_slice(&word);
    known
}

/// How often the sequence numbers have rolled over, as it is authenticated (RFC 3711 section 4.2).
fn rollovers(index: u64) -> [u8; 4] {
    let bytes = index.to_be_bytes();
    [bytes[2], bytes[3], bytes[4], bytes[5]]
}

fn xor(bytes: &mut [u8], with: &[u8]) {
    bytes.iter_mut().zip(with).for_each(|(byte, with)| *byte ^= with);
}

/// Writes behind a packet; gives its new length.
fn put(buffer: &mut [u8], length: usize, more: &[u8]) -> Option<usize> {
    buffer.get_mut(length..length + more.len())?.copy_from_slice(more);
    Some(length + more.len())
}

/// A key that is used for RTP alone and one that is used for RTCP alone.
pub(crate) struct Pair {
    pub(crate) rtp: Cipher,
    pub(crate) rtcp: Cipher,
}

impl Pair {
    pub(crate) fn new(master: &MasterKey) -> Self {
        Self { rtp: Cipher::new(master, Kind::Rtp), rtcp: Cipher::new(master, Kind::Rtcp) }
    }
}
