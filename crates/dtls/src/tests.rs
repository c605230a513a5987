//! Handshakes of two sides without a wire between them.

use std::time::{Duration, Instant};

use dimpl::DtlsCertificate;
use proptest::prelude::*;

use crate::{Association, Failure, Fingerprint, Identity, Keys, Role, Suite, is_dtls};

/// What one side has sent and come to.
struct Side {
    association: Association,
    sent: Vec<Vec<u8>>,
    keys: Option<Keys>,
}

impl Side {
    fn new(identity: &Identity, role: Role, theirs: &Fingerprint, now: Instant) -> Self {
        let association = Association::new(identity, role, vec![theirs.clone()], now);
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

fn pair(now: Instant) -> [Side; 2] {
    let (one, other) = (Identity::new().unwrap(), Identity::new().unwrap());
    [
        Side::new(&one, Role::Active, other.fingerprint(), now),
        Side::new(&other, Role::Passive, one.fingerprint(), now),
    ]
}

/// Whose certificate is of X.509's first version, as OpenSSL makes them unless it is told otherwise.
fn of_version_1() -> Identity {
    let certificate = include_bytes!("tests/version-1.der").to_vec();
    let private_key = include_bytes!("tests/version-1.key.der").to_vec();
    Identity {
        fingerprint: Fingerprint::of(&certificate),
        certificate: DtlsCertificate { certificate, private_key },
        ..Identity::new().unwrap()
    }
}

#[test]
fn a_certificate_may_be_of_any_version() {
    let (now, ours, theirs) = (Instant::now(), Identity::new().unwrap(), of_version_1());
    for role in [Role::Active, Role::Passive] {
        let other = if role == Role::Active { Role::Passive } else { Role::Active };
        let mut sides = [
            Side::new(&ours, role, theirs.fingerprint(), now),
            Side::new(&theirs, other, ours.fingerprint(), now),
        ];
        shake(&mut sides, now, |_| false).unwrap();
    }
}

#[test]
fn both_sides_come_to_the_same_keys() {
    let now = Instant::now();
    let mut sides = pair(now);
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
        let mut sides = pair(now);
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
            Side::new(&one, Role::Active, seen_by_active, now),
            Side::new(&other, Role::Passive, seen_by_passive, now),
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
    assert!(identity.fingerprint().fits(&identity.certificate.certificate));
    for wrong in
        ["", "sha-256", "sha-256 AB:CD", "sha-1 AB:CD", "sha-256 +1:02", &written[..written.len() - 1]]
    {
        assert_eq!(Fingerprint::parse(wrong), None, "{wrong}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes besides, a handshake that goes on comes to its keys or says that it has failed.
    #[test]
    fn nothing_that_comes_makes_it_panic(
        junk in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..200), 1..20),
        kind in 20_u8..26,
    ) {
        let now = Instant::now();
        let mut sides = pair(now);
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
