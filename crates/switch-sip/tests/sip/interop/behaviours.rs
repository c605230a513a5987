//! What phones of other makers are to find: written once, run with each stack.

use std::time::Duration;

use call::{EventKind, encryption::KeyExchange};
use directory::model::Encryption;
use switch_sip::SipConfig;

use super::phone::{Media, Phone, Stack};
use crate::{
    identities,
    support::{Office, anchored_media},
};

/// A test of `STACK` for each behaviour that is named.
macro_rules! each {
    ($($behaviour:ident,)*) => {
        $(#[tokio::test]
        async fn $behaviour() {
            $crate::interop::behaviours::$behaviour(STACK).await;
        })*
    };
}
pub(crate) use each;

/// What every phone can be asked to do.
macro_rules! common {
    () => {
        $crate::interop::behaviours::each!(
            answers_and_ends,
            answers_at_once,
            refuses_and_gives_up,
            hold_and_resume,
            a_bye_behind_the_answer,
            answered_elsewhere,
            blind_transfer_by_the_called,
            blind_transfer_by_the_caller,
            attended_transfer,
            parks_and_is_taken,
        );
    };
}
pub(crate) use common;

/// What phones can that name a call in Replaces which is not answered yet.
macro_rules! early_replaces {
    () => {
        $crate::interop::behaviours::each!(semi_attended_transfer,);
    };
}
pub(crate) use early_replaces;

async fn office() -> Office {
    office_with(|_| {}).await
}

async fn office_with(change: impl FnOnce(&mut SipConfig)) -> Office {
    let office = Office::with(|config| {
        change(config);
        config.ws = Some("127.0.0.1:0".parse().unwrap());
        config.media = anchored_media(50_000..=52_999);
    })
    .await;
    identities::name(&office);
    office
}

/// A call of `a` to `b` that is answered.
struct Talk {
    office: Office,
    a: Phone,
    b: Phone,
}

impl Talk {
    /// `a` calls `b`, or is called by it.
    async fn connect(&mut self, is_by_a: bool) {
        let (caller, called, number) =
            if is_by_a { (&mut self.a, &mut self.b, "1002") } else { (&mut self.b, &mut self.a, "1001") };
        caller.order(&format!("call {number}")).await;
        called.expect("incoming 0").await;
        called.order("answer 0 200").await;
        caller.expect("answered 0").await;
        called.expect("answered 0").await;
    }

    /// Both hear one another, as far as `a`, which is of this stack, has something to say.
    async fn both_hear(&mut self, stack: Stack) {
        assert!(hears(&mut self.a, 0).await, "a hears");
        assert!(!stack.speaks() || hears(&mut self.b, 0).await, "b hears");
    }

    async fn begin(stack: Stack) -> Self {
        let office = office().await;
        let (a, b) = (Phone::start(stack, &office, "a").await, Phone::start(stack, &office, "b").await);
        let mut talk = Self { office, a, b };
        talk.connect(true).await;
        talk
    }

    async fn has_told(&self, wanted: impl Fn(&EventKind) -> bool) {
        self.office.story.until(wanted).await;
    }
}

