//! What a phone system at a trunk is to find: written once, run with each.

use std::time::Duration;

use call::{EventKind, encryption::KeyExchange};
use directory::model::{Encryption, Trunk, TrunkIdentity};
use switch::Switch;
use switch_sip::{Redirects, SipConfig};
use tokio::{net::UdpSocket, time::timeout};

use super::system::{Kind, System, Through, next_direction, take_answer, trusted};
use crate::{
    login::login,
    support::{
        agent::{PATIENCE, SDP},
        office::{SHORT, anchored_media},
        talk::sdp_of_b,
    },
};

pub async fn answers_and_ends(kind: Kind) {
    let mut system = System::start(kind, &[]).await;
    for is_by_caller in [true, false] {
        let mut call = system.talk("601").await;
        system.peer.expect("up").await;
        if is_by_caller {
            system.a.hang_up(&mut call).await;
        } else {
            system.peer.order("hangup").await;
            system.a.expect_bye().await;
        }
        system.peer.expect("ended").await;
    }
    system.finish().await;
}

/// The system insists on PRACK (RFC 3262); the phone knows nothing of it.
pub async fn acknowledges_early_media(kind: Kind) {
    let mut system = System::start(kind, &["100rel=required"]).await;
    let mut call = system.a.call("+14155550602", SDP).await;
    assert!(system.a.next_with_status(183).await.body.contains("m=audio"));
    take_answer(&system.a, &mut call).await;
    system.has_seen("PRACK sip:").await;
    system.a.hang_up(&mut call).await;
    system.finish().await;
}

pub async fn hangs_up_behind_the_answer(kind: Kind) {
    let system = System::start(kind, &[]).await;
    for _ in 0..5 {
        system.talk("603").await;
        system.a.expect_bye().await;
    }
    system.finish().await;
}

pub async fn refuses_and_is_given_up(kind: Kind) {
    let mut system = System::start(kind, &[]).await;
    let busy = system.a.call("+14155550604", SDP).await;
    system.a.expect_refusal(&busy, 486).await;
    system.peer.expect("ended 17").await;
    let rings = system.a.call("+14155550608", SDP).await;
    system.a.next_with_status(180).await;
    system.a.cancel(&rings).await;
    system.a.expect_status(200).await;
    system.a.expect_refusal(&rings, 487).await;
    system.peer.expect("ended").await;
    system.finish().await;
}

/// By a 302 to a phone of the office.
pub async fn sends_a_call_on(kind: Kind) {
    let system = System::with(kind, &[], |config| config.redirects = Redirects::Follow, |_| {}).await;
    let mut call = system.a.call("+14155550605", SDP).await;
    system.b.answer(&system.b.expect("INVITE").await).await;
    take_answer(&system.a, &mut call).await;
    system.a.hang_up(&mut call).await;
    system.b.expect_bye().await;
    system.finish().await;
}

/// By a REFER to a phone of the office; the system is told how it goes.
pub async fn refers_a_call(kind: Kind) {
    let mut system = System::with(kind, &[], |config| config.refer_from_trunks = true, |_| {}).await;
    let mut call = system.talk("606").await;
    let invite = system.b.expect("INVITE").await;
    system.b.reply(&invite, "200 OK", &sdp_of_b()).await;
    system.b.expect("ACK").await;
    system.a.expect_offer(&sdp_of_b(), SDP).await;
    // That its dialplan goes on, the BYE may forestall.
    system.has_seen("Subscription-State: terminated").await;
    system.a.hang_up(&mut call).await;
    system.b.expect_bye().await;
    system.finish().await;
}

const HOLD_AND_RESUME: [(&str, &str); 2] = [("sendonly", "hold"), ("sendrecv", "unhold")];

pub async fn holds_and_resumes(kind: Kind) {
    let mut call = Through::begin(kind, &["moh_passthrough=yes"]).await;
    for (direction, told) in HOLD_AND_RESUME {
        let b = &call.system.b;
        b.within(&mut call.at_b, "INVITE", &[], &sdp_of_b().replace("sendrecv", direction)).await;
        b.expect_status(200).await;
        b.acknowledge(&call.at_b, "").await;
        call.system.peer.expect(told).await;
        assert_eq!(next_direction(&call.system.a).await, direction);
    }
    call.finish().await;
}

/// A re-INVITE that asks for an offer; what the phone wants, its ACK says, as CUCM and CUBE do.
pub async fn holds_in_an_acknowledgement(kind: Kind) {
    let mut call = Through::begin(kind, &["moh_passthrough=yes"]).await;
    for (direction, told) in HOLD_AND_RESUME {
        let b = &call.system.b;
        b.within(&mut call.at_b, "INVITE", &[], "").await;
        let answer = sdp_of_b().replace("sendrecv", direction);
        let offer = b.expect_offer_in_answer(&mut call.at_b, &answer).await;
        assert!(offer.contains("m=audio"));
        call.system.peer.expect(told).await;
        // Asterisk has the other side agree first, before it knows of the hold.
        while next_direction(&call.system.a).await != direction {}
    }
    call.finish().await;
}

