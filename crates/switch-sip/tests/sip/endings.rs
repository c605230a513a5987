//! BYEs: whenever they come, the call ends at once for both parties, and nobody is told that it never was.

use std::time::Duration;

use call::{EventKind, command::LegCommand};
use switch_sip::SipConfig;

use crate::support::{
    Agent, Message, Office, Talk,
    agent::{Dialog, SDP},
    anchored_media,
    office::SHORT,
    talk::sdp_of_b,
};

fn anchored(config: &mut SipConfig) {
    config.media = anchored_media(46_000..=46_999);
}

/// The order in which a phone's answer and its BYE reach the switch.
#[derive(Clone, Copy)]
enum Order {
    AnswerFirst,
    ByeFirst,
}

/// The called phone answers and hangs up without waiting for anything.
async fn answer_and_leave(b: &Agent, invite: &Message, order: Order) {
    let mut at_b = b.dialog_of(invite);
    match order {
        Order::AnswerFirst => {
            b.reply(invite, "200 OK", &sdp_of_b()).await;
            b.within(&mut at_b, "BYE", &[], "").await;
        }
        Order::ByeFirst => {
            b.within(&mut at_b, "BYE", &[], "").await;
            b.reply(invite, "200 OK", &sdp_of_b()).await;
        }
    }
}

/// In any order.
async fn expect_ack_and_200(b: &Agent) {
    let mut came = [b.receive().await, b.receive().await].map(|message| message.start);
    came.sort();
    assert!(came[0].starts_with("ACK ") && came[1].starts_with("SIP/2.0 200 "), "{came:?}");
}

#[tokio::test]
async fn a_party_that_hangs_up_right_behind_its_answer_ends_the_call_for_the_caller() {
    for change in [anchored, |_: &mut SipConfig| {}] {
        let office = Office::with(change).await;
        let (a, b) = (office.registered("a").await, office.registered("b").await);
        for order in [Order::AnswerFirst, Order::ByeFirst].into_iter().cycle().take(20) {
            let mut at_a = a.call("1002", SDP).await;
            let invite = b.expect("INVITE").await;
            answer_and_leave(&b, &invite, order).await;
            expect_ack_and_200(&b).await;
            a.expect_answer(&mut at_a).await;
            a.expect_bye().await;
            let told = office.story.next().await;
            let expected = ["A+B bridged", "B ended party normal 200", "A ended switch normal 200"];
            assert_eq!(told[told.len() - 3..], expected);
        }
    }
}

#[tokio::test]
async fn a_bye_that_has_overtaken_the_answer_of_another_branch_ends_nothing() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut at_a = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    let mut other = b.dialog_of(&invite);
    other.local += "other";
    b.within(&mut other, "BYE", &[], "").await;
    b.expect_status(200).await;
    b.answer(&invite).await;
    a.expect_answer(&mut at_a).await;
    a.hang_up(&mut at_a).await;
    b.expect_bye().await;
}

#[tokio::test]
async fn the_caller_is_hung_up_on_as_soon_as_it_has_taken_the_answer() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut at_a = a.call("1002", SDP).await;
    let mut at_b = b.answer(&b.expect("INVITE").await).await;
    let answer = a.expect_status(200).await;
    b.hang_up(&mut at_b).await;
    assert!(a.hears_nothing_for(SHORT).await, "no BYE before the ACK");
    (at_a.remote, at_a.target) = (answer.header("To").to_owned(), answer.uri_of("Contact").to_owned());
    a.acknowledge(&at_a, "").await;
    a.expect_bye().await;
}

