//! Attended transfer, on command and by REFER with Replaces: two calls become one.

use call::{CallCommand, CallId, EventKind, LegId, command::LegCommand};
use switch::{Switch, SwitchError};

use crate::support::{
    Agent, Message, Office, Talk,
    agent::{Dialog, SDP},
    anchored_media,
    talk::{sdp_of_b, sdp_of_c},
};

/// The call in which `b` asks `c`.
struct Consultation {
    call_id: CallId,
    /// The leg of `b` in it, and that of `c`.
    asking: LegId,
    asked: LegId,
    c: Agent,
    at_b: Dialog,
    at_c: Dialog,
}

/// `b` holds `a` and calls `c`, which answers.
async fn consult(office: &Office, talk: &mut Talk) -> Consultation {
    let held = sdp_of_b().replace("sendrecv", "sendonly");
    talk.b.within(&mut talk.at_b, "INVITE", &[], &held).await;
    talk.a.expect_offer(&held, &SDP.replace("sendrecv", "recvonly")).await;
    talk.b.expect_answer(&mut talk.at_b).await;
    let c = office.registered("c").await;
    let mut at_b = talk.b.call("1003", &sdp_of_b()).await;
    let invite = c.expect("INVITE").await;
    c.reply(&invite, "200 OK", &sdp_of_c()).await;
    talk.b.expect_answer(&mut at_b).await;
    c.expect("ACK").await;
    let at_c = c.dialog_of(&invite);
    let call_id = office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
    let legs = office.story.legs(call_id).await;
    Consultation { call_id, asking: legs[0], asked: legs[1], c, at_b, at_c }
}

fn join_with(consultation: &Consultation, leg_id: LegId) -> LegCommand {
    LegCommand::TransferToLeg { call_id: consultation.call_id, leg_id }
}

/// The Refer-To of `b`, which names its call with `c`.
fn refer_to(at_b: &Dialog) -> Vec<String> {
    let tag = |value: &str| value.split_once(";tag=").unwrap().1.to_owned();
    let (to, from) = (tag(&at_b.remote), tag(&at_b.local));
    let replaces = format!("{}%3Bto-tag%3D{to}%3Bfrom-tag%3D{from}", at_b.call_id);
    vec![format!("Refer-To: <sip:1003@test?Replaces={replaces}>")]
}

/// `a` and `c` get each other's session description.
async fn expect_joined(talk: &Talk, c: &Agent) {
    c.expect_offer(SDP, &sdp_of_c()).await;
    talk.a.expect_offer(&sdp_of_c(), SDP).await;
}

/// The end of the story of such a transfer, when `a` hangs up then.
const JOINED: [&str; 8] = [
    "B transfers Attended to 1003",
    "merged",
    "A+D bridged",
    "B transferred to D",
    "B ended switch transferred 200",
    "C ended switch transferred 200",
    "A ended party normal 200",
    "D ended switch normal 200",
];

#[tokio::test]
async fn the_far_parties_of_two_calls_are_joined_on_command_and_become_one_call() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let consultation = consult(&office, &mut talk).await;
    talk.command(&office, talk.called, join_with(&consultation, consultation.asking)).await.unwrap();
    expect_joined(&talk, &consultation.c).await;
    talk.b.expect_bye().await;
    talk.b.expect_bye().await;
    talk.a.hang_up(&mut talk.at_a).await;
    consultation.c.expect_bye().await;
    let told = office.story.next().await;
    assert_eq!(told[told.len() - 8..], JOINED);
    let gone = office.switch.command(CallCommand::HangupCall { call_id: consultation.call_id }).await;
    assert!(matches!(gone, Err(SwitchError::NotFound)));
}