/// The system learns the number only where it is trusted, and that nobody is to see it.
pub async fn is_told_who_hides(kind: Kind) {
    for (identity, expected) in [
        (TrunkIdentity::None, "anonymous"),
        (TrunkIdentity::Asserted, "+14155550199 prohib"),
        (TrunkIdentity::RemoteParty, "+14155550199 prohib"),
    ] {
        let mut system = System::with(kind, &["trust_id_inbound=yes"], |_| {}, trusted(identity)).await;
        let mut call = system.a.call_with("+14155550601", &["Privacy: id"], SDP).await;
        let shown = system.peer.expect("incoming").await;
        assert!(shown.starts_with(expected), "{shown}");
        take_answer(&system.a, &mut call).await;
        system.a.hang_up(&mut call).await;
        system.finish().await;
    }
}

/// The phone does not see who calls; the record does.
pub async fn hides_who_calls(kind: Kind) {
    for (identity, option) in
        [(TrunkIdentity::Asserted, "send_pai=yes"), (TrunkIdentity::RemoteParty, "send_rpid=yes")]
    {
        let system = System::with(kind, &[option, "trust_id_outbound=yes"], |_| {}, trusted(identity)).await;
        let mut call = system.a.call("+14155550611", SDP).await;
        let invite = system.b.expect("INVITE").await;
        assert!(invite.header("From").contains("anonymous.invalid"), "{}", invite.header("From"));
        let is_hers = |kind: &EventKind| matches!(kind, EventKind::CallStarted(started) if started.caller.as_str() == "+4930777");
        system.office.story.until(is_hers).await;
        system.b.answer(&invite).await;
        take_answer(&system.a, &mut call).await;
        system.a.hang_up(&mut call).await;
        system.b.expect_bye().await;
        system.finish().await;
    }
}

/// The system's party becomes another: the phone is told (RFC 4916).
pub async fn tells_who_is_connected(kind: Kind) {
    let options = ["send_pai=yes", "trust_id_outbound=yes", "send_connected_line=yes"];
    let system = System::with(kind, &options, |_| {}, trusted(TrunkIdentity::Asserted)).await;
    let mut call = system.talk("610").await;
    let invite = system.a.expect("INVITE").await;
    system.a.reply(&invite, "200 OK", SDP).await;
    system.a.expect("ACK").await;
    assert!(invite.find("P-Asserted-Identity").is_some_and(|who| who.contains("+4930777")), "{invite:#?}");
    system.a.hang_up(&mut call).await;
    system.finish().await;
}

/// The system refuses shorter ones with 422 (RFC 4028).
pub async fn wants_longer_sessions(kind: Kind) {
    let options = ["timers=required", "timers_min_se=3600", "timers_sess_expires=3600"];
    let mut system = System::start(kind, &options).await;
    let mut call = system.talk("601").await;
    system.has_seen("Session-Expires: 3600").await;
    system.a.hang_up(&mut call).await;
    system.finish().await;
}

/// A session of 90 s, which whoever has agreed to that refreshes when half of it is over.
pub async fn refreshes_a_session(kind: Kind) {
    let options = ["timers=always", "timers_min_se=90", "timers_sess_expires=90"];
    let mut call = Through::begin(kind, &options).await;
    call.system.has_seen("UPDATE sip:").await;
    call.finish().await;
}

/// OPTIONS in both directions.
pub async fn asks_whether_the_switch_is_there(kind: Kind) {
    let mut system = System::with(kind, &[], |_| {}, |trunk| trunk.probe = Some(SHORT)).await;
    system.has_seen("is now Reachable").await;
    until(|| system.office.switch.trunks()[0].is_up == Some(true)).await;
    system.finish().await;
}

/// The switch registers at the system and shows who it is, is called there, and calls.
pub async fn registers_the_switch(kind: Kind) {
    let mut system = System::with(
        kind,
        &["login=open sesame"],
        |config| config.trunk_retry = SHORT,
        |trunk| {
            trunk.auth = Some(login());
            trunk.registration = Some(Duration::from_secs(600));
        },
    )
    .await;
    system.has_seen("is now Reachable").await;
    until(|| system.office.switch.trunks()[0].is_registered == Some(true)).await;
    system.peer.order("call +4930777 +14155550100 trunkline").await;
    let mut at_b = system.b.answer(&system.b.expect("INVITE").await).await;
    system.peer.expect("up").await;
    system.b.hang_up(&mut at_b).await;
    let mut call = system.talk("601").await;
    system.a.hang_up(&mut call).await;
    system.finish().await;
}

/// The proxy answers an INVITE with 407 and wants a digest by SHA-256 (RFC 8760).
pub async fn asks_who_calls(kind: Kind) {
    let change = |trunk: &mut Trunk| trunk.auth = Some(login());
    let system = System::with(kind, &["proxy_login=open sesame"], |_| {}, change).await;
    let mut call = system.talk("601").await;
    system.a.hang_up(&mut call).await;
    system.finish().await;
}

async fn until(is_so: impl Fn() -> bool) {
    let waits = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, waits).await.expect("it becomes so");
}