#[tokio::test]
async fn an_answer_with_the_offer_is_acknowledged_even_if_the_call_ends_before_the_callers_answer() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut at_a = a.call("1002", "").await;
    let invite = b.expect("INVITE").await;
    answer_and_leave(&b, &invite, Order::AnswerFirst).await;
    expect_ack_and_200(&b).await;
    a.expect_offer_in_answer(&mut at_a, SDP).await;
    a.expect_bye().await;

    let mut at_a = a.call("1002", "").await;
    b.reply(&b.expect("INVITE").await, "200 OK", &sdp_of_b()).await;
    let offer = a.expect_status(200).await;
    (at_a.remote, at_a.target) = (offer.header("To").to_owned(), offer.uri_of("Contact").to_owned());
    a.hang_up(&mut at_a).await;
    b.expect("ACK").await;
    b.expect_bye().await;
}

#[tokio::test]
async fn an_answer_and_a_bye_that_cross_a_cancel_are_both_taken() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let at_a = a.call("1002", SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply(&invite, "180 Ringing", "").await;
    a.expect_status(180).await;
    a.cancel(&at_a).await;
    a.expect_status(200).await;
    a.expect_refusal(&at_a, 487).await;
    b.expect("CANCEL").await;
    answer_and_leave(&b, &invite, Order::AnswerFirst).await;
    let mut came = Vec::new();
    for _ in 0..3 {
        let message = b.receive().await;
        match message.method() {
            "BYE" => b.reply(&message, "200 OK", "").await,
            method => assert!(method == "ACK" || message.status() == 200, "{message:#?}"),
        }
        came.push(message.start);
    }
    came.sort();
    assert!(came[0].starts_with("ACK ") && came[1].starts_with("BYE "), "{came:?}");
}

#[tokio::test]
async fn a_bye_does_not_wait_for_the_answer_to_a_re_invite_of_ours() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    talk.command(&office, talk.called, LegCommand::Hold).await.unwrap();
    let invite = talk.a.expect("INVITE").await;
    talk.a.reply(&invite, "100 Trying", "").await;
    talk.b.hang_up(&mut talk.at_b).await;
    talk.a.expect_bye().await;
    talk.a.refuse(&invite, "487 Request Terminated").await;
    let expected = ["B held", "B ended party normal 200", "A ended switch normal 200"];
    assert_eq!(talk.rest(&office).await, expected);
}

#[tokio::test]
async fn an_answer_to_a_re_invite_that_crosses_the_bye_is_acknowledged() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    talk.command(&office, talk.called, LegCommand::Hold).await.unwrap();
    let invite = talk.a.expect("INVITE").await;
    talk.b.hang_up(&mut talk.at_b).await;
    talk.a.expect_bye().await;
    talk.a.reply(&invite, "200 OK", SDP).await;
    assert_eq!(talk.a.expect("ACK").await.cseq().0, invite.cseq().0);
}

/// A party hangs up while its own request waits for the other's answer.
async fn leave_with_open_request(method: &str) {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let body = if method == "INFO" { "" } else { SDP };
    talk.a.within(&mut talk.at_a, method, &[], body).await;
    let open = talk.b.expect(method).await;
    talk.a.within(&mut talk.at_a, "BYE", &[], "").await;
    let mut came = [talk.a.receive().await, talk.a.receive().await].map(|message| message.status());
    came.sort_unstable();
    assert_eq!(came, [200, 487], "{method}");
    talk.b.expect_bye().await;
    talk.b.reply(&open, "200 OK", body).await;
    assert_eq!(talk.rest(&office).await, ["A ended party normal 200", "B ended switch normal 200"]);
}

#[tokio::test]
async fn who_hangs_up_with_a_request_of_its_own_open_is_answered_that_too() {
    for method in ["INFO", "UPDATE", "INVITE", "MESSAGE"] {
        leave_with_open_request(method).await;
    }
}

#[tokio::test]
async fn who_hangs_up_without_answering_what_was_passed_on_ends_the_call() {
    for method in ["INFO", "UPDATE", "INVITE", "MESSAGE"] {
        let office = Office::open().await;
        let mut talk = Talk::begin(&office).await;
        let before = talk.at_a.cseq;
        talk.a.within(&mut talk.at_a, method, &[], if method == "INFO" { "" } else { SDP }).await;
        talk.b.expect(method).await;
        talk.b.hang_up(&mut talk.at_b).await;
        // The request is answered, and the BYE comes, in either order.
        for _ in 0..2 {
            let message = talk.a.receive().await;
            match message.method() {
                "BYE" => talk.a.reply(&message, "200 OK", "").await,
                _ => assert_eq!((message.status(), message.cseq().0), (491, before + 1), "{method}"),
            }
        }
        assert_eq!(talk.rest(&office).await, ["B ended party normal 200", "A ended switch normal 200"]);
    }
}

