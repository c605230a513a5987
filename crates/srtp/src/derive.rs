//! Session keys from a master key (RFC 3711 section 4.3, RFC 7714 section 11), which is never changed on the way
//! (a key derivation rate of 0).

use aes::{Aes128, Aes256};
use ctr::{
    Ctr128BE,
    cipher::{KeyIvInit, StreamCipher},
};

use crate::MasterKey;

/// What is derived.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Encryption,
    Authentication,
    Salt,
}

/// Which packets it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rtp,
    Rtcp,
}

/// Fills `out` with the session key for a purpose.
pub(crate) fn derive(master: &MasterKey, kind: Kind, purpose: Purpose, out: &mut [u8]) {
    let mut block = [0; 16];
    block[..master.salt().len()].copy_from_slice(master.salt());
    block[7] ^= label(kind, purpose);
    out.fill(0);
    match master.key().len() {
        32 => keystream::<Ctr128BE<Aes256>>(master.key(), &block, out),
        _ => keystream::<Ctr128BE<Aes128>>(master.key(), &block, out),
    }
}

fn keystream<C: KeyIvInit + StreamCipher>(key: &[u8], block: &[u8; 16], out: &mut [u8]) {
    C::new_from_slices(key, block).expect("a key of the suite's length and a block").apply_keystream(out);
}

const fn label(kind: Kind, purpose: Purpose) -> u8 {
    let of_rtp = match purpose {
        Purpose::Encryption => 0,
        Purpose::Authentication => 1,
        Purpose::Salt => 2,
    };
    match kind {
        Kind::Rtp => of_rtp,
        Kind::Rtcp => of_rtp + 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Suite;

    /// RFC 3711 appendix B.3.
    #[test]
    fn session_keys_are_those_of_the_rfc() {
        let master = hex::decode("e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6").unwrap();
        let master = MasterKey::new(Suite::AesCm128HmacSha1_80, &master).unwrap();
        let cases = [
            (Purpose::Encryption, "c61e7a93744f39ee10734afe3ff7a087"),
            (Purpose::Salt, "30cbbc08863d8c85d49db34a9ae1"),
            (
                Purpose::Authentication,
                "cebe321f6ff7716b6fd4ab49af256a156d38baa48f0a0acf3c34e2359e6cdbcee049646c43d9327ad175578ef72270986371c10c9a369ac2f94a8c5fbcdddc256d6e919a48b610ef17c2041e4740357 66b68642c59bbfc2f34db60dbdfb2",
            ),
        ];
        for (purpose, expected) in cases {
            let expected = hex::decode(expected.replace(' ', "")).unwrap();
            let mut derived = vec![0; expected.len()];
            derive(&master, Kind::Rtp, purpose, &mut derived);
            assert_eq!(derived, expected, "{purpose:?}");
        }
    }
}