/// The system hears digits (RFC 4733), then sends back what it hears.
pub async fn hears_digits_and_is_heard(kind: Kind) {
    let mut system = System::with(kind, &[], anchored, |_| {}).await;
    let mut voice = Voice::new().await;
    let mut call = system.a.call("+14155550609", &voice.sdp()).await;
    voice.reach(&take_answer(&system.a, &mut call).await.body).await;
    voice.speak(10).await;
    for digit in 1..=4 {
        voice.press(digit).await;
        voice.speak(5).await;
    }
    assert_eq!(system.peer.expect("digits").await, "1234");
    voice.is_heard().await;
    system.a.hang_up(&mut call).await;
    system.finish().await;
}

/// The system takes keys in descriptions only, and offers them (RFC 4568).
pub async fn talks_by_keys(kind: Kind) {
    talks_encrypted(kind, &["media_encryption=sdes"], KeyExchange::Sdes).await;
}

/// The system takes handshakes only, and offers them (RFC 5763).
pub async fn talks_by_handshake(kind: Kind) {
    let options =
        ["media_encryption=dtls", "dtls_auto_generate_cert=yes", "dtls_setup=actpass", "rtcp_mux=yes"];
    talks_encrypted(kind, &options, KeyExchange::Dtls).await;
}

/// Plain phones call the system and are called by it, whose media are encrypted; it sends back what it hears.
async fn talks_encrypted(kind: Kind, options: &[&str], exchange: KeyExchange) {
    let configure = |config: &mut SipConfig| {
        anchored(config);
        config.keys_in_the_clear = exchange == KeyExchange::Sdes;
    };
    let require = |trunk: &mut Trunk| trunk.encryption = Some(Encryption::Require);
    let mut system = System::with(kind, options, configure, require).await;
    let is_so = |kind: &EventKind| matches!(kind, EventKind::LegSecured { encryption: Some(of), .. } if of.exchange == exchange);
    let mut voice = Voice::new().await;
    let mut call = system.a.call("+14155550601", &voice.sdp()).await;
    voice.reach(&take_answer(&system.a, &mut call).await.body).await;
    voice.is_heard().await;
    system.office.story.until(is_so).await;
    system.a.hang_up(&mut call).await;

    let mut voice = Voice::new().await;
    system.peer.order("call +4930777 +14155550100 switch").await;
    let invite = system.b.expect("INVITE").await;
    system.b.reply(&invite, "200 OK", &voice.sdp()).await;
    system.b.expect("ACK").await;
    voice.reach(&invite.body).await;
    voice.is_heard().await;
    system.office.story.until(is_so).await;
    system.b.hang_up(&mut system.b.dialog_of(&invite)).await;
    system.finish().await;
}

fn anchored(config: &mut SipConfig) {
    config.media = anchored_media(53_000..=53_999);
}

/// What speaks in packets of 20 ms.
struct Voice {
    socket: UdpSocket,
    sequence: u16,
    timestamp: u32,
}

impl Voice {
    const WORD: [u8; 160] = [0x55; 160];

    async fn new() -> Self {
        Self { socket: UdpSocket::bind("127.0.0.1:0").await.unwrap(), sequence: 0, timestamp: 0 }
    }

    /// A description of it.
    fn sdp(&self) -> String {
        let port = self.socket.local_addr().unwrap().port();
        let sdp = SDP.replace("4000 RTP/AVP 0", &format!("{port} RTP/AVP 0 101"));
        sdp + "a=rtpmap:101 telephone-event/8000\r\n"
    }

    /// Speaks to where a description says from now on.
    async fn reach(&self, sdp: &str) {
        let port = sdp.split_once("m=audio ").unwrap().1.split(' ').next().unwrap();
        self.socket.connect(format!("127.0.0.1:{port}")).await.unwrap();
    }

    /// Waits until what it says comes back.
    async fn is_heard(&mut self) {
        timeout(PATIENCE, self.is_sent_back()).await.expect("it is heard");
    }

    async fn send(&mut self, payload_type: u8, payload: &[u8]) {
        let (sequence, timestamp) = (self.sequence.to_be_bytes(), self.timestamp.to_be_bytes());
        let packet = [&[0x80, payload_type][..], &sequence, &timestamp, &[1, 2, 3, 4], payload].concat();
        self.socket.send(&packet).await.unwrap();
        self.sequence += 1;
    }

    async fn speak(&mut self, packets: u32) {
        for _ in 0..packets {
            self.send(0, &Self::WORD).await;
            self.timestamp += 160;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A key for 100 ms; that it ends is said three times.
    async fn press(&mut self, digit: u8) {
        for packet in 1..=7_u16 {
            let (ends, length) = (if packet < 5 { 0 } else { 0x80 }, 160 * packet.min(5));
            self.send(101, &[&[digit, ends | 10][..], &length.to_be_bytes()].concat()).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.timestamp += 800;
    }

    async fn is_sent_back(&mut self) {
        let mut heard = [0; 2_048];
        loop {
            self.speak(1).await;
            while let Ok(length) = self.socket.try_recv(&mut heard) {
                if length == 172 && heard[12..172] == Self::WORD {
                    return;
                }
            }
        }
    }
}
