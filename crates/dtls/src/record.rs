//! Records (RFC 6347 section 4.1): what a datagram is made of.

use crate::wire::Reader;

/// DTLS 1.2.
pub(crate) const VERSION: [u8; 2] = [0xfe, 0xfd];

/// What a record carries.
pub(crate) mod content {
    pub(crate) const CHANGE_CIPHER_SPEC: u8 = 20;
    pub(crate) const ALERT: u8 = 21;
    pub(crate) const HANDSHAKE: u8 = 22;
}

/// One that has come.
#[derive(Clone, Debug)]
pub(crate) struct Record<'a> {
    pub(crate) content: u8,
    /// 0 is plain, 1 is encrypted.
    pub(crate) epoch: u16,
    /// Epoch and sequence number, as they go into nonces.
    pub(crate) number: [u8; 8],
    pub(crate) payload: &'a [u8],
}

/// The records of a datagram, up to the first that is none.
pub(crate) fn records(datagram: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut reader = Reader::new(datagram);
    std::iter::from_fn(move || {
        let (content, version) = (reader.u8()?, reader.u16()?);
        let number: [u8; 8] = reader.array()?;
        let payload = reader.vector(2)?;
        let epoch = u16::from_be_bytes([number[0], number[1]]);
        (version >> 8 == 0xfe).then_some(Record { content, epoch, number, payload })
    })
}

/// What stands before a payload of this length.
pub(crate) fn header(content: u8, number: [u8; 8], length: usize) -> Vec<u8> {
    let length = u16::try_from(length).expect("we send no long records").to_be_bytes();
    [&[content][..], &VERSION, &number, &length].concat()
}
