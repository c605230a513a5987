//! Offers and answers of a party, and what is made of them.

use super::*;

const SECURE: Terms = Terms { encryption: Encryption::Allow, may_have_keys: true, handshake: None };
const PLAIN: &str = "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\na=sendrecv\r\n";

/// A key that is made of one byte.
fn key(suite: Suite, byte: u8) -> MasterKey {
    MasterKey::new(suite, &vec![byte; suite.length()]).unwrap()
}

fn ours(suite: Suite) -> MasterKey {
    key(suite, 0xaa)
}

fn line(tag: u32, suite: Suite, byte: u8) -> String {
    format!("{}\r\n", crypto(tag, &key(suite, byte)).line())
}

fn keyed(profile: &str, lines: &[String]) -> String {
    PLAIN.replace("RTP/AVP", profile) + &lines.concat()
}

fn with(encryption: Encryption, may_have_keys: bool) -> Keying {
    party(Terms::new(encryption, may_have_keys, false))
}

fn sdes(ours: MasterKey, theirs: MasterKey) -> Option<Security> {
    Some(Security::Keys(Keys { ours, theirs }))
}

fn suite_of(security: Security) -> Option<Suite> {
    match security {
        Security::Keys(keys) => Some(keys.theirs.suite()),
        Security::Handshake(_) => None,
    }
}

fn party(terms: Terms) -> Keying {
    let credentials = || Credentials { fragment: "ours".into(), password: "our password".into() };
    Keying::new(Some((terms, Own { fingerprint: "sha-256 AA".into(), credentials })))
}

const CM: Suite = Suite::AesCm128HmacSha1_80;
const GCM: Suite = Suite::AeadAes128Gcm;

#[test]
fn an_offer_is_taken_as_the_terms_say() {
    use Encryption::{Allow, Prefer, Refuse, Require};
    let (savp, both) = (keyed("RTP/SAVP", &[line(1, CM, 1)]), keyed("RTP/AVP", &[line(1, CM, 1)]));
    let odd = keyed("RTP/SAVP", &["a=crypto:1 F8_128_HMAC_SHA1_80 inline:AAAA\r\n".to_owned()]);
    // What the machine sees, and whether there are keys.
    let cases = [
        (PLAIN, Refuse, true, Ok(false)),
        (PLAIN, Allow, true, Ok(false)),
        (PLAIN, Prefer, true, Ok(false)),
        (PLAIN, Require, true, Err(Unmet::Required)),
        (PLAIN, Require, false, Err(Unmet::Required)),
        (&savp, Refuse, true, Err(Unmet::Refused)),
        (&savp, Allow, true, Ok(true)),
        (&savp, Prefer, true, Ok(true)),
        (&savp, Require, true, Ok(true)),
        (&savp, Allow, false, Err(Unmet::InTheClear)),
        (&savp, Require, false, Err(Unmet::InTheClear)),
        (&odd, Allow, true, Err(Unmet::NoSuite)),
        (&both, Refuse, true, Ok(false)),
        (&both, Allow, true, Ok(true)),
        (&both, Allow, false, Ok(false)),
        (&both, Require, true, Ok(true)),
        (&both, Require, false, Err(Unmet::Required)),
    ];
    for (offer, encryption, may_have_keys, expected) in cases {
        let mut keying = with(encryption, may_have_keys);
        let taken = keying.take_offer(offer, ours);
        let seen = taken.map(|plain| {
            assert_eq!(plain.as_deref().unwrap_or(offer), PLAIN);
            keying.give_answer(PLAIN);
            keying.security().have_any()
        });
        assert_eq!(seen, expected, "{offer} {encryption:?} {may_have_keys}");
    }
}

trait HasKeys {
    fn have_any(&self) -> bool;
}

impl HasKeys for Vec<Option<Security>> {
    fn have_any(&self) -> bool {
        self.iter().any(Option::is_some)
    }
}

#[test]
fn the_first_line_that_can_be_used_is_answered_by_its_tag_and_profile() {
    let odd = "a=crypto:1 F8_128_HMAC_SHA1_80 inline:AAAA\r\n".to_owned();
    for profile in ["RTP/SAVP", "RTP/SAVPF", "RTP/AVP"] {
        let mut keying = party(SECURE);
        let offer = keyed(profile, &[odd.clone(), line(2, GCM, 7), line(3, CM, 8)]);
        keying.take_offer(&offer, ours).unwrap();
        let answer = keying.give_answer(PLAIN).unwrap();
        assert_eq!(answer, keyed(profile, &[line(2, GCM, 0xaa)]));
        assert_eq!(keying.security(), [sdes(ours(GCM), key(GCM, 7))]);
    }
}

#[test]
fn of_the_same_stream_twice_the_protected_one_is_taken_if_it_can_be() {
    let plain = "m=audio 4000 RTP/AVP 0\r\n";
    let offer = keyed("RTP/SAVP", &[line(1, CM, 1)]) + plain;
    let refused = "m=audio 0 RTP/AVP 0\r\n";
    let mut keying = party(SECURE);
    assert_eq!(keying.take_offer(&offer, ours).unwrap().unwrap(), PLAIN.to_owned() + refused);
    let answer = keying.give_answer(&(PLAIN.to_owned() + refused)).unwrap();
    assert_eq!(answer, keyed("RTP/SAVP", &[line(1, CM, 0xaa)]) + refused);

    let mut keying = with(Encryption::Allow, false);
    let seen = keying.take_offer(&offer, ours).unwrap().unwrap();
    assert_eq!(seen, PLAIN.replace("4000", "0") + plain);
    let answer = keying.give_answer(&seen).unwrap();
    assert_eq!(answer, PLAIN.replace("4000 RTP/AVP", "0 RTP/SAVP") + plain);
    assert_eq!(keying.security(), [None, None]);
}

