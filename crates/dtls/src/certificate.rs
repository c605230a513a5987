//! Of a certificate (RFC 5280 section 4.1), the key: who has it, the fingerprint says, and nothing else is asked. So it
//! may be of any version, as that of rtpengine is of the first.

use crate::wire::Reader;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;
/// The version, which those of the first do not say.
const VERSION: u8 = 0xa0;

/// The public key, as signatures are verified with it: a point of a curve, or what RSA multiplies with.
pub(crate) fn public_key(certificate: &[u8]) -> Option<&[u8]> {
    let signed = content(&mut Reader::new(certificate), SEQUENCE)?;
    let mut fields = Reader::new(content(&mut Reader::new(signed), SEQUENCE)?);
    let mut version = fields;
    if content(&mut version, VERSION).is_some() {
        fields = version;
    }
    content(&mut fields, INTEGER)?;
    // How it is signed, by whom, for how long, and for whom.
    for _ in 0..4 {
        content(&mut fields, SEQUENCE)?;
    }
    let mut key = Reader::new(content(&mut fields, SEQUENCE)?);
    content(&mut key, SEQUENCE)?;
    // The first byte says how many bits of the last are none.
    content(&mut key, BIT_STRING)?.strip_prefix(&[0])
}

/// What stands behind a tag and its length (X.690 section 8.1).
fn content<'a>(reader: &mut Reader<'a>, tag: u8) -> Option<&'a [u8]> {
    if reader.u8()? != tag {
        return None;
    }
    let length = match reader.u8()? {
        short @ ..=0x7f => usize::from(short),
        0x81 => usize::from(reader.u8()?),
        0x82 => usize::from(reader.u16()?),
        0x83 => reader.u24()?,
        _ => return None,
    };
    reader.take(length)
}
