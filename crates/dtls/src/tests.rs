//! Handshakes of two sides without a wire between them.

mod fragments;

use std::time::{Duration, Instant};

use proptest::prelude::*;

use crate::{
    Association, Failure, Fingerprint, Identity, Keys, Role, Suite, certificate::public_key, is_dtls,
};

/// What one side has sent and come to.
struct Side {
    association: Association,
    sent: Vec<Vec<u8>>,
    keys: Option<Keys>,
}

impl Side {
    fn new(identity: &Identity, role: Role, theirs: &Fingerprint) -> Self {
        let association = Association::new(identity, role, vec![theirs.clone()]);
        Self { association, sent: Vec::new(), keys: None }
    }

    fn go_on(&mut self, now: Instant) -> Result<(), Failure> {
        let sent = &mut self.sent;
        let keys = self.association.go_on(now, |packet| sent.push(packet.to_vec()))?;
        self.keys = keys.or(self.keys.take());
        Ok(())
    }

    fn take(&mut self, packets: Vec<Vec<u8>>, now: Instant) -> Result<(), Failure> {
        for packet in packets {
            assert!(is_dtls(&packet));
            let sent = &mut self.sent;
            let keys = self.association.receive(&packet, now, |packet| sent.push(packet.to_vec()))?;
            self.keys = keys.or(self.keys.take());
        }
        Ok(())
    }
}

/// Lets both talk until nothing is left to be said. Of what is sent, `loses` says which is lost.
fn shake(
    sides: &mut [Side; 2],
    mut now: Instant,
    mut loses: impl FnMut(usize) -> bool,
) -> Result<(), Failure> {
    let mut count = 0;
    for _ in 0..200 {
        for (from, to) in [(0, 1), (1, 0)] {
            sides[from].go_on(now)?;
            let mut sent = std::mem::take(&mut sides[from].sent);
            sent.retain(|_| {
                count += 1;
                !loses(count - 1)
            });
            sides[to].take(sent, now)?;
        }
        if sides.iter().all(|side| side.keys.is_some() && side.sent.is_empty()) {
            return Ok(());
        }
        now += Duration::from_millis(50);
    }
    panic!("the handshake does not end");
}

fn pair() -> [Side; 2] {
    let (one, other) = (Identity::new().unwrap(), Identity::new().unwrap());
    [Side::new(&one, Role::Active, other.fingerprint()), Side::new(&other, Role::Passive, one.fingerprint())]
}

/// Whose certificate is of X.509's first version, as OpenSSL makes them unless it is told otherwise.
fn of_version_1() -> Identity {
    let certificate = include_bytes!("tests/version-1.der");
    Identity::of(certificate, include_bytes!("tests/version-1.key.der")).unwrap()
}

#[test]
fn a_certificate_may_be_of_any_version() {
    let (now, ours, theirs) = (Instant::now(), Identity::new().unwrap(), of_version_1());
    for role in [Role::Active, Role::Passive] {
        let other = if role == Role::Active { Role::Passive } else { Role::Active };
        let mut sides =
            [Side::new(&ours, role, theirs.fingerprint()), Side::new(&theirs, other, ours.fingerprint())];
        shake(&mut sides, now, |_| false).unwrap();
    }
}

#[test]
fn both_sides_come_to_the_same_keys() {
    let now = Instant::now();
    let mut sides = pair();
    shake(&mut sides, now, |_| false).unwrap();
    let [one, other] = sides.map(|side| {
        assert!(side.association.is_done());
        side.keys.unwrap()
    });
    assert_eq!((one.ours, one.theirs), (other.theirs, other.ours));
    assert_ne!(one.ours, one.theirs);
    assert_eq!(one.ours.suite(), Suite::AeadAes256Gcm);
}

#[test]
fn what_is_lost_is_repeated() {
    for lost in 0..12 {
        let now = Instant::now();
        let mut sides = pair();
        shake(&mut sides, now, |number| number == lost || number == lost + 1).unwrap();
    }
}

