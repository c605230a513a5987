//! Hold and its end, wherever the offer and its answer travel: in an INVITE or an UPDATE and its answer, or in
//! that answer and the ACK. Both parties, with media from end to end and through the switch.

use std::{
    net::UdpSocket,
    time::{Duration, Instant},
};

use call::{CallRecord, EventKind};
use switch_sip::SipConfig;

use crate::support::{
    Agent, Office, Talk,
    agent::{Dialog, SDP},
    anchored_media,
    talk::sdp_of_b,
};

const DIRECTIONS: [&str; 4] = ["sendrecv", "sendonly", "recvonly", "inactive"];

fn anchored(config: &mut SipConfig) {
    config.media = anchored_media(47_000..=47_999);
}

fn direct(_: &mut SipConfig) {}

/// The direction of the one stream of a description.
fn direction(sdp: &str) -> &str {
    let said = sdp.lines().filter_map(|line| line.strip_prefix("a="));
    said.into_iter().find(|line| DIRECTIONS.contains(line)).unwrap_or("sendrecv")
}

/// A party: its phone, its view of the call, its socket for media, and where the switch takes that.
struct Party {
    agent: Agent,
    dialog: Dialog,
    ear: UdpSocket,
    switch: u16,
}

impl Party {
    fn sdp(&self, direction: &str) -> String {
        let port = self.ear.local_addr().unwrap().port();
        SDP.replace("4000", &port.to_string()).replace("sendrecv", direction)
    }

    /// Notes where the switch takes its media.
    fn note(&mut self, told: &str) {
        let line = told.lines().find_map(|line| line.strip_prefix("m=audio ")).expect("it has audio");
        self.switch = line.split(' ').next().unwrap().parse().unwrap();
    }

    /// How many packets come for a while whose payload is wanted, but no more than `enough`.
    fn count(&self, enough: usize, is_wanted: impl Fn(&[u8]) -> bool) -> usize {
        self.count_for(Duration::from_millis(150), enough, is_wanted)
    }

    fn count_for(&self, length: Duration, enough: usize, is_wanted: impl Fn(&[u8]) -> bool) -> usize {
        let until = Instant::now() + length;
        let (mut packet, mut count) = ([0; 512], 0);
        while count < enough
            && let Some(left) = until.checked_duration_since(Instant::now())
        {
            self.ear.set_read_timeout(Some(left.max(Duration::from_millis(1)))).unwrap();
            count +=
                usize::from(self.ear.recv(&mut packet).is_ok_and(|length| is_wanted(&packet[12..length])));
        }
        count
    }

    /// Forgets what has come.
    fn drain(&self) {
        self.ear.set_nonblocking(true).unwrap();
        while self.ear.recv(&mut [0; 512]).is_ok() {}
        self.ear.set_nonblocking(false).unwrap();
    }

    fn say(&self, count: u8) {
        for number in 0..count {
            let mut packet = vec![0x80, 0, 0, number, 0, 0, number, 0, 0, 0, 0, 7];
            packet.resize(12 + 160, number);
            self.ear.send_to(&packet, ("127.0.0.1", self.switch)).unwrap();
        }
    }
}

const WORDS: u8 = 40;

fn is_word(payload: &[u8]) -> bool {
    payload.len() == 160 && payload[0] < WORDS && payload.iter().all(|byte| *byte == payload[0])
}

/// How many of the words that `one` says the other hears.
fn words_heard(one: &Party, other: &Party) -> usize {
    other.drain();
    one.say(WORDS);
    other.count(usize::from(WORDS), is_word)
}

fn hears_music(party: &Party) -> bool {
    party.drain();
    party.count(3, |payload| !is_word(payload)) == 3
}

/// Time for four packets of what the switch lets somebody hear.
const A_WHILE: Duration = Duration::from_millis(80);

fn hears_no_music(party: &Party) -> bool {
    party.drain();
    party.count_for(A_WHILE, 3, |payload| !is_word(payload)) < 3
}