#[tokio::test]
async fn the_leg_that_is_named_may_be_the_recipients_own() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let consultation = consult(&office, &mut talk).await;
    talk.command(&office, talk.called, join_with(&consultation, consultation.asked)).await.unwrap();
    expect_joined(&talk, &consultation.c).await;
    let mut at_c = consultation.at_c.clone();
    talk.b.expect_bye().await;
    talk.b.expect_bye().await;
    consultation.c.hang_up(&mut at_c).await;
    talk.a.expect_bye().await;
    let told = office.story.next().await;
    assert_eq!(told[told.len() - 8..told.len() - 2], JOINED[..6]);
}

#[tokio::test]
async fn a_phone_joins_its_two_calls_by_refer_with_replaces() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let consultation = consult(&office, &mut talk).await;
    talk.b.within(&mut talk.at_b, "REFER", &refer_to(&consultation.at_b), "").await;
    talk.b.expect_status(202).await;
    talk.b.expect_notify("100 Trying", "active").await;
    expect_joined(&talk, &consultation.c).await;
    talk.b.expect_notify("200 OK", "terminated").await;
    talk.b.expect_bye().await;
    talk.b.expect_bye().await;
    talk.a.hang_up(&mut talk.at_a).await;
    consultation.c.expect_bye().await;
    let told = office.story.next().await;
    assert_eq!(told[told.len() - 8..], JOINED);
}

#[tokio::test]
async fn a_refer_that_names_a_call_that_is_not_there_leaves_the_calls_as_they_are() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let consultation = consult(&office, &mut talk).await;
    let mut stranger = consultation.at_b.clone();
    stranger.call_id += "x";
    talk.b.within(&mut talk.at_b, "REFER", &refer_to(&stranger), "").await;
    talk.b.expect_status(202).await;
    talk.b.expect_notify("100 Trying", "active").await;
    talk.b.expect_notify("481 Call/Transaction Does Not Exist", "terminated").await;
    let mut at_b = consultation.at_b.clone();
    talk.b.hang_up(&mut at_b).await;
    consultation.c.expect_bye().await;
    talk.b.hang_up(&mut talk.at_b).await;
    talk.a.expect_bye().await;
}

/// The call of `b` to `c`, which rings, after `b` has asked by REFER to have `a` take its place.
struct Ringing {
    c: Agent,
    invite: Message,
    /// The call as `b` sees it.
    at_b: Dialog,
}

async fn refer_while_it_rings(office: &Office, talk: &mut Talk) -> Ringing {
    let c = office.registered("c").await;
    let mut at_b = talk.b.call("1003", &sdp_of_b()).await;
    let invite = c.expect("INVITE").await;
    c.reply(&invite, "180 Ringing", "").await;
    at_b.remote = talk.b.expect_status(180).await.header("To").to_owned();
    talk.b.within(&mut talk.at_b, "REFER", &refer_to(&at_b), "").await;
    talk.b.expect_status(202).await;
    talk.b.expect_notify("100 Trying", "active").await;
    talk.b.expect_notify("180 Ringing", "active").await;
    Ringing { c, invite, at_b }
}

/// `c` answers what `b` has offered, and is joined with `a`.
async fn expect_joined_after_answer(talk: &Talk, ringing: &Ringing) {
    ringing.c.reply(&ringing.invite, "200 OK", &sdp_of_c()).await;
    ringing.c.expect("ACK").await;
    expect_joined(talk, &ringing.c).await;
}

#[tokio::test]
async fn whoever_rings_for_a_consultation_rings_once_and_answers_the_party_that_is_handed_on() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let ringing = refer_while_it_rings(&office, &mut talk).await;
    expect_joined_after_answer(&talk, &ringing).await;
    talk.b.expect_notify("200 OK", "terminated").await;
    // Both calls of the initiator are over: a BYE for the one, and a final answer for the other.
    for _ in 0..2 {
        let message = talk.b.receive().await;
        match message.method() {
            "BYE" => talk.b.reply(&message, "200 OK", "").await,
            _ => {
                assert_eq!(message.status(), 487);
                talk.b.acknowledge_failure(&ringing.at_b, &message).await;
            }
        }
    }
    talk.a.hang_up(&mut talk.at_a).await;
    ringing.c.expect_bye().await;
    let told = office.story.next().await;
    let expected = [
        "B transfers Attended to 1003",
        "merged",
        "D answered",
        "A+D bridged",
        "B transferred to D",
        "B ended switch transferred 200",
        "C ended switch transferred 487",
        "A ended party normal 200",
        "D ended switch normal 200",
    ];
    assert_eq!(told[told.len() - 9..], expected, "{told:#?}");
}

