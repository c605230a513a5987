//! What browsers, and phones that shake hands without ICE, offer and answer.

use super::*;
use crate::keying::{Encryption, Keying, MasterKey, Security, Suite, Terms};

const HASH: &str =
    "sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF";
const PLAIN: &str = "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\na=sendrecv\r\n";
/// What the machine sees of a browser's description.
const BARE: &str = "v=0\r\nm=audio 9 RTP/AVP 0\r\nc=IN IP4 ice.invalid\r\na=sendrecv\r\n";

fn browser(setup: &str, fragment: &str) -> String {
    format!(
        "v=0\r\na=group:BUNDLE a\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n\
         a=ice-ufrag:{fragment}\r\na=ice-pwd:theirs\r\na=fingerprint:{HASH}\r\na=setup:{setup}\r\na=mid:a\r\n\
         a=sendrecv\r\na=rtcp-mux\r\n"
    )
}

/// What the switch says to a browser.
fn said(setup: &str, mid: &str, fragment: &str) -> String {
    format!(
        "v=0\r\nc=IN IP4 192.0.2.1\r\na=group:BUNDLE {mid}\r\na=ice-lite\r\nm=audio 4000 UDP/TLS/RTP/SAVPF 0\r\n\
         a=sendrecv\r\na=mid:{mid}\r\na=setup:{setup}\r\na=fingerprint:sha-256 AA\r\na=rtcp-mux\r\n\
         a=ice-ufrag:{fragment}\r\na=ice-pwd:secret\r\na=candidate:1 1 udp 2130706431 192.0.2.1 4000 typ host\r\n\
         a=end-of-candidates\r\n"
    )
}

fn with(encryption: Encryption, is_browser: bool) -> Keying {
    with_credentials(encryption, is_browser, || Credentials {
        fragment: "ours".into(),
        password: "secret".into(),
    })
}

fn with_credentials(encryption: Encryption, is_browser: bool, credentials: fn() -> Credentials) -> Keying {
    let terms = Terms::new(encryption, false, is_browser);
    Keying::new(Some((terms, Own { fingerprint: "sha-256 AA".into(), credentials })))
}

fn no_key(_: Suite) -> MasterKey {
    panic!("no key of a description is wanted")
}

fn handshake(keying: &Keying) -> Handshake {
    match keying.security().as_slice() {
        [Some(Security::Handshake(handshake))] => handshake.clone(),
        other => panic!("{other:?}"),
    }
}

fn role(keying: &Keying) -> Role {
    handshake(keying).with.unwrap().role
}

#[test]
fn a_browser_that_calls_is_answered_in_its_own_way() {
    for (setup, answered, role_of_ours) in [
        ("actpass", "passive", Role::Passive),
        ("active", "passive", Role::Passive),
        ("passive", "active", Role::Active),
    ] {
        let mut keying = with(Encryption::Require, false);
        assert_eq!(keying.take_offer(&browser(setup, "x"), no_key).unwrap().unwrap(), BARE);
        assert_eq!(keying.security(), [None], "nothing is answered yet");
        assert_eq!(keying.give_answer(PLAIN).unwrap(), said(answered, "a", "ours"));
        let agreed = handshake(&keying);
        assert_eq!((role(&keying), agreed.is_muxed), (role_of_ours, true));
        assert_eq!(agreed.ice.unwrap().theirs.as_deref(), Some("x"));
        assert_eq!(keying.encryption(), None, "the handshake has not come to keys");
        keying.note_handshake(Suite::AeadAes128Gcm);
        assert_eq!(keying.encryption().unwrap().exchange.name(), "dtls");
    }
}

#[test]
fn a_browser_that_is_called_is_offered_a_handshake_and_answers() {
    let mut keying = with(Encryption::Allow, true);
    assert_eq!(keying.give_offer(PLAIN, no_key).unwrap(), said("actpass", "0", "ours"));
    assert_eq!(handshake(&keying).with, None, "checks may come before the answer");
    let answer = browser("active", "x").replace("a=mid:a", "a=mid:0").replace("BUNDLE a", "BUNDLE 0");
    assert_eq!(keying.take_answer(&answer).unwrap().unwrap(), BARE);
    assert_eq!(role(&keying), Role::Passive);
    assert_eq!(handshake(&keying).ice.unwrap().ours.fragment, "ours".into());

    let passive = with(Encryption::Allow, true);
    let mut keying = passive;
    keying.give_offer(PLAIN, no_key).unwrap();
    keying.take_answer(&browser("passive", "x")).unwrap();
    assert_eq!(role(&keying), Role::Active);
}

#[test]
fn who_begins_and_with_what_stays_until_the_party_begins_anew() {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let numbered = || {
        let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Credentials { fragment: format!("ours{number}").into(), password: "secret".into() }
    };
    let mut keying = with_credentials(Encryption::Allow, false, numbered);
    keying.take_offer(&browser("passive", "x"), no_key).unwrap();
    assert_eq!(keying.give_answer(PLAIN).unwrap(), said("active", "a", "ours0"));
    // An offer of ours, and one of the party's that leaves it open.
    assert_eq!(keying.give_offer(PLAIN, no_key).unwrap(), said("actpass", "a", "ours0"));
    keying.take_answer(&browser("passive", "x")).unwrap();
    keying.take_offer(&browser("actpass", "x"), no_key).unwrap();
    assert_eq!(keying.give_answer(PLAIN).unwrap(), said("active", "a", "ours0"));
    let before = handshake(&keying);
    // An ICE restart: the handshake stays, the credentials do not.
    keying.take_offer(&browser("actpass", "y"), no_key).unwrap();
    assert_eq!(keying.give_answer(PLAIN).unwrap(), said("active", "a", "ours1"));
    assert_eq!(handshake(&keying).with, before.with);
    assert_ne!(handshake(&keying).ice, before.ice);
}

