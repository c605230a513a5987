//! INVITEs that take a call which is there: pick-up of one that rings, and the place of a leg (RFC 3891).

use call::command::{LegCommand, Target};

use crate::support::{
    Office, Talk,
    agent::{Dialog, SDP},
    talk::{sdp_of_b, sdp_of_c},
};

/// The Replaces of a call as the switch has it.
fn replaces(dialog: &Dialog) -> String {
    let tag = |value: &str| value.split_once(";tag=").unwrap().1.to_owned();
    format!("Replaces: {};to-tag={};from-tag={}", dialog.call_id, tag(&dialog.remote), tag(&dialog.local))
}

#[tokio::test]
async fn a_ringing_call_is_taken_at_another_phone() {
    for code in ["*81002", "*8"] {
        let office = Office::open().await;
        let (a, b, c) =
            (office.registered("a").await, office.registered("b").await, office.registered("c").await);
        let mut at_a = a.call("1002", SDP).await;
        let invite = b.expect("INVITE").await;
        b.reply(&invite, "180 Ringing", "").await;
        a.expect_status(180).await;
        let mut at_c = c.call(code, &sdp_of_c()).await;
        assert_eq!(c.expect_answer(&mut at_c).await.body, SDP);
        assert_eq!(a.expect_answer(&mut at_a).await.body, sdp_of_c());
        b.expect("CANCEL").await;
        a.hang_up(&mut at_a).await;
        c.expect_bye().await;
        let expected = [
            "C offered 1003",
            "B ended switch answeredelsewhere 487",
            "C answered",
            "A answered",
            "A+C bridged",
            "A ended party normal 200",
            "C ended switch normal 200",
        ];
        assert_eq!(office.story.next().await[5..], expected);
    }
}

#[tokio::test]
async fn a_party_that_is_handed_on_is_taken_at_another_phone() {
    let office = Office::open().await;
    let talk = Talk::begin(&office).await;
    let (c, d) = (office.registered("c").await, office.registered("d").await);
    drop(d);
    talk.command(&office, talk.called, LegCommand::Transfer(Target::Extension("1003".into()))).await.unwrap();
    c.reply(&c.expect("INVITE").await, "180 Ringing", "").await;
    let d = office.phone("d").await;
    let mut at_d = d.call("*81003", &sdp_of_c()).await;
    talk.a.expect_offer(&sdp_of_c(), SDP).await;
    assert_eq!(d.expect_answer(&mut at_d).await.body, SDP);
    talk.b.expect_bye().await;
    d.hang_up(&mut at_d).await;
    talk.a.expect_bye().await;
    let told = talk.rest(&office).await;
    let tail = ["A+E bridged", "B transferred to E", "B ended switch transferred 200"];
    assert!(told.windows(3).any(|lines| lines == tail), "{told:?}");
}

#[tokio::test]
async fn there_is_nothing_to_pick_up_where_nothing_rings() {
    let office = Office::open().await;
    let c = office.registered("c").await;
    let call = c.call("*81002", SDP).await;
    c.expect_refusal(&call, 404).await;
}

#[tokio::test]
async fn an_invite_takes_the_place_of_a_leg() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    let header = replaces(&talk.at_b);
    let more = ["Require: replaces", &*header];
    let mut at_c = c.call_with("1001", &more, &sdp_of_c()).await;
    talk.a.expect_offer(&sdp_of_c(), SDP).await;
    assert_eq!(c.expect_answer(&mut at_c).await.body, SDP);
    talk.b.expect_bye().await;
    talk.a.hang_up(&mut talk.at_a).await;
    c.expect_bye().await;
    let expected = [
        "C offered 1003",
        "B transfers Attended to 1003",
        "C answered",
        "A+C bridged",
        "B transferred to C",
        "B ended switch transferred 200",
        "A ended party normal 200",
        "C ended switch normal 200",
    ];
    assert_eq!(talk.rest(&office).await, expected);
}

#[tokio::test]
async fn an_invite_for_the_place_of_no_leg_or_of_a_strangers_is_refused() {
    let office = Office::open().await;
    let talk = Talk::begin(&office).await;
    let carrier = office.trunk(1).await;
    let call = carrier.dial("1001", &[replaces(&talk.at_b)], SDP).await;
    carrier.expect_refusal(&call, 481).await;
    let c = office.registered("c").await;
    let mut unknown = talk.at_b.clone();
    unknown.call_id += "x";
    let call = c.call_with("1001", &[&replaces(&unknown)], SDP).await;
    c.expect_refusal(&call, 481).await;
}

#[tokio::test]
async fn a_leg_keeps_its_place_when_the_other_party_does_not_take_the_new_one() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    let at_c = c.call_with("1001", &[&replaces(&talk.at_b)], &sdp_of_c()).await;
    talk.a.refuse(&talk.a.expect("INVITE").await, "488 Not Acceptable Here").await;
    c.expect_refusal(&at_c, 488).await;
    talk.a.expect_offer(&sdp_of_b(), SDP).await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_bye().await;
    let told = talk.rest(&office).await;
    assert_eq!(told[2..4], ["C ended switch failed 488", "B did not transfer"]);
}

#[tokio::test]
async fn a_phone_that_takes_a_call_may_leave_the_offer_to_the_switch() {
    let office = Office::open().await;
    let (a, b, c) =
        (office.registered("a").await, office.registered("b").await, office.registered("c").await);
    let mut at_a = a.call("1002", SDP).await;
    b.reply(&b.expect("INVITE").await, "180 Ringing", "").await;
    a.expect_status(180).await;
    let mut at_c = c.call("*8", "").await;
    assert_eq!(c.expect_offer_in_answer(&mut at_c, &sdp_of_c()).await, SDP);
    assert_eq!(a.expect_answer(&mut at_a).await.body, sdp_of_c());
    b.expect("CANCEL").await;
    a.hang_up(&mut at_a).await;
    c.expect_bye().await;
    let told = office.story.next().await;
    assert_eq!(told[7..10], ["C answered", "A answered", "A+C bridged"], "{told:#?}");
}

#[tokio::test]
async fn an_invite_without_an_offer_takes_the_place_of_a_leg() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    let mut at_c = c.call_with("1001", &[&replaces(&talk.at_b)], "").await;
    assert_eq!(c.expect_offer_in_answer(&mut at_c, &sdp_of_c()).await, SDP);
    talk.a.expect_offer(&sdp_of_c(), SDP).await;
    talk.b.expect_bye().await;
    talk.a.hang_up(&mut talk.at_a).await;
    c.expect_bye().await;
    let told = talk.rest(&office).await;
    assert_eq!(told[2..5], ["C answered", "A+C bridged", "B transferred to C"], "{told:#?}");
}

#[tokio::test]
async fn who_does_not_answer_the_offer_of_the_switch_takes_nothing() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    let mut at_c = c.call_with("1001", &[&replaces(&talk.at_b)], "").await;
    c.expect_answer(&mut at_c).await;
    c.expect_bye().await;
    talk.a.expect_offer(&sdp_of_b(), SDP).await;
    talk.a.hang_up(&mut talk.at_a).await;
    talk.b.expect_bye().await;
    let told = talk.rest(&office).await;
    assert_eq!(told[2..5], ["C answered", "C ended switch failed 200", "B did not transfer"], "{told:#?}");
}