/// Whether the other hears nothing of what `one` says.
fn is_unheard(one: &Party, other: &Party) -> bool {
    other.drain();
    one.say(WORDS);
    other.count_for(A_WHILE, 1, is_word) == 0
}

/// A call between two parties, with the one that will hold first.
async fn talk(office: &Office, is_caller_first: bool) -> [Party; 2] {
    let [at_a, at_b] = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let sdp = |ear: &UdpSocket| SDP.replace("4000", &ear.local_addr().unwrap().port().to_string());
    let mut call = a.call("1002", &sdp(&at_a)).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "200 OK", &sdp(&at_b)).await;
    let answer = a.expect_answer(&mut call).await;
    b.expect("ACK").await;
    let dialog = b.dialog_of(&invite);
    let mut caller = Party { agent: a, dialog: call, ear: at_a, switch: 0 };
    let mut called = Party { agent: b, dialog, ear: at_b, switch: 0 };
    caller.note(&answer.body);
    called.note(&invite.body);
    if is_caller_first { [caller, called] } else { [called, caller] }
}

/// Where an offer and its answer travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Invite,
    Update,
    /// The offer in the answer to a re-INVITE without one, and the answer in the ACK.
    Ack,
}

/// What each side is told of an exchange.
struct Told {
    other: String,
    first: String,
}

/// `first` says which way it wants media, and the other says so too.
async fn exchange(way: Way, first: &mut Party, other: &mut Party, wanted: &str, answered: &str) -> Told {
    let (own, theirs) = (first.sdp(wanted), other.sdp(answered));
    let method = if way == Way::Update { "UPDATE" } else { "INVITE" };
    let body = if way == Way::Ack { "" } else { &own };
    first.agent.within(&mut first.dialog, method, &[], body).await;
    let request = other.agent.expect(method).await;
    other.agent.reply(&request, "200 OK", &theirs).await;
    let told = match way {
        Way::Update => {
            let answer = first.agent.expect_status(200).await.body;
            Told { other: request.body, first: answer }
        }
        Way::Invite => {
            let answer = first.agent.expect_answer(&mut first.dialog).await.body;
            other.agent.expect("ACK").await;
            Told { other: request.body, first: answer }
        }
        Way::Ack => {
            assert_eq!(request.body, "");
            let offer = first.agent.expect_offer_in_answer(&mut first.dialog, &own).await;
            Told { other: other.agent.expect("ACK").await.body, first: offer }
        }
    };
    first.note(&told.first);
    other.note(&told.other);
    told
}

async fn until_held(office: &Office) {
    office.story.until(|kind| matches!(kind, EventKind::LegHeld { .. })).await;
}

async fn until_resumed(office: &Office) {
    office.story.until(|kind| matches!(kind, EventKind::LegResumed { .. })).await;
}

/// The record of the next call that ends, in which somebody waited as often.
async fn expect_holds(office: &Office, count: u32) {
    let events = office.story.next_events().await;
    let record = CallRecord::project(events[0].call_id, &events).unwrap();
    assert_eq!(record.hold_count, count);
    assert!(record.times.hold > Duration::ZERO);
}