#[test]
fn a_phone_may_shake_hands_without_ice() {
    let offer = format!(
        "v=0\r\nc=IN IP4 192.0.2.7\r\nm=audio 5000 UDP/TLS/RTP/SAVP 0\r\na=rtcp:5001\r\na=setup:actpass\r\n\
         a=fingerprint:{HASH}\r\na=sendrecv\r\n"
    );
    let mut keying = with(Encryption::Allow, false);
    let seen = keying.take_offer(&offer, no_key).unwrap().unwrap();
    assert_eq!(seen, "v=0\r\nc=IN IP4 192.0.2.7\r\nm=audio 5000 RTP/AVP 0\r\na=rtcp:5001\r\na=sendrecv\r\n");
    let answer = keying.give_answer(PLAIN).unwrap();
    assert_eq!(
        answer,
        "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 UDP/TLS/RTP/SAVP 0\r\na=sendrecv\r\na=setup:passive\r\n\
         a=fingerprint:sha-256 AA\r\n"
    );
    let agreed = handshake(&keying);
    assert_eq!((agreed.ice, agreed.is_muxed), (None, false));
}

#[test]
fn beside_sound_with_a_handshake_there_is_nothing_else() {
    let video = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:b\r\n\
                 m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:c\r\n";
    let mut keying = with(Encryption::Allow, false);
    let seen = keying.take_offer(&(browser("actpass", "x") + video), no_key).unwrap().unwrap();
    let refused = "m=video 0 RTP/AVP 96\r\nm=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n";
    assert_eq!(seen, BARE.to_owned() + refused);
    let answer = keying.give_answer(&(PLAIN.to_owned() + refused)).unwrap();
    assert!(answer.contains("a=group:BUNDLE a\r\n"), "{answer}");
    assert!(
        answer.ends_with(
            "m=video 0 UDP/TLS/RTP/SAVPF 96\r\nm=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"
        )
    );

    let mut keying = with(Encryption::Allow, true);
    let offer = keying.give_offer(&(PLAIN.to_owned() + "m=video 4002 RTP/AVP 96\r\n"), no_key).unwrap();
    assert!(offer.ends_with("m=video 0 RTP/AVP 96\r\n"), "{offer}");
}

#[test]
fn what_cannot_be_is_refused_and_says_why() {
    let right = browser("actpass", "x");
    let cases = [
        (Encryption::Refuse, right.clone(), Unmet::Refused),
        (Encryption::Allow, right.replace("a=rtcp-mux\r\n", ""), Unmet::TwoPorts),
        (Encryption::Allow, right.replace("sha-256", "sha-1"), Unmet::NoFingerprint),
        (Encryption::Allow, right.replace(HASH, "sha-256 AA"), Unmet::NoFingerprint),
        (Encryption::Allow, right.replace("actpass", "holdconn"), Unmet::NoHandshake),
    ];
    for (encryption, offer, why) in cases {
        assert_eq!(with(encryption, false).take_offer(&offer, no_key), Err(why), "{offer}");
    }
    let mut keying = with(Encryption::Allow, true);
    keying.give_offer(PLAIN, no_key).unwrap();
    let answer = browser("active", "x").replace("a=rtcp-mux\r\n", "");
    assert_eq!(keying.take_answer(&answer), Err(Unmet::TwoPorts));
}

#[test]
fn a_phone_that_answers_plainly_is_plain_from_then_on() {
    let mut keying = with(Encryption::Allow, true);
    keying.give_offer(PLAIN, no_key).unwrap();
    assert_eq!(keying.take_answer(PLAIN), Ok(None));
    assert_eq!(keying.security(), [None]);
    assert_eq!(keying.give_offer(PLAIN, no_key), None);

    let mut keying = with(Encryption::Require, true);
    keying.give_offer(PLAIN, no_key).unwrap();
    assert!(keying.take_answer(PLAIN).is_err());
    assert_eq!(with(Encryption::Refuse, false).give_offer(PLAIN, no_key), None);
}

#[test]
fn a_phone_that_keys_must_not_be_sent_to_is_offered_a_handshake_by_itself() {
    let mut keying = with(Encryption::Require, false);
    let said = |setup, fingerprint| {
        format!(
            "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 UDP/TLS/RTP/SAVP 0\r\na=sendrecv\r\na=setup:{setup}\r\n\
             a=fingerprint:{fingerprint}\r\n"
        )
    };
    let offer = keying.give_offer(PLAIN, no_key).unwrap();
    assert_eq!(offer, said("actpass", "sha-256 AA") + "a=rtcp-mux\r\n");
    let answer = said("active", HASH);
    keying.take_answer(&answer).unwrap();
    assert_eq!(
        (role(&keying), handshake(&keying).ice, handshake(&keying).is_muxed),
        (Role::Passive, None, false)
    );

    for encryption in [Encryption::Refuse, Encryption::Allow, Encryption::Prefer] {
        assert_eq!(with(encryption, false).give_offer(PLAIN, no_key), None, "{encryption:?}");
    }
}
