//! Session descriptions: none in common, several parts, and phones whose address changes.

use call::command::{LegCommand, Target};

use crate::support::{
    Agent, Office, Talk,
    agent::SDP,
    message::{content, version},
    talk::sdp_of_c,
};

#[tokio::test]
async fn a_refusal_for_want_of_a_common_codec_says_so() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let call = a.call("1002", SDP).await;
    b.refuse(&b.expect("INVITE").await, "488 Not Acceptable Here").await;
    let refusal = a.expect_refusal(&call, 488).await;
    assert!(refusal.header("Warning").starts_with("305 "));
}

#[tokio::test]
async fn what_both_sides_have_is_between_them() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let offer = SDP.replace("RTP/AVP 0", "RTP/AVP 96 9 8 101").replace(
        "a=sendrecv",
        "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\na=rtpmap:101 telephone-event/8000",
    );
    let mut call = a.call("1002", &offer).await;
    let invite = b.expect("INVITE").await;
    assert_eq!(invite.body, offer);
    let answer = SDP.replace("RTP/AVP 0", "RTP/AVP 9");
    b.reply(&invite, "200 OK", &answer).await;
    b.expect("ACK").await;
    assert_eq!(a.expect_answer(&mut call).await.body, answer);
    a.hang_up(&mut call).await;
}

fn parts(kind: &str) -> String {
    format!(
        "--cut\r\nContent-Type: text/plain\r\n\r\nhello\r\n--cut\r\nContent-Type: {kind}\r\n\r\n{SDP}\r\n--cut--\r\n"
    )
}

/// An INVITE that passes for one with several parts.
async fn call_in_parts(agent: &Agent, kind: &str) {
    let text =
        agent.outside("INVITE", "sip:1002@test", 1, &[format!("Contact: {}", agent.contact())], &parts(kind));
    agent
        .send(
            &text.replace(
                "application/sdp\r\nContent-Length",
                "multipart/mixed;boundary=cut\r\nContent-Length",
            ),
        )
        .await;
}

#[tokio::test]
async fn of_several_parts_the_description_is_passed_on() {
    let office = Office::open().await;
    let (carrier, b) = (office.trunk(1).await, office.registered("b").await);
    let kind = "application/sdp";
    let text = carrier.outside(
        "INVITE",
        "sip:14155550100@test",
        1,
        &[format!("Contact: {}", carrier.contact())],
        &parts(kind),
    );
    let outer = "Content-Type: multipart/mixed;boundary=cut\r\nContent-Length";
    carrier.send(&text.replace("Content-Type: application/sdp\r\nContent-Length", outer)).await;
    let invite = b.expect("INVITE").await;
    assert_eq!((invite.header("Content-Type"), &*invite.body), ("application/sdp", SDP));
}

#[tokio::test]
async fn several_parts_without_a_description_are_refused() {
    let office = Office::open().await;
    let a = office.registered("a").await;
    call_in_parts(&a, "application/xml").await;
    assert_eq!(a.expect_status(415).await.header("Accept"), "application/sdp");
}

#[tokio::test]
async fn a_phone_is_followed_to_where_its_requests_come_from() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.answer(&invite).await;
    a.expect_answer(&mut call).await;
    // The same phone behind another port of its NAT.
    let moved = office.phone("a").await;
    moved.within(&mut call, "INVITE", &[], SDP).await;
    let again = b.expect("INVITE").await;
    b.answer(&again).await;
    moved.expect_answer(&mut call).await;
    let mut own = b.dialog_of(&invite);
    b.hang_up(&mut own).await;
    moved.expect_bye().await;
}

#[tokio::test]
async fn whoever_a_party_is_joined_with_its_descriptions_are_versions_of_one() {
    let office = Office::open().await;
    let talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    let target = Target::Extension("1003".into());
    talk.command(&office, talk.called, LegCommand::Transfer(target)).await.unwrap();
    let theirs = sdp_of_c().replace("o=- 1 1 IN IP4 127.0.0.1", "o=carl 77 99 IN IP4 192.0.2.7");
    let ringing = c.expect("INVITE").await;
    c.reply(&ringing, "200 OK", &theirs).await;
    c.expect("ACK").await;
    let joined = talk.a.expect("INVITE").await;
    assert!(joined.body.contains("o=- 1 2 IN IP4 127.0.0.1"), "{}", joined.body);
    talk.a.answer(&joined).await;
    talk.b.expect_bye().await;
    // What the other says next is the next version, and what says nothing new is none.
    let mut at_c = c.dialog_of(&ringing);
    for (direction, expected) in [("sendonly", 3), ("sendonly", 3), ("sendrecv", 4)] {
        let offer = theirs.replace("sendrecv", direction).replace("77 99", "77 100");
        c.within(&mut at_c, "INVITE", &[], &offer).await;
        let passed = talk.a.expect("INVITE").await;
        assert_eq!((content(&passed.body), version(&passed.body)), (content(&offer), expected));
        talk.a.answer(&passed).await;
        c.expect_answer(&mut at_c).await;
    }
}
