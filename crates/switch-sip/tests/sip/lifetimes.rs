//! Session timers (RFC 4028).

use std::time::Duration;

use switch_sip::SessionLimits;

use crate::support::{
    Agent, Message, Office,
    agent::{Dialog, SDP},
};

/// Sessions that live for so many seconds, which the test lets pass.
async fn office(seconds: u64) -> Office {
    Office::without_time(|config| {
        config.sessions =
            SessionLimits { longest: Duration::from_secs(seconds), shortest: Duration::from_secs(1) };
    })
    .await
}

/// A call from `a`, whose INVITE has `more`, to `b`, whose answer has `other`.
async fn call(a: &Agent, b: &Agent, more: &[&str], other: &[&str]) -> (Dialog, Message, Message) {
    let mut call = a.call_with("1002", more, SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply_with(&invite, "200 OK", other, SDP).await;
    b.expect("ACK").await;
    let answer = a.expect_answer(&mut call).await;
    // Once this is answered, the acknowledgement before it is taken in.
    a.within(&mut call, "OPTIONS", &[], "").await;
    a.expect_status(200).await;
    (call, invite, answer)
}

#[tokio::test]
async fn how_long_a_session_lives_is_agreed_on_both_sides() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let more = ["Supported: timer", "Session-Expires: 600;refresher=uas"];
    let (mut call, invite, answer) = call(&a, &b, &more, &[]).await;
    assert_eq!((invite.header("Session-Expires"), invite.header("Min-SE")), ("1800", "90"));
    assert!(invite.header("Supported").contains("timer"));
    assert_eq!(answer.header("Session-Expires"), "600;refresher=uas");
    assert_eq!(answer.header("Require"), "timer");
    a.hang_up(&mut call).await;
}

#[tokio::test]
async fn who_does_not_know_of_timers_is_not_told() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let (mut call, _, answer) = call(&a, &b, &[], &[]).await;
    assert_eq!((answer.find("Session-Expires"), answer.find("Require")), (None, None));
    a.hang_up(&mut call).await;
}

#[tokio::test]
async fn a_session_that_is_too_short_is_refused_with_the_shortest() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let short = ["Supported: timer".to_owned(), "Session-Expires: 60".to_owned()];
    let refused = a.dial("1002", &short, SDP).await;
    assert_eq!(a.expect_refusal(&refused, 422).await.header("Min-SE"), "90");
    let (mut call, _, _) = call(&a, &b, &[], &[]).await;
    for method in ["INVITE", "UPDATE"] {
        a.within(&mut call, method, &short, SDP).await;
        let refusal = a.expect_status(422).await;
        assert_eq!(refusal.header("Min-SE"), "90");
        if method == "INVITE" {
            a.acknowledge_failure(&call, &refusal).await;
        }
    }
    a.hang_up(&mut call).await;
}

#[tokio::test]
async fn a_party_that_does_not_refresh_its_session_is_hung_up_on() {
    let office = office(3).await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let more = ["Supported: timer", "Session-Expires: 3;refresher=uac"];
    let other = ["Session-Expires: 3;refresher=uas", "Require: timer"];
    call(&a, &b, &more, &other).await;
    office.pass(Duration::from_secs(3));
    a.expect_bye().await;
    b.expect_bye().await;
    let told = office.story.next().await;
    assert!(told[told.len() - 1].contains("ended switch failed"), "{told:#?}");
}