#[test]
fn what_is_offered_follows_from_the_terms() {
    use Encryption::{Allow, Prefer, Refuse, Require};
    let all: Vec<_> = (1..).zip(Suite::ALL).map(|(tag, suite)| line(tag, suite, 0xaa)).collect();
    let cases = [
        (Refuse, true, None),
        (Allow, true, None),
        (Prefer, true, Some(keyed("RTP/AVP", &all))),
        (Prefer, false, None),
        (Require, true, Some(keyed("RTP/SAVP", &all))),
    ];
    for (encryption, may_have_keys, expected) in cases {
        let mut keying = with(encryption, may_have_keys);
        assert_eq!(keying.give_offer(PLAIN, ours), expected, "{encryption:?} {may_have_keys}");
    }
}

#[test]
fn an_answer_takes_one_of_the_keys_or_none_where_it_need_not() {
    use Encryption::{Prefer, Require};
    // The second and the third of those that are offered.
    let cases = [
        (Require, keyed("RTP/SAVP", &[line(2, GCM, 5)]), Ok(Some(GCM))),
        (Require, keyed("RTP/SAVP", &[line(3, CM, 5)]), Ok(Some(CM))),
        (Require, keyed("RTP/SAVP", &[line(2, CM, 5)]), Err(Unmet::Required)),
        (Require, keyed("RTP/SAVP", &[line(9, CM, 5)]), Err(Unmet::Required)),
        (Require, PLAIN.to_owned(), Err(Unmet::Required)),
        (Require, PLAIN.replace("4000", "0"), Ok(None)),
        (Prefer, keyed("RTP/AVP", &[line(2, GCM, 5)]), Ok(Some(GCM))),
        (Prefer, PLAIN.to_owned(), Ok(None)),
        (Prefer, keyed("RTP/SAVP", &[]), Err(Unmet::Required)),
    ];
    for (encryption, answer, expected) in cases {
        let mut keying = with(encryption, true);
        keying.give_offer(PLAIN, ours).unwrap();
        let taken = keying.take_answer(&answer).map(|_| {
            let keys = keying.security().into_iter().next().flatten();
            keys.and_then(suite_of)
        });
        assert_eq!(taken, expected, "{encryption:?} {answer}");
    }
}

#[test]
fn keys_stay_while_the_partys_do_and_a_new_one_gets_a_new_one() {
    let mut keying = party(SECURE);
    let other = |suite| key(suite, 0xbb);
    let offer = |byte| keyed("RTP/SAVP", &[line(1, CM, byte)]);
    keying.take_offer(&offer(1), ours).unwrap();
    keying.give_answer(PLAIN).unwrap();
    keying.take_offer(&offer(1), other).unwrap();
    assert_eq!(keying.give_answer(PLAIN).unwrap(), keyed("RTP/SAVP", &[line(1, CM, 0xaa)]));
    assert_eq!(keying.give_offer(PLAIN, other).unwrap(), keyed("RTP/SAVP", &[line(1, CM, 0xaa)]));
    keying.take_answer(&offer(2)).unwrap();
    assert_eq!(keying.security(), [sdes(ours(CM), key(CM, 2))]);
    keying.take_offer(&offer(3), other).unwrap();
    assert_eq!(keying.security(), [sdes(ours(CM), key(CM, 2))], "nothing is answered yet");
    keying.give_answer(PLAIN).unwrap();
    assert_eq!(keying.security(), [sdes(key(CM, 0xbb), key(CM, 3))]);
}

#[test]
fn a_plain_party_is_not_offered_keys_again_and_one_with_keys_keeps_them() {
    let mut keying = with(Encryption::Prefer, true);
    keying.take_offer(PLAIN, ours).unwrap();
    assert_eq!(keying.give_answer(PLAIN), None);
    assert_eq!(keying.give_offer(PLAIN, ours), None);
}

#[test]
fn where_media_go_past_the_switch_descriptions_stay_as_they_are() {
    let mut keying = Keying::new(None);
    let offer = keyed("RTP/SAVP", &[line(1, CM, 1)]);
    assert_eq!(keying.take_offer(&offer, ours), Ok(None));
    assert_eq!(keying.give_answer(&offer), None);
    assert_eq!(keying.give_offer(&offer, ours), None);
    assert_eq!(keying.take_answer(&offer), Ok(None));
}

#[test]
fn nothing_that_is_shown_has_a_key() {
    let mut keying = party(SECURE);
    keying.take_offer(&keyed("RTP/SAVP", &[line(1, CM, 1)]), ours).unwrap();
    keying.give_answer(PLAIN).unwrap();
    let shown = format!("{keying:?}");
    assert!(!shown.contains("170") && !shown.contains("[1, 1"), "{shown}");
}
