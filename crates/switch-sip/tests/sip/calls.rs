//! Calls between phones.

use std::time::Duration;

use call::{EventKind, Number};
use tokio::{net::UdpSocket, time::timeout};

use crate::support::{Message, Office, agent::SDP, anchored_media, message::content, office::SHORT};

#[tokio::test]
async fn an_answered_call_that_the_caller_hangs_up_is_told_in_order() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    assert_eq!(invite.body, SDP);
    assert!(invite.header("From").starts_with("\"Ann\" <sip:1001@"));
    assert_eq!(invite.header("Max-Forwards"), "69");
    b.reply(&invite, "180 Ringing", "").await;
    a.expect_status(180).await;
    b.answer(&invite).await;
    let answer = a.expect_answer(&mut call).await;
    assert_eq!(answer.body, SDP);
    a.hang_up(&mut call).await;
    b.expect_bye().await;
    let expected = [
        "started a to 1002",
        "A offered Ann",
        "routed 1001 to 1002 of 10",
        "B offered 1002",
        "B ringing",
        "B answered",
        "A answered",
        "A+B bridged",
        "A ended party normal 200",
        "B ended switch normal 200",
    ];
    assert_eq!(office.story.next().await, expected);
}

#[tokio::test]
async fn the_two_legs_are_dialogs_of_their_own() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    assert_ne!(invite.header("Call-ID"), call.call_id);
    b.answer(&invite).await;
    let answer = a.expect_answer(&mut call).await;
    assert_ne!(answer.tag_of("To"), invite.tag_of("From"));
    a.hang_up(&mut call).await;
    let events = office.story.next_events().await;
    let facts: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::LegOffered { offer, .. } => offer.sip.clone(),
            _ => None,
        })
        .collect();
    assert_eq!((&*facts[0].sip_call_id, &*facts[1].sip_call_id), (&*call.call_id, invite.header("Call-ID")));
    assert_eq!((facts[0].address, facts[1].address), (a.address(), b.address()));
    assert_eq!(facts[0].local_tag.as_ref(), answer.tag_of("To").unwrap());
    assert_eq!(facts[0].user_agent.as_deref(), Some("Test/1 (a)"));
}

#[tokio::test]
async fn a_call_that_the_called_party_hangs_up_ends_on_both_sides() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    let mut other = b.answer(&b.expect("INVITE").await).await;
    a.expect_answer(&mut call).await;
    b.hang_up(&mut other).await;
    a.expect_bye().await;
    let told = office.story.next().await;
    assert_eq!(told[told.len() - 2..], ["B ended party normal 200", "A ended switch normal 200"]);
}

#[tokio::test]
async fn refusals_are_passed_on() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let cases = [
        ("486 Busy Here", 486, "busy 486", "busy 486"),
        ("603 Decline", 603, "rejected 603", "rejected 603"),
        ("404 Not Found", 404, "noroute 404", "noroute 404"),
        ("488 Not Acceptable Here", 488, "rejected 488", "rejected 488"),
        ("500 Server Internal Error", 500, "failed 500", "failed 500"),
        ("401 Unauthorized", 502, "rejected 401", "rejected 502"),
        ("302 Moved Temporarily", 480, "rejected 302", "rejected 480"),
    ];
    for (status, told, called, caller) in cases {
        let call = a.call("1002", SDP).await;
        b.refuse(&b.expect("INVITE").await, status).await;
        a.expect_refusal(&call, told).await;
        let story = office.story.next().await;
        assert_eq!(story[4..], [format!("B ended party {called}"), format!("A ended switch {caller}")]);
    }
}

#[tokio::test]
async fn a_caller_that_gives_up_stops_the_ringing() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "180 Ringing", "").await;
    a.expect_status(180).await;
    a.cancel(&call).await;
    let taken = a.expect_status(200).await;
    assert_eq!(taken.cseq().1, "CANCEL");
    a.expect_refusal(&call, 487).await;
    let cancel = b.expect("CANCEL").await;
    b.reply(&cancel, "200 OK", "").await;
    b.refuse(&invite, "487 Request Terminated").await;
    let told = office.story.next().await;
    assert_eq!(told[5..], ["A ended party cancelled 487", "B ended switch cancelled 487"]);
}

#[tokio::test]
async fn a_cancel_waits_for_the_first_response_of_the_phone() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    a.cancel(&call).await;
    a.expect_status(200).await;
    a.expect_refusal(&call, 487).await;
    office.story.next().await;
    b.reply(&invite, "180 Ringing", "").await;
    b.expect("CANCEL").await;
}