#[tokio::test]
async fn the_initiator_may_leave_both_its_calls_while_the_recipient_rings() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let ringing = refer_while_it_rings(&office, &mut talk).await;
    talk.b.cancel(&ringing.at_b).await;
    talk.b.expect_status(200).await;
    talk.b.expect_refusal(&ringing.at_b, 487).await;
    talk.b.hang_up(&mut talk.at_b).await;
    expect_joined_after_answer(&talk, &ringing).await;
    talk.a.hang_up(&mut talk.at_a).await;
    ringing.c.expect_bye().await;
}

#[tokio::test]
async fn a_recipient_that_refuses_while_it_rings_leaves_the_first_two_to_each_other() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let ringing = refer_while_it_rings(&office, &mut talk).await;
    ringing.c.refuse(&ringing.invite, "486 Busy Here").await;
    talk.b.expect_notify("486 Busy Here", "terminated").await;
    talk.b.expect_refusal(&ringing.at_b, 486).await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_bye().await;
    let told = office.story.next().await;
    let expected = [
        "D ended party busy 486",
        "B did not transfer",
        "C ended switch busy 486",
        "A ended party normal 200",
        "B ended switch normal 200",
    ];
    assert_eq!(told[told.len() - 5..], expected, "{told:#?}");
}

#[tokio::test]
async fn when_the_far_party_hangs_up_while_the_recipient_rings_the_initiator_talks_to_the_recipient() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let mut ringing = refer_while_it_rings(&office, &mut talk).await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_notify("487 Request Terminated", "terminated").await;
    talk.b.expect_bye().await;
    ringing.c.reply(&ringing.invite, "200 OK", &sdp_of_c()).await;
    ringing.c.expect("ACK").await;
    assert_eq!(talk.b.expect_answer(&mut ringing.at_b).await.body, sdp_of_c());
    talk.b.hang_up(&mut ringing.at_b).await;
    ringing.c.expect_bye().await;
}

#[tokio::test]
async fn all_who_ring_for_a_consultation_are_let_go_when_everybody_else_has_gone() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let ringing = refer_while_it_rings(&office, &mut talk).await;
    talk.b.cancel(&ringing.at_b).await;
    talk.b.expect_status(200).await;
    talk.b.expect_refusal(&ringing.at_b, 487).await;
    talk.a.hang_up(&mut talk.at_a).await;
    ringing.c.expect("CANCEL").await;
    talk.b.expect_notify("487 Request Terminated", "terminated").await;
    talk.b.expect_bye().await;
}

#[tokio::test]
async fn legs_that_cannot_be_joined_are_refused() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let consultation = consult(&office, &mut talk).await;
    let own = LegCommand::TransferToLeg { call_id: talk.call_id, leg_id: talk.caller };
    let refused = talk.command(&office, talk.called, own).await;
    assert!(matches!(refused, Err(SwitchError::Conflict(_))), "{refused:?}");
    for (call_id, leg_id) in [
        (consultation.call_id, talk.caller),
        (CallId::from_uuid(uuid::Uuid::from_u128(7)), consultation.asked),
    ] {
        let refused = talk.command(&office, talk.called, LegCommand::TransferToLeg { call_id, leg_id }).await;
        assert!(matches!(refused, Err(SwitchError::NotFound)), "{refused:?}");
    }
}