#[test]
fn another_certificate_than_the_one_of_the_description_gives_no_keys() {
    let now = Instant::now();
    let (one, other, stranger) =
        (Identity::new().unwrap(), Identity::new().unwrap(), Identity::new().unwrap());
    for (seen_by_active, seen_by_passive) in
        [(stranger.fingerprint(), one.fingerprint()), (other.fingerprint(), stranger.fingerprint())]
    {
        let mut sides = [
            Side::new(&one, Role::Active, seen_by_active),
            Side::new(&other, Role::Passive, seen_by_passive),
        ];
        let failed = shake(&mut sides, now, |_| false);
        assert!(matches!(failed, Err(Failure::OtherCertificate)), "{failed:?}");
        assert!(sides.iter().any(|side| side.keys.is_none()));
    }
}

#[test]
fn fingerprints_are_read_as_they_are_written() {
    let identity = Identity::new().unwrap();
    let written = identity.fingerprint().to_string();
    assert_eq!(Fingerprint::parse(&written).as_ref(), Some(identity.fingerprint()));
    assert_eq!(Fingerprint::parse(&written.to_lowercase()).as_ref(), Some(identity.fingerprint()));
    assert!(identity.fingerprint().fits(&identity.certificate));
    for wrong in
        ["", "sha-256", "sha-256 AB:CD", "sha-1 AB:CD", "sha-256 +1:02", &written[..written.len() - 1]]
    {
        assert_eq!(Fingerprint::parse(wrong), None, "{wrong}");
    }
}

/// Changes a byte of some packets, and says whether both sides have come to keys.
fn shake_disturbed(changes: &[(usize, usize, u8)]) -> bool {
    let mut now = Instant::now();
    let mut sides = pair();
    let mut count = 0;
    for _ in 0..40 {
        for (from, to) in [(0, 1), (1, 0)] {
            if sides[from].go_on(now).is_err() {
                return false;
            }
            let mut sent = std::mem::take(&mut sides[from].sent);
            for packet in &mut sent {
                for (_, at, change) in changes.iter().filter(|(number, ..)| *number == count) {
                    let at = at % packet.len();
                    packet[at] ^= if at == 0 { change & 1 } else { *change };
                }
                count += 1;
            }
            if sides[to].take(sent, now).is_err() {
                return false;
            }
        }
        now += Duration::from_millis(250);
    }
    let [one, other] = sides.map(|side| side.keys);
    if let (Some(one), Some(other)) = (&one, &other) {
        assert_eq!((&one.ours, &one.theirs), (&other.theirs, &other.ours));
    }
    one.is_some() && other.is_some()
}

/// Whatever is changed of what nobody has signed yet, the end of the handshake shows it.
#[test]
fn a_change_on_the_way_is_seen() {
    // Behind the headers of the client's first message: its random, and the lists of what it knows.
    for at in 27..120 {
        assert!(!shake_disturbed(&[(0, at, 0x40)]), "byte {at} was changed");
    }
    // In the record's number: nobody minds.
    assert!(shake_disturbed(&[(0, 8, 1)]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is changed on the way, both sides come to the same keys or to none.
    #[test]
    fn changes_on_the_way_end_in_the_same_keys_or_none(
        changes in proptest::collection::vec((0_usize..8, 0_usize..1_200, 1_u8..), 1..4),
    ) {
        shake_disturbed(&changes);
    }

    /// Whatever a certificate is, it has a key or none.
    #[test]
    fn certificates_may_be_anything(
        changes in proptest::collection::vec((0_usize..400, any::<u8>()), 0..6),
        length in 0_usize..400,
    ) {
        let mut certificate = Identity::new().unwrap().certificate.to_vec();
        assert_eq!(public_key(&certificate).unwrap().len(), 65, "a point of P-256");
        for (at, byte) in changes {
            let at = at % certificate.len();
            certificate[at] = byte;
        }
        certificate.truncate(length);
        let _ = public_key(&certificate);
    }

    /// Whatever comes besides, a handshake that goes on comes to its keys or says that it has failed.
    #[test]
    fn nothing_that_comes_makes_it_panic(
        junk in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..200), 1..20),
        kind in 20_u8..26,
    ) {
        let now = Instant::now();
        let mut sides = pair();
        for mut packet in junk {
            packet[0] = kind;
            if packet.len() > 13 {
                packet[1..3].copy_from_slice(&[0xfe, 0xfd]);
                let length = u16::try_from(packet.len() - 13).unwrap();
                packet[11..13].copy_from_slice(&length.to_be_bytes());
            }
            let _ = sides[1].association.receive(&packet, now, |_| {});
        }
    }
}