#[tokio::test]
async fn an_answer_that_crosses_the_cancel_is_acknowledged_and_hung_up() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "180 Ringing", "").await;
    a.expect_status(180).await;
    a.cancel(&call).await;
    a.expect_status(200).await;
    a.expect_refusal(&call, 487).await;
    b.expect("CANCEL").await;
    b.answer(&invite).await;
    b.expect_bye().await;
}

#[tokio::test]
async fn nobody_answers_in_time() {
    let office = Office::with(|config| config.no_answer = SHORT).await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let call = a.call("1002", SDP).await;
    b.reply(&b.expect("INVITE").await, "180 Ringing", "").await;
    a.expect_status(180).await;
    a.expect_refusal(&call, 480).await;
    b.expect("CANCEL").await;
    let told = office.story.next().await;
    assert_eq!(told[5..], ["B ended party noanswer 487", "A ended switch noanswer 480"]);
}

#[tokio::test]
async fn a_number_that_leads_nowhere_is_not_found() {
    let office = Office::open().await;
    let a = office.registered("a").await;
    let call = a.call("4711", SDP).await;
    a.expect_refusal(&call, 404).await;
    let expected = ["started a to 4711", "A offered Ann", "routed nowhere", "A ended switch noroute 404"];
    assert_eq!(office.story.next().await, expected);
}

#[tokio::test]
async fn an_extension_without_a_registered_phone_is_unavailable() {
    let office = Office::open().await;
    let a = office.registered("a").await;
    let call = a.call("1002", SDP).await;
    a.expect_refusal(&call, 480).await;
    let told = office.story.next().await;
    assert_eq!(told[2..], ["routed 1001 to 1002 of 10", "A ended switch unavailable 480"]);
}

#[tokio::test]
async fn of_several_phones_the_first_to_answer_has_the_call() {
    let office = Office::open().await;
    let (a, c, d) =
        (office.registered("a").await, office.registered("c").await, office.registered("d").await);
    let mut call = a.call("1003", SDP).await;
    let (at_c, at_d) = (c.expect("INVITE").await, d.expect("INVITE").await);
    c.reply(&at_c, "180 Ringing", "").await;
    a.expect_status(180).await;
    d.answer(&at_d).await;
    a.expect_answer(&mut call).await;
    let cancel = c.expect("CANCEL").await;
    c.reply(&cancel, "200 OK", "").await;
    c.refuse(&at_c, "487 Request Terminated").await;
    a.hang_up(&mut call).await;
    d.expect_bye().await;
    let told = office.story.next().await;
    assert_eq!(
        told[5..],
        [
            "B ringing",
            "C answered",
            "B ended switch answeredelsewhere 487",
            "A answered",
            "A+C bridged",
            "A ended party normal 200",
            "C ended switch normal 200"
        ]
    );
}

#[tokio::test]
async fn of_several_phones_all_must_be_busy_for_busy() {
    let office = Office::open().await;
    let (a, c, d) =
        (office.registered("a").await, office.registered("c").await, office.registered("d").await);
    for (second, told) in [("486 Busy Here", 486), ("480 Temporarily Unavailable", 480)] {
        let call = a.call("1003", SDP).await;
        c.refuse(&c.expect("INVITE").await, "486 Busy Here").await;
        d.refuse(&d.expect("INVITE").await, second).await;
        a.expect_refusal(&call, told).await;
    }
}

#[tokio::test]
async fn a_phone_that_declines_stops_the_others() {
    let office = Office::open().await;
    let (a, c, d) =
        (office.registered("a").await, office.registered("c").await, office.registered("d").await);
    let call = a.call("1003", SDP).await;
    let at_d = d.expect("INVITE").await;
    d.reply(&at_d, "180 Ringing", "").await;
    a.expect_status(180).await;
    c.refuse(&c.expect("INVITE").await, "603 Decline").await;
    a.expect_refusal(&call, 603).await;
    d.expect("CANCEL").await;
}

#[tokio::test]
async fn early_media_is_passed_on() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "183 Session Progress", SDP).await;
    assert_eq!(a.expect_status(183).await.body, SDP);
    b.answer(&invite).await;
    a.expect_answer(&mut call).await;
    a.hang_up(&mut call).await;
    assert_eq!(office.story.next().await[4], "B ringing");
}