#[tokio::test]
async fn both_calls_go_on_when_the_recipient_does_not_take_the_other_party() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let mut consultation = consult(&office, &mut talk).await;
    talk.command(&office, talk.called, join_with(&consultation, consultation.asking)).await.unwrap();
    let c = &consultation.c;
    c.refuse(&c.expect("INVITE").await, "488 Not Acceptable Here").await;
    talk.a
        .expect_offer(&sdp_of_b().replace("sendrecv", "sendonly"), &SDP.replace("sendrecv", "recvonly"))
        .await;
    c.expect_offer(&sdp_of_b(), &sdp_of_c()).await;
    c.hang_up(&mut consultation.at_c).await;
    talk.b.expect_bye().await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_bye().await;
    let told = office.story.next().await;
    let expected = [
        "merged",
        "B did not transfer",
        "D ended party normal 200",
        "C ended switch normal 200",
        "A ended party normal 200",
        "B ended switch normal 200",
    ];
    assert_eq!(told[told.len() - 6..], expected);
}

#[tokio::test]
async fn when_the_far_party_hangs_up_while_it_is_joined_the_others_talk_on() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let mut consultation = consult(&office, &mut talk).await;
    talk.command(&office, talk.called, join_with(&consultation, consultation.asking)).await.unwrap();
    let c = &consultation.c;
    let joining = c.expect("INVITE").await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_bye().await;
    c.reply(&joining, "200 OK", &sdp_of_c()).await;
    c.expect("ACK").await;
    c.expect_offer(&sdp_of_b(), &sdp_of_c()).await;
    c.hang_up(&mut consultation.at_c).await;
    talk.b.expect_bye().await;
    let told = office.story.next().await;
    let expected = [
        "A ended party normal 200",
        "B did not transfer",
        "B ended switch normal 200",
        "D ended party normal 200",
        "C ended switch normal 200",
    ];
    assert_eq!(told[told.len() - 5..], expected);
}

#[tokio::test]
async fn when_the_recipient_hangs_up_while_it_is_joined_the_first_two_talk_on() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let mut consultation = consult(&office, &mut talk).await;
    talk.command(&office, talk.called, join_with(&consultation, consultation.asking)).await.unwrap();
    let c = &consultation.c;
    let joining = c.expect("INVITE").await;
    c.hang_up(&mut consultation.at_c).await;
    c.reply(&joining, "481 Call/Transaction Does Not Exist", "").await;
    talk.b.expect_bye().await;
    talk.a
        .expect_offer(&sdp_of_b().replace("sendrecv", "sendonly"), &SDP.replace("sendrecv", "recvonly"))
        .await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_bye().await;
    let told = office.story.next().await;
    let expected = [
        "D ended party normal 200",
        "B did not transfer",
        "C ended switch normal 200",
        "A ended party normal 200",
        "B ended switch normal 200",
    ];
    assert_eq!(told[told.len() - 5..], expected);
}

#[tokio::test]
async fn when_the_initiator_hangs_up_both_its_legs_at_once_the_others_are_joined_all_the_same() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let mut consultation = consult(&office, &mut talk).await;
    talk.command(&office, talk.called, join_with(&consultation, consultation.asking)).await.unwrap();
    let c = &consultation.c;
    let joining = c.expect("INVITE").await;
    talk.b.hang_up(&mut talk.at_b).await;
    talk.b.hang_up(&mut consultation.at_b).await;
    c.reply(&joining, "200 OK", &sdp_of_c()).await;
    c.expect("ACK").await;
    talk.a.expect_offer(&sdp_of_c(), SDP).await;
    talk.a.hang_up(&mut talk.at_a).await;
    c.expect_bye().await;
    let told = office.story.next().await;
    assert_eq!(told[told.len() - 4..told.len() - 2], ["A+D bridged", "B transferred to D"]);
}