async fn hold_and_resume(change: fn(&mut SipConfig), is_caller_first: bool, way: Way, wanted: &str) {
    let case = format!("{way:?} {wanted}, caller {is_caller_first}");
    let office = Office::with(change).await;
    let is_anchored = std::ptr::fn_addr_eq(change, anchored as fn(&mut SipConfig));
    let [mut first, mut other] = talk(&office, is_caller_first).await;
    for _ in 0..2 {
        // Some phones answer a hold as if it were none; who waits for the ACK offers all that it can.
        let told = exchange(way, &mut first, &mut other, wanted, "sendrecv").await;
        assert_eq!(direction(&told.other), if is_anchored { "sendonly" } else { wanted }, "{case}");
        let answer = match (way, wanted) {
            (Way::Ack, _) => "sendrecv",
            (_, "sendonly") => "recvonly",
            (_, wanted) => wanted,
        };
        assert_eq!(direction(&told.first), answer, "{case}");
        until_held(&office).await;
        if is_anchored {
            assert!(hears_music(&other), "{case}");
            assert!(is_unheard(&other, &first), "{case}");
        }
        let told = exchange(way, &mut first, &mut other, "sendrecv", "sendrecv").await;
        assert_eq!((direction(&told.other), direction(&told.first)), ("sendrecv", "sendrecv"), "{case}");
        until_resumed(&office).await;
        if is_anchored {
            assert!(hears_no_music(&other), "{case}");
            assert_eq!(words_heard(&other, &first), usize::from(WORDS), "{case}");
            assert_eq!(words_heard(&first, &other), usize::from(WORDS), "{case}");
        }
    }
    first.agent.hang_up(&mut first.dialog).await;
    other.agent.expect_bye().await;
    expect_holds(&office, 2).await;
}

async fn hold_and_resume_both(way: Way) {
    for is_caller_first in [true, false] {
        for wanted in ["sendonly", "inactive"] {
            hold_and_resume(direct, is_caller_first, way, wanted).await;
            hold_and_resume(anchored, is_caller_first, way, wanted).await;
        }
    }
}

#[tokio::test]
async fn each_party_holds_and_resumes_by_re_invite() {
    hold_and_resume_both(Way::Invite).await;
}

#[tokio::test]
async fn each_party_holds_and_resumes_by_update() {
    hold_and_resume_both(Way::Update).await;
}

#[tokio::test]
async fn each_party_holds_and_resumes_by_the_answer_in_its_ack() {
    hold_and_resume_both(Way::Ack).await;
}

#[tokio::test]
async fn a_party_holds_and_resumes_by_its_answer() {
    for change in [direct, anchored] {
        for way in [Way::Invite, Way::Update] {
            let office = Office::with(change).await;
            let [mut first, mut other] = talk(&office, true).await;
            let told = exchange(way, &mut first, &mut other, "sendrecv", "sendonly").await;
            assert_eq!(direction(&told.first), "sendonly");
            until_held(&office).await;
            let told = exchange(way, &mut first, &mut other, "sendrecv", "sendrecv").await;
            assert_eq!(direction(&told.first), "sendrecv");
            until_resumed(&office).await;
            other.agent.hang_up(&mut other.dialog).await;
            first.agent.expect_bye().await;
            expect_holds(&office, 1).await;
        }
    }
}

#[tokio::test]
async fn a_party_holds_by_the_offer_that_it_is_asked_for() {
    let office = Office::with(anchored).await;
    let [mut first, mut other] = talk(&office, true).await;
    let told = exchange(Way::Ack, &mut first, &mut other, "recvonly", "sendonly").await;
    assert_eq!((direction(&told.first), direction(&told.other)), ("sendonly", "recvonly"));
    until_held(&office).await;
    assert!(hears_music(&first));
    exchange(Way::Ack, &mut first, &mut other, "sendrecv", "sendrecv").await;
    until_resumed(&office).await;
    assert_eq!(words_heard(&other, &first), usize::from(WORDS));
}

#[tokio::test]
async fn a_held_party_that_offers_no_more_than_it_was_left_is_asked_again_once_it_may_speak() {
    let office = Office::with(direct).await;
    let [mut first, mut other] = talk(&office, true).await;
    exchange(Way::Ack, &mut first, &mut other, "inactive", "sendrecv").await;
    until_held(&office).await;
    let told = exchange(Way::Ack, &mut first, &mut other, "sendrecv", "inactive").await;
    assert_eq!((direction(&told.first), direction(&told.other)), ("sendrecv", "inactive"));
    until_resumed(&office).await;
    let again = other.agent.expect("INVITE").await;
    assert_eq!(direction(&again.body), "sendrecv");
    other.agent.reply(&again, "200 OK", &other.sdp("sendrecv")).await;
    other.agent.expect("ACK").await;
}