#[tokio::test]
async fn an_offer_in_the_answer_is_answered_in_the_acknowledgement() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", "").await;
    let invite = b.expect("INVITE").await;
    assert_eq!(invite.body, "");
    b.reply(&invite, "200 OK", SDP).await;
    let answer = a.expect_status(200).await;
    assert_eq!(answer.body, SDP);
    call.remote = answer.header("To").to_owned();
    call.target = answer.uri_of("Contact").to_owned();
    let own = SDP.replace("4000", "4002");
    a.acknowledge(&call, &own).await;
    assert_eq!(b.expect("ACK").await.body, own);
    a.hang_up(&mut call).await;
}

#[tokio::test]
async fn a_hold_is_passed_on_and_told() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    a.expect_answer(&mut call).await;
    for sdp in [SDP.replace("sendrecv", "sendonly"), SDP.to_owned()] {
        a.within(&mut call, "INVITE", &[], &sdp).await;
        let invite = b.expect("INVITE").await;
        assert_eq!(content(&invite.body), content(&sdp));
        b.answer(&invite).await;
        a.expect_answer(&mut call).await;
    }
    a.hang_up(&mut call).await;
    let told = office.story.next().await;
    assert_eq!(told[7..9], ["A held", "A resumed"]);
}

#[tokio::test]
async fn requests_inside_a_call_reach_the_other_side() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    a.expect_answer(&mut call).await;
    for method in ["INFO", "MESSAGE", "UPDATE"] {
        a.within(&mut call, method, &[], SDP).await;
        let passed = b.expect(method).await;
        assert_eq!(passed.body, SDP);
        b.reply(&passed, "200 OK", "").await;
        assert_eq!(a.expect_status(200).await.cseq().1, method);
    }
    a.within(&mut call, "PUBLISH", &[], "").await;
    a.expect_status(405).await;
    a.within(&mut call, "OPTIONS", &[], "").await;
    a.expect_status(200).await;
    a.hang_up(&mut call).await;
}

#[tokio::test]
async fn requests_out_of_order_or_of_no_dialog_are_refused() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    a.expect_answer(&mut call).await;
    let mut late = call.clone();
    late.cseq -= 1;
    a.within(&mut late, "INFO", &[], "").await;
    a.expect_status(500).await;
    let mut stranger = call.clone();
    stranger.call_id += "x";
    a.within(&mut stranger, "BYE", &[], "").await;
    a.expect_status(481).await;
    let mut impostor = call.clone();
    impostor.local += "x";
    b.within(&mut impostor, "BYE", &[], "").await;
    b.expect_status(481).await;
    a.hang_up(&mut call).await;
}

#[tokio::test]
async fn a_repeated_answer_is_acknowledged_again() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.answer(&invite).await;
    a.expect_answer(&mut call).await;
    b.reply(&invite, "200 OK", SDP).await;
    let again = loop {
        let message = b.next().await;
        // The INVITE may have been sent twice before.
        if message.method() != "INVITE" {
            break message;
        }
    };
    assert_eq!((again.method(), again.cseq().0), ("ACK", 1));
    a.hang_up(&mut call).await;
}

#[tokio::test]
async fn an_invite_without_hops_left_or_with_odd_wishes_is_refused() {
    let office = Office::open().await;
    let a = office.phone("a").await;
    let contact = format!("Contact: {}", a.contact());
    let cases = [
        (vec![contact.clone(), "Require: telepathy".into()], 420),
        (vec![contact.clone(), "Content-Type: text/plain".into()], 415),
        (vec![], 400),
    ];
    for (headers, status) in cases {
        let text = a.outside("INVITE", "sip:1002@test", 1, &headers, if status == 415 { "x" } else { "" });
        let text = if status == 415 { text.replace("Content-Type: application/sdp\r\n", "") } else { text };
        a.send(&text).await;
        a.expect_status(status).await;
    }
    let text = a.outside("INVITE", "sip:1002@test", 1, std::slice::from_ref(&contact), "");
    a.send(&text.replace("Max-Forwards: 70", "Max-Forwards: 0")).await;
    a.expect_status(483).await;
    a.send(&a.outside("INVITE", "http:1002", 1, &[contact], "")).await;
    a.expect_status(416).await;
}