#[tokio::test]
async fn two_calls_that_want_each_other_at_once_become_one_or_stay_two() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let consultation = consult(&office, &mut talk).await;
    let there = talk.command(&office, talk.called, join_with(&consultation, consultation.asking));
    let back = LegCommand::TransferToLeg { call_id: talk.call_id, leg_id: talk.called };
    let back = CallCommand::Leg { call_id: consultation.call_id, leg_id: consultation.asking, command: back };
    let (there, back) = tokio::join!(there, office.switch.command(back));
    assert!(!(there.is_ok() && back.is_ok()), "{there:?} {back:?}");
    if let (Err(there), Err(back)) = (&there, &back) {
        assert!(matches!((there, back), (SwitchError::Conflict(_), SwitchError::Conflict(_))));
    }
    talk.a.hang_up(&mut talk.at_a).await;
}

#[tokio::test]
async fn anchored_media_of_the_joined_parties_flows_both_ways() {
    let office = Office::with(|config| {
        config.media = anchored_media(43_000..=43_999);
    })
    .await;
    let sockets = [(); 3].map(|()| std::net::UdpSocket::bind("127.0.0.1:0").unwrap());
    let [at_a, at_b, at_c] = &sockets;
    let sdp = |socket: &std::net::UdpSocket, direction: &str| {
        SDP.replace("4000", &socket.local_addr().unwrap().port().to_string()).replace("sendrecv", direction)
    };
    let (a, b, c) =
        (office.registered("a").await, office.registered("b").await, office.registered("c").await);
    let mut first = a.call("1002", &sdp(at_a, "sendrecv")).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "200 OK", &sdp(at_b, "sendrecv")).await;
    a.expect_answer(&mut first).await;
    b.expect("ACK").await;
    let mut held = b.dialog_of(&invite);
    let call_id = office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
    let initiator = office.story.legs(call_id).await[1];
    b.within(&mut held, "INVITE", &[], &sdp(at_b, "sendonly")).await;
    let hold = a.expect("INVITE").await;
    a.reply(&hold, "200 OK", &sdp(at_a, "recvonly")).await;
    a.expect("ACK").await;
    b.expect_answer(&mut held).await;
    let mut second = b.call("1003", &sdp(at_b, "sendrecv")).await;
    let invite = c.expect("INVITE").await;
    c.reply(&invite, "200 OK", &sdp(at_c, "sendrecv")).await;
    b.expect_answer(&mut second).await;
    c.expect("ACK").await;
    let other = office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
    let leg_id = office.story.legs(other).await[0];
    let join = LegCommand::TransferToLeg { call_id: other, leg_id };
    office.switch.command(CallCommand::Leg { call_id, leg_id: initiator, command: join }).await.unwrap();
    let to_c = c.expect("INVITE").await;
    c.reply(&to_c, "200 OK", &sdp(at_c, "sendrecv")).await;
    c.expect("ACK").await;
    let to_a = a.expect("INVITE").await;
    a.reply(&to_a, "200 OK", &sdp(at_a, "sendrecv")).await;
    a.expect("ACK").await;
    office.story.until(|kind| matches!(kind, EventKind::TransferCompleted { .. })).await;
    let port = |message: &crate::support::Message| {
        let port = message.body.split_once("m=audio ").unwrap().1.split(' ').next().unwrap().to_owned();
        ("127.0.0.1", port.parse::<u16>().unwrap())
    };
    for (from, to, at) in [(at_a, at_c, port(&to_a)), (at_c, at_a, port(&to_c))] {
        to.set_read_timeout(Some(std::time::Duration::from_secs(5))).unwrap();
        let packet = [&[0x80, 0, 0, 1, 0, 0, 0, 160, 0, 0, 0, 7][..], &[7; 160]].concat();
        from.send_to(&packet, at).unwrap();
        let mut heard = [0; 512];
        // The music that the held party heard comes first.
        while to.recv(&mut heard).unwrap() != 172 || heard[12..172] != [7; 160] {}
    }
}
