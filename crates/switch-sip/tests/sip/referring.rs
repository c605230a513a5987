//! Transfer by a phone's REFER.

use crate::support::{
    Office, Talk,
    agent::SDP,
    talk::{sdp_of_b, sdp_of_c},
};

fn refer_to(number: &str) -> Vec<String> {
    vec![format!("Refer-To: <sip:{number}@test>"), "Referred-By: <sip:b@test>".into()]
}

#[tokio::test]
async fn the_referrer_is_told_how_it_goes_and_is_hung_up_in_the_end() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    talk.b.within(&mut talk.at_b, "INVITE", &[], &sdp_of_b().replace("sendrecv", "sendonly")).await;
    talk.a
        .expect_offer(&sdp_of_b().replace("sendrecv", "sendonly"), &SDP.replace("sendrecv", "recvonly"))
        .await;
    talk.b.expect_answer(&mut talk.at_b).await;
    talk.b.within(&mut talk.at_b, "REFER", &refer_to("1003"), "").await;
    talk.b.expect_status(202).await;
    talk.b.expect_notify("100 Trying", "active").await;
    let invite = c.expect("INVITE").await;
    assert_eq!((invite.header("Referred-By"), &*invite.body), ("<sip:b@test>", SDP));
    c.reply(&invite, "180 Ringing", "").await;
    talk.b.expect_notify("180 Ringing", "active").await;
    c.reply(&invite, "200 OK", &sdp_of_c()).await;
    c.expect("ACK").await;
    talk.a.expect_offer(&sdp_of_c(), SDP).await;
    talk.b.expect_notify("200 OK", "terminated").await;
    talk.b.expect_bye().await;
    talk.a.hang_up(&mut talk.at_a).await;
    c.expect_bye().await;
    let expected = [
        "B held",
        "B transfers Blind to 1003",
        "C offered 1003",
        "C ringing",
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
async fn the_referrer_is_told_of_a_failure_and_may_refer_again() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    talk.b.within(&mut talk.at_b, "REFER", &refer_to("1003"), "").await;
    talk.b.expect_status(202).await;
    talk.b.expect_notify("100 Trying", "active").await;
    c.refuse(&c.expect("INVITE").await, "486 Busy Here").await;
    talk.b.expect_notify("486 Busy Here", "terminated").await;
    talk.b.within(&mut talk.at_b, "REFER", &refer_to("4711"), "").await;
    talk.b.expect_status(202).await;
    for state in ["active", "terminated"] {
        let notify = talk.b.expect("NOTIFY").await;
        assert_eq!(notify.header("Event"), format!("refer;id={}", talk.at_b.cseq));
        assert!(notify.header("Subscription-State").starts_with(state));
        talk.b.reply(&notify, "200 OK", "").await;
    }
    talk.b.hang_up(&mut talk.at_b).await;
    talk.a.expect_bye().await;
}

#[tokio::test]
async fn a_referrer_that_hangs_up_at_once_does_not_end_the_call() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    let quiet = [refer_to("1003"), vec!["Refer-Sub: false".into()]].concat();
    talk.b.within(&mut talk.at_b, "REFER", &quiet, "").await;
    assert_eq!(talk.b.expect_status(202).await.header("Refer-Sub"), "false");
    let invite = c.expect("INVITE").await;
    talk.b.hang_up(&mut talk.at_b).await;
    c.reply(&invite, "200 OK", &sdp_of_c()).await;
    c.expect("ACK").await;
    talk.a.expect_offer(&sdp_of_c(), SDP).await;
    talk.a.hang_up(&mut talk.at_a).await;
    c.expect_bye().await;
}

#[tokio::test]
async fn a_refer_that_makes_no_sense_is_refused() {
    let office = Office::open().await;
    let mut talk = Talk::begin(&office).await;
    let c = office.registered("c").await;
    talk.b.within(&mut talk.at_b, "REFER", &[], "").await;
    talk.b.expect_status(400).await;
    talk.b.within(&mut talk.at_b, "REFER", &refer_to("1003"), "").await;
    talk.b.expect_status(202).await;
    talk.b.expect_notify("100 Trying", "active").await;
    c.expect("INVITE").await;
    talk.a.within(&mut talk.at_a, "REFER", &refer_to("1003"), "").await;
    talk.a.expect_status(491).await;
}

#[tokio::test]
async fn a_trunk_refers_only_where_it_may() {
    for (may_refer, status) in [(false, 403), (true, 202)] {
        let office = Office::with(|config| config.refer_from_trunks = may_refer).await;
        let (carrier, b) = (office.trunk(1).await, office.registered("b").await);
        let mut call = carrier.dial("14155550100", &[], SDP).await;
        b.answer(&b.expect("INVITE").await).await;
        carrier.expect_answer(&mut call).await;
        carrier.within(&mut call, "REFER", &refer_to("14155550100"), "").await;
        carrier.expect_status(status).await;
    }
}