#[tokio::test]
async fn a_call_that_comes_back_to_the_switch_is_a_loop() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    a.call("1002", SDP).await;
    let mut looped = b.expect("INVITE").await;
    looped.start = looped.start.replace("1002", "1001");
    let via = format!("Via: SIP/2.0/UDP {};branch=z9hG4bKloop\r\nVia:", b.address());
    let mut text = format!("{}\r\n", looped.start);
    for name in ["Via", "From", "To", "Call-ID", "CSeq", "Contact"] {
        text += &format!("{name}: {}\r\n", looped.header(name));
    }
    b.send(&(text.replacen("Via:", &via, 1) + "Content-Length: 0\r\n\r\n")).await;
    b.expect_status(482).await;
}

#[tokio::test]
async fn an_answer_that_is_not_acknowledged_is_repeated() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    let first = a.expect_status(200).await;
    let second = a.next().await;
    assert_eq!(first.header("To"), second.header("To"));
    call.remote = first.header("To").to_owned();
    call.target = first.uri_of("Contact").to_owned();
    a.acknowledge(&call, "").await;
    a.hang_up(&mut call).await;
}

#[tokio::test]
async fn anchored_media_goes_through_the_switch() {
    goes_through_the_switch(str::to_owned).await;
}

/// Where such a host is, its first packet says.
#[tokio::test]
async fn a_description_may_name_its_host_and_a_user_with_blanks() {
    goes_through_the_switch(|sdp| {
        sdp.replace("c=IN IP4 127.0.0.1", "c=IN IP4 phone.test").replace("o=- 1 1", "o=Ann B 1 1")
    })
    .await;
}

/// A call whose phones describe their media as `written`.
async fn goes_through_the_switch(written: impl Fn(&str) -> String) {
    let office = Office::with(|config| {
        config.media = anchored_media(41_000..=41_999);
    })
    .await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let (at_a, at_b) =
        (UdpSocket::bind("127.0.0.1:0").await.unwrap(), UdpSocket::bind("127.0.0.1:0").await.unwrap());
    let sdp =
        |socket: &UdpSocket| written(&SDP.replace("4000", &socket.local_addr().unwrap().port().to_string()));
    let relayed = |message: &Message| {
        let port: u16 =
            message.body.split_once("m=audio ").unwrap().1.split(' ').next().unwrap().parse().unwrap();
        assert!((41_000..=41_999).contains(&port));
        ("127.0.0.1", port)
    };
    let mut call = a.call("1002", &sdp(&at_a)).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "200 OK", &sdp(&at_b)).await;
    b.expect("ACK").await;
    let answer = a.expect_answer(&mut call).await;
    // Where one of them is, the switch may learn from its own packets alone.
    at_b.send_to(&PACKET, relayed(&invite)).await.unwrap();
    arrives((&at_a, relayed(&answer)), &at_b).await;
    arrives((&at_b, relayed(&invite)), &at_a).await;
    a.hang_up(&mut call).await;
}

/// RTP, with sound that nobody listens to.
const PACKET: [u8; 32] = {
    let mut packet = [7; 32];
    (packet[0], packet[1]) = (0x80, 0);
    packet
};

/// Whether what one sends to the switch comes to the other, sooner or later.
async fn arrives((from, switch): (&UdpSocket, (&str, u16)), to: &UdpSocket) {
    let mut heard = [0; 64];
    for _ in 0..500 {
        from.send_to(&PACKET, switch).await.unwrap();
        if let Ok(length) = timeout(Duration::from_millis(20), to.recv(&mut heard)).await {
            return assert_eq!(heard[..length.unwrap()], PACKET);
        }
    }
    panic!("nothing arrives");
}

#[tokio::test]
async fn without_media_ports_left_a_call_is_put_off() {
    let office = Office::with(|config| {
        config.media = anchored_media(42_000..=42_001);
    })
    .await;
    let (a, _b) = (office.registered("a").await, office.registered("b").await);
    let call = a.call("1002", SDP).await;
    a.expect_refusal(&call, 503).await;
    assert_eq!(office.story.next().await[3], "A ended switch limit 503");
}

#[tokio::test]
async fn the_leg_of_a_phone_is_its_extensions_whatever_its_from_says() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let at_a = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    let offered = |kind: &EventKind| match kind {
        EventKind::LegOffered { offer, .. } => offer.from == Number::from("1001"),
        _ => false,
    };
    // The caller's leg, and the one that it calls: the SIP user is `a`, and so is From.
    office.story.until(offered).await;
    office.story.until(offered).await;
    b.refuse(&invite, "486 Busy Here").await;
    a.expect_refusal(&at_a, 486).await;
    assert_eq!(office.story.next().await[0], "started a to 1002", "what was received is kept");
}