#[tokio::test]
async fn a_session_that_its_parties_refresh_goes_on() {
    let office = office(3).await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let more = ["Supported: timer", "Session-Expires: 3;refresher=uac"];
    let other = ["Session-Expires: 3;refresher=uas", "Require: timer"];
    let mut call = a.call_with("1002", &more, SDP).await;
    let invite = b.expect("INVITE").await;
    b.reply_with(&invite, "200 OK", &other, SDP).await;
    b.expect("ACK").await;
    let mut own = b.dialog_of(&invite);
    a.expect_answer(&mut call).await;
    let more = more.map(str::to_owned);
    for _ in 0..3 {
        office.pass(Duration::from_secs(1));
        for (phone, dialog) in [(&a, &mut call), (&b, &mut own)] {
            phone.within(dialog, "UPDATE", &more, "").await;
            let agreed = phone.expect_status(200).await;
            assert_eq!(agreed.header("Session-Expires"), "3;refresher=uac");
            assert!(agreed.find("Contact").is_some());
        }
    }
    a.hang_up(&mut call).await;
    b.expect_bye().await;
}

#[tokio::test]
async fn the_switch_refreshes_by_update_where_it_may_and_by_invite_elsewhere() {
    let office = office(3).await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let more = ["Supported: timer", "Allow: INVITE, UPDATE, BYE", "Session-Expires: 3;refresher=uas"];
    let (mut call, _, _) = call(&a, &b, &more, &["Allow: INVITE, BYE"]).await;
    for _ in 0..2 {
        office.pass(Duration::from_millis(1_500));
        let update = a.expect("UPDATE").await;
        assert_eq!((update.header("Session-Expires"), &*update.body), ("3;refresher=uac", ""));
        a.reply_with(&update, "200 OK", &["Session-Expires: 3;refresher=uac"], "").await;
        let invite = b.expect("INVITE").await;
        assert_eq!((invite.header("Session-Expires"), &*invite.body), ("3;refresher=uac", SDP));
        b.answer(&invite).await;
    }
    a.hang_up(&mut call).await;
    b.expect_bye().await;
}

#[tokio::test]
async fn a_party_that_knows_nothing_of_the_session_any_more_is_parted_from() {
    let office = office(2).await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    call(&a, &b, &["Allow: UPDATE"], &["Allow: UPDATE"]).await;
    office.pass(Duration::from_secs(1));
    let update = a.expect("UPDATE").await;
    b.expect("UPDATE").await;
    a.reply(&update, "481 Call/Transaction Does Not Exist", "").await;
    a.expect("BYE").await;
    b.expect_bye().await;
}

#[tokio::test]
async fn a_party_that_takes_no_update_after_all_is_refreshed_by_invite() {
    let office = office(2).await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let other = ["Session-Expires: 60;refresher=uas"];
    let (mut call, _, _) = call(&a, &b, &["Allow: UPDATE"], &other).await;
    office.pass(Duration::from_secs(1));
    let update = a.expect("UPDATE").await;
    a.reply(&update, "501 Not Implemented", "").await;
    let invite = a.expect("INVITE").await;
    a.answer(&invite).await;
    a.hang_up(&mut call).await;
}

#[tokio::test]
async fn a_called_party_for_which_the_session_is_too_short_is_called_again() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    let first = b.expect("INVITE").await;
    b.reply_with(&first, "422 Session Interval Too Small", &["Min-SE: 3600"], "").await;
    b.expect("ACK").await;
    let second = b.expect("INVITE").await;
    assert_eq!((second.header("Session-Expires"), second.header("Min-SE")), ("3600", "3600"));
    assert_eq!(second.header("Call-ID"), first.header("Call-ID"));
    assert_eq!(second.cseq().0, first.cseq().0 + 1);
    assert_eq!(second.body, SDP);
    b.answer(&second).await;
    a.expect_answer(&mut call).await;
    a.hang_up(&mut call).await;
    b.expect_bye().await;
}

#[tokio::test]
async fn a_called_party_is_asked_for_a_longer_session_once() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let call = a.call("1002", SDP).await;
    for least in ["Min-SE: 3600", "Min-SE: 7200"] {
        b.reply_with(&b.expect("INVITE").await, "422 Session Interval Too Small", &[least], "").await;
        b.expect("ACK").await;
    }
    a.expect_refusal(&call, 480).await;
}