#[tokio::test]
async fn a_call_ends_while_a_re_invite_rests_after_a_glare() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let before = office.switch.usage();
    talk.command(&office, talk.called, LegCommand::Hold).await.unwrap();
    let invite = talk.a.expect("INVITE").await;
    talk.a.refuse(&invite, "491 Request Pending").await;
    talk.b.hang_up(&mut talk.at_b).await;
    talk.a.expect_bye().await;
    assert!(office.switch.usage().calls < before.calls);
}

#[tokio::test]
async fn a_call_ends_while_a_referral_is_tried() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    let refer_to = ["Refer-To: <sip:1003@test>".to_owned()];
    talk.b.within(&mut talk.at_b, "REFER", &refer_to, "").await;
    talk.b.expect_status(202).await;
    // Its NOTIFY stays unanswered.
    talk.b.expect("NOTIFY").await;
    let ringing = c.expect("INVITE").await;
    c.reply(&ringing, "180 Ringing", "").await;
    office.story.until(|kind| matches!(kind, EventKind::LegRinging { .. })).await;
    talk.a.hang_up(&mut talk.at_a).await;
    c.expect("CANCEL").await;
    for wanted in ["NOTIFY", "NOTIFY", "BYE"] {
        assert_eq!(talk.b.receive().await.method(), wanted);
    }
}

/// A request of `b` that crosses the BYE which it is sent because `a` hangs up.
async fn cross(method: &str, expected: u16) {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    talk.a.hang_up(&mut talk.at_a).await;
    let bye = talk.b.expect("BYE").await;
    talk.b.within(&mut talk.at_b, method, &[], "").await;
    assert_eq!(talk.b.receive().await.status(), expected, "{method}");
    talk.b.reply(&bye, "200 OK", "").await;
    let forgotten = async {
        loop {
            talk.b.within(&mut talk.at_b, "BYE", &[], "").await;
            match talk.b.receive().await.status() {
                481 => break,
                status => assert_eq!(status, 200),
            }
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(10), forgotten).await.is_ok());
}

#[tokio::test]
async fn two_byes_that_cross_are_both_taken() {
    cross("BYE", 200).await;
}

#[tokio::test]
async fn only_a_bye_is_taken_that_crosses_a_bye() {
    for method in ["INFO", "INVITE", "UPDATE"] {
        cross(method, 481).await;
    }
}

#[tokio::test]
async fn a_first_party_that_hangs_up_right_behind_its_answer_is_called_for_nothing() {
    use call::{
        CallCommand, CallId, Timestamp,
        command::{Originate, Target},
    };
    use switch::Switch;

    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    for order in [Order::AnswerFirst, Order::ByeFirst] {
        let call_id = CallId::new(Timestamp::from_seconds(1), rand::random());
        let [from, to] = ["1001", "1002"].map(|number| Target::Extension(number.into()));
        let account = crate::support::office::OFFICE;
        let originate = Originate { call_id, account, from, to, recording: None };
        office.switch.command(CallCommand::Originate(originate)).await.unwrap();
        let invite = a.expect("INVITE").await;
        answer_and_leave(&a, &invite, order).await;
        expect_ack_and_200(&a).await;
        let called: Dialog = b.dialog_of(&b.expect("INVITE").await);
        assert!(!called.call_id.is_empty());
        let told = office.story.next().await;
        assert!(told.contains(&"A ended party normal 200".to_owned()), "{told:?}");
        assert!(told.contains(&"B ended switch cancelled 487".to_owned()), "{told:?}");
    }
}
