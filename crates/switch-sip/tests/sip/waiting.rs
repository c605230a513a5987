//! What parties hear that wait for another, where media goes through the switch.

use std::{net::UdpSocket, time::Duration};

use call::{
    CallCommand, CallId, EventKind, Timestamp,
    command::{LegCommand, Originate, Target},
};
use switch::Switch;

use crate::support::{Office, Talk, agent::SDP, anchored_media, office::OFFICE};

async fn anchored(ports: std::ops::RangeInclusive<u16>) -> Office {
    Office::with(|config| {
        config.media = anchored_media(ports);
    })
    .await
}

fn ear() -> (UdpSocket, String) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let sdp = SDP.replace("4000", &socket.local_addr().unwrap().port().to_string());
    (socket, sdp)
}

/// The party is sent G.711 in packets of 20 ms.
fn assert_hears_sound(socket: &UdpSocket) {
    let mut packet = [0; 512];
    let length = socket.recv(&mut packet).unwrap();
    assert_eq!((length, packet[0], packet[1] & 0x7F), (12 + 160, 0x80, 0));
}

#[tokio::test]
async fn the_first_party_of_a_placed_call_hears_ringing_until_the_second_answers() {
    let office = anchored(44_000..=44_999).await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let (at_a, sdp_of_a) = ear();
    let call_id = CallId::new(Timestamp::from_seconds(1), rand::random());
    let [from, to] = ["1001", "1002"].map(|number| Target::Extension(number.into()));
    let originate = Originate { call_id, account: OFFICE, from, to, recording: None };
    office.switch.command(CallCommand::Originate(originate)).await.unwrap();
    let invite = a.expect("INVITE").await;
    a.reply(&invite, "200 OK", &sdp_of_a).await;
    let answer = a.expect("ACK").await;
    assert!(
        answer.body.contains("a=sendonly") && answer.body.contains("c=IN IP4 127.0.0.1"),
        "{}",
        answer.body
    );
    let ringing = b.expect("INVITE").await;
    assert_hears_sound(&at_a);
    b.reply(&ringing, "200 OK", SDP).await;
    b.expect("ACK").await;
    let joined = a.expect("INVITE").await;
    a.reply(&joined, "200 OK", &sdp_of_a).await;
    a.expect("ACK").await;
    office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
}

#[tokio::test]
async fn a_parked_party_hears_music_and_may_offer_anew() {
    let office = anchored(45_000..=45_999).await;
    let mut talk = Talk::begin(&office).await;
    talk.command(&office, talk.called, LegCommand::Park { slot: None }).await.unwrap();
    talk.b.expect_bye().await;
    let (at_a, sdp_of_a) = ear();
    talk.a.within(&mut talk.at_a, "INVITE", &[], &sdp_of_a).await;
    let answer = talk.a.expect_answer(&mut talk.at_a).await;
    assert!(answer.body.contains("a=sendonly"), "{}", answer.body);
    assert_hears_sound(&at_a);
    talk.a.hang_up(&mut talk.at_a).await;
}

#[tokio::test]
async fn without_a_relay_a_parked_party_that_offers_anew_is_sent_nothing() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    talk.command(&office, talk.called, LegCommand::Park { slot: None }).await.unwrap();
    talk.b.expect_bye().await;
    let invite = talk.a.expect("INVITE").await;
    talk.a.reply(&invite, "200 OK", SDP).await;
    talk.a.expect("ACK").await;
    talk.a.within(&mut talk.at_a, "UPDATE", &[], SDP).await;
    assert!(talk.a.expect_status(200).await.body.contains("a=inactive"));
    talk.a.hang_up(&mut talk.at_a).await;
}