#[tokio::test]
async fn two_parties_hold_each_other_and_resume_one_after_the_other() {
    let office = Office::with(anchored).await;
    let [mut first, mut other] = talk(&office, true).await;
    exchange(Way::Invite, &mut first, &mut other, "sendonly", "recvonly").await;
    until_held(&office).await;
    let told = exchange(Way::Invite, &mut other, &mut first, "inactive", "inactive").await;
    assert_eq!((direction(&told.other), direction(&told.first)), ("sendonly", "inactive"));
    until_held(&office).await;
    let told = exchange(Way::Invite, &mut first, &mut other, "sendrecv", "sendonly").await;
    assert_eq!(direction(&told.first), "sendonly");
    until_resumed(&office).await;
    assert!(is_unheard(&first, &other));
    exchange(Way::Invite, &mut other, &mut first, "sendrecv", "sendrecv").await;
    until_resumed(&office).await;
    assert_eq!(words_heard(&first, &other), usize::from(WORDS));
    assert_eq!(words_heard(&other, &first), usize::from(WORDS));
    first.agent.hang_up(&mut first.dialog).await;
    other.agent.expect_bye().await;
    // They overlap, so that it is one.
    expect_holds(&office, 1).await;
}

#[tokio::test]
async fn a_picture_that_rests_holds_nobody() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let video = "m=video 4002 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\na=inactive\r\n";
    talk.a.within(&mut talk.at_a, "INVITE", &[], &format!("{SDP}{video}")).await;
    talk.b.expect_offer(&format!("{SDP}{video}"), &format!("{}{video}", sdp_of_b())).await;
    talk.a.expect_answer(&mut talk.at_a).await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_bye().await;
    assert_eq!(talk.rest(&office).await, ["A ended party normal 200", "B ended switch normal 200"]);
}

#[tokio::test]
async fn a_first_answer_holds_nobody_and_is_within_the_offer() {
    for (offered, answered, passed) in [
        ("sendrecv", "sendonly", "sendonly"),
        ("sendonly", "sendrecv", "recvonly"),
        ("recvonly", "sendrecv", "sendonly"),
        ("inactive", "sendrecv", "inactive"),
    ] {
        let office = Office::open().await;
        let (a, b) = (office.registered("a").await, office.registered("b").await);
        let mut at_a = a.call("1002", &SDP.replace("sendrecv", offered)).await;
        let invite = b.expect("INVITE").await;
        let answer = sdp_of_b().replace("sendrecv", answered);
        b.reply(&invite, "183 Session Progress", &answer).await;
        assert_eq!(direction(&a.expect_status(183).await.body), passed);
        b.reply(&invite, "200 OK", &answer).await;
        assert_eq!(direction(&a.expect_answer(&mut at_a).await.body), passed);
        a.hang_up(&mut at_a).await;
        let told = office.story.next().await;
        assert!(!told.iter().any(|line| line.contains("held")), "{told:?}");
    }
}

#[tokio::test]
async fn a_waiting_party_that_asks_for_an_offer_gets_one() {
    for (change, expected) in [(direct as fn(&mut SipConfig), "inactive"), (anchored, "sendonly")] {
        let office = Office::with(change).await;
        let a = office.registered("a").await;
        let mut at_a = a.call("*68", SDP).await;
        a.expect_answer(&mut at_a).await;
        for _ in 0..2 {
            a.within(&mut at_a, "INVITE", &[], "").await;
            let offer = a.expect_offer_in_answer(&mut at_a, &SDP.replace("sendrecv", "recvonly")).await;
            assert_eq!(direction(&offer), expected);
        }
        a.hang_up(&mut at_a).await;
    }
}