/// Whether more RTP comes on the call than now.
async fn hears(phone: &mut Phone, call: usize) -> bool {
    let before = phone.received(call).await;
    // Some tell once a second how much has come.
    for _ in 0..150 {
        if phone.received(call).await > before + 5 {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

pub async fn answers_and_ends(stack: Stack) {
    for is_by_caller in [true, false] {
        let mut talk = Talk::begin(stack).await;
        if stack.has_media() {
            assert!(hears(&mut talk.a, 0).await && hears(&mut talk.b, 0).await);
        }
        let (one, other) = if is_by_caller { (&mut talk.a, &mut talk.b) } else { (&mut talk.b, &mut talk.a) };
        one.order("hangup 0").await;
        other.expect("ended 0").await;
        one.expect("ended 0").await;
    }
}

/// Ringing and the answer come at the same moment, and with them what acknowledges ringing.
pub async fn answers_at_once(stack: Stack) {
    let office = office().await;
    let (mut a, mut b) = (Phone::start(stack, &office, "a").await, Phone::start(stack, &office, "b").await);
    for call in 0..5 {
        a.order("call 1002").await;
        b.expect(&format!("incoming {call}")).await;
        b.order(&format!("answer {call} 200")).await;
        a.expect(&format!("answered {call}")).await;
        b.expect(&format!("answered {call}")).await;
        a.order(&format!("hangup {call}")).await;
        b.expect(&format!("ended {call}")).await;
    }
}

pub async fn refuses_and_gives_up(stack: Stack) {
    let office = office().await;
    let (mut a, mut b) = (Phone::start(stack, &office, "a").await, Phone::start(stack, &office, "b").await);
    a.order("call 1002").await;
    b.expect("incoming 0").await;
    b.order("answer 0 486").await;
    assert_eq!(a.expect("ended 0").await, "486");
    a.order("call 1002").await;
    b.expect("incoming 1").await;
    a.expect("ringing 1").await;
    a.order("hangup 1").await;
    b.expect("ended 1").await;
}

pub async fn hold_and_resume(stack: Stack) {
    let mut talk = Talk::begin(stack).await;
    for is_by_caller in [true, false] {
        let (one, other) = if is_by_caller { (&mut talk.a, &mut talk.b) } else { (&mut talk.b, &mut talk.a) };
        one.order("hold 0").await;
        one.expect("media 0 holds").await;
        other.expect("media 0 held").await;
        talk.office.story.until(|kind| matches!(kind, EventKind::LegHeld { .. })).await;
        if stack.has_media() {
            assert!(hears(other, 0).await, "it hears music");
        }
        one.order("resume 0").await;
        other.expect("media 0 talks").await;
        talk.office.story.until(|kind| matches!(kind, EventKind::LegResumed { .. })).await;
        if stack.has_media() {
            assert!(hears(one, 0).await && hears(other, 0).await);
        }
    }
}

pub async fn a_bye_behind_the_answer(stack: Stack) {
    let office = office().await;
    let (mut a, mut b) = (Phone::start(stack, &office, "a").await, Phone::start(stack, &office, "b").await);
    for call in 0..5 {
        a.order("call 1002").await;
        b.expect(&format!("incoming {call}")).await;
        b.order(&format!("leave {call}")).await;
        a.expect(&format!("ended {call}")).await;
    }
}

pub async fn answered_elsewhere(stack: Stack) {
    let office = office().await;
    let mut a = Phone::start(stack, &office, "a").await;
    let (mut c, mut d) = (Phone::start(stack, &office, "c").await, Phone::start(stack, &office, "d").await);
    a.order("call 1003").await;
    c.expect("incoming 0").await;
    d.expect("incoming 0").await;
    c.order("answer 0 200").await;
    a.expect("answered 0").await;
    d.expect("ended 0").await;
    assert!(d.has_seen("text=\"Call completed elsewhere\"").await);
}

/// The one who stays is told of Carl, and Carl is shown the one who stays.
async fn expect_handed_on(stays: &mut Phone, shown: String, expected: (&str, &str)) {
    let (name, number) = expected;
    assert!(shown.contains(name) && shown.contains(number), "{shown}");
    assert!(stays.has_seen("P-Asserted-Identity: \"Carl\" <sip:1003@").await);
}

pub async fn blind_transfer_by_the_called(stack: Stack) {
    let mut talk = Talk::begin(stack).await;
    let mut c = Phone::start(stack, &talk.office, "c").await;
    talk.b.order("transfer 0 1003").await;
    let shown = c.expect("incoming 0").await;
    c.order("answer 0 200").await;
    c.expect("answered 0").await;
    talk.has_told(|kind| matches!(kind, EventKind::TransferCompleted { .. })).await;
    expect_handed_on(&mut talk.a, shown, ("Ann", "1001")).await;
    c.order("hangup 0").await;
    talk.a.expect("ended 0").await;
}

pub async fn blind_transfer_by_the_caller(stack: Stack) {
    let mut talk = Talk::begin(stack).await;
    let mut c = Phone::start(stack, &talk.office, "c").await;
    talk.a.order("transfer 0 1003").await;
    let shown = c.expect("incoming 0").await;
    c.order("answer 0 200").await;
    c.expect("answered 0").await;
    talk.has_told(|kind| matches!(kind, EventKind::TransferCompleted { .. })).await;
    expect_handed_on(&mut talk.b, shown, ("Bob", "1002")).await;
    talk.b.order("hangup 0").await;
    c.expect("ended 0").await;
}

pub async fn attended_transfer(stack: Stack) {
    let mut talk = Talk::begin(stack).await;
    let mut c = Phone::start(stack, &talk.office, "c").await;
    talk.b.order("hold 0").await;
    talk.a.expect("media 0 held").await;
    talk.b.order("call 1003").await;
    let shown = c.expect("incoming 0").await;
    assert!(shown.contains("Bob"), "{shown}");
    c.order("answer 0 200").await;
    talk.b.expect("answered 1").await;
    talk.b.order("replace 0 1").await;
    talk.has_told(|kind| matches!(kind, EventKind::TransferCompleted { .. })).await;
    assert!(c.has_seen("P-Asserted-Identity: \"Ann\" <sip:1001@").await);
    assert!(talk.a.has_seen("P-Asserted-Identity: \"Carl\" <sip:1003@").await);
    talk.a.order("hangup 0").await;
    c.expect("ended 0").await;
}

pub async fn semi_attended_transfer(stack: Stack) {
    let mut talk = Talk::begin(stack).await;
    let mut c = Phone::start(stack, &talk.office, "c").await;
    talk.b.order("hold 0").await;
    talk.a.expect("media 0 held").await;
    talk.b.order("call 1003").await;
    c.expect("incoming 0").await;
    talk.b.expect("ringing 1").await;
    talk.b.order("replace 0 1").await;
    talk.has_told(|kind| matches!(kind, EventKind::TransferStarted { .. })).await;
    c.order("answer 0 200").await;
    talk.has_told(|kind| matches!(kind, EventKind::TransferCompleted { .. })).await;
    assert_eq!(c.count("incoming").await, 1);
    talk.a.order("hangup 0").await;
    c.expect("ended 0").await;
}

/// A phone waits in a slot, and another takes it out. Where media is encrypted, the switch has no part in it.
pub async fn parks_and_is_taken(stack: Stack) {
    let mut talk = Talk::begin(stack).await;
    let mut c = Phone::start(stack, &talk.office, "c").await;
    talk.b.order("transfer 0 701").await;
    talk.has_told(|kind| matches!(kind, EventKind::LegParked { .. })).await;
    if stack.has_media() {
        assert!(hears(&mut talk.a, 0).await, "it hears music");
    }
    c.order("call 701").await;
    c.expect("answered 0").await;
    talk.has_told(|kind| matches!(kind, EventKind::LegRetrieved { .. })).await;
    talk.a.order("hangup 0").await;
    c.expect("ended 0").await;
}

pub async fn encrypted_to_a_feature_code(stack: Stack) {
    let office = office().await;
    let mut a = Phone::start_with(stack, &office, "a", Media::Sdes).await;
    a.order("call *68").await;
    assert_eq!(a.expect("ended 0").await, "488");
}

pub async fn keys_with_plain(stack: Stack) {
    encrypted_with_plain(stack, (Media::Sdes, KeyExchange::Sdes)).await;
}

#[cfg(feature = "peers")]
pub async fn handshake_with_plain(stack: Stack) {
    encrypted_with_plain(stack, (Media::Dtls, KeyExchange::Dtls)).await;
}

/// A phone that has no media but encrypted ones calls one of pjsip's that has none of these, and is called by it; each is
/// held by the other with music, which both understand.
async fn encrypted_with_plain(stack: Stack, (media, exchange): (Media, KeyExchange)) {
    for is_caller in [true, false] {
        let office = office_with(|config| config.keys_in_the_clear = media == Media::Sdes).await;
        office.change(|entries| entries.devices[0].encryption = Some(Encryption::Require));
        let a = Phone::start_with(stack, &office, "a", media).await;
        let b = Phone::start(Stack::Pjsip, &office, "b").await;
        let mut talk = Talk { office, a, b };
        talk.connect(is_caller).await;
        talk.both_hear(stack).await;
        let is_so = |kind: &EventKind| matches!(kind, EventKind::LegSecured { encryption: Some(of), .. } if of.exchange == exchange);
        talk.office.story.until(is_so).await;
        if stack.holds() {
            hold_and_resume_by(&mut talk.a, &mut talk.b).await;
            talk.both_hear(stack).await;
            hold_and_resume_by(&mut talk.b, &mut talk.a).await;
            talk.both_hear(stack).await;
        }
        talk.b.order("hangup 0").await;
        talk.a.expect("ended 0").await;
    }
}

async fn hold_and_resume_by(one: &mut Phone, other: &mut Phone) {
    one.order("hold 0").await;
    other.expect("media 0 held").await;
    assert!(hears(other, 0).await, "it hears music");
    one.order("resume 0").await;
    other.expect("media 0 talks").await;
}

/// The phone asks what lies in its mailbox, and is told when that changes.
#[cfg(feature = "peers")]
pub async fn shows_that_messages_wait(stack: Stack) {
    let mut mailboxes = None;
    let office = Office::with(|config| mailboxes = Some(config.mailboxes.clone())).await;
    let mut a = Phone::start(stack, &office, "a").await;
    assert_eq!(a.expect("messages").await, "no");
    let two = directory::mailboxes::Mailbox { new: 2, ..Default::default() };
    assert!(mailboxes.unwrap().set(crate::support::office::OFFICE, &call::Number::from("1001"), two).await);
    assert_eq!(a.expect("messages").await, "yes");
}

/// A key shows that another extension rings and talks (RFC 4235).
pub async fn lights_a_key(stack: Stack) {
    let office = office().await;
    let (mut a, mut b) = (Phone::start(stack, &office, "a").await, Phone::start(stack, &office, "b").await);
    let mut c = Phone::start(stack, &office, "c").await;
    a.order("watch 1002").await;
    assert_eq!(a.expect("lamp").await, "dark");
    c.order("call 1002").await;
    b.expect("incoming 0").await;
    lamp_shows(&mut a, "early").await;
    b.order("answer 0 200").await;
    lamp_shows(&mut a, "confirmed").await;
    c.expect("answered 0").await;
    c.order("hangup 0").await;
    lamp_shows(&mut a, "terminated").await;
}

async fn lamp_shows(phone: &mut Phone, state: &str) {
    while phone.expect("lamp").await != state {}
}
