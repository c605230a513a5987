//! One INVITE that reaches several parties behind a trunk, and acknowledgements that are not right.

use crate::support::{Agent, Message, Office, agent::SDP, office::SHORT, talk::sdp_of_b};

/// Answers for one of those that the trunk's INVITE has reached.
async fn respond(carrier: &Agent, invite: &Message, status: &str, tag: &str, body: &str) {
    let contact = format!("Contact: {}", carrier.contact());
    carrier.send(&invite.response(status, tag, &[contact], body)).await;
}

#[tokio::test]
async fn of_several_that_ring_behind_a_trunk_the_one_that_answers_is_talked_to() {
    let office = Office::open().await;
    let (a, carrier) = (office.registered("a").await, office.trunk(1).await);
    let mut call = a.call("4155550123", SDP).await;
    let invite = carrier.expect("INVITE").await;
    for tag in ["one", "two"] {
        respond(&carrier, &invite, "180 Ringing", tag, "").await;
    }
    a.expect_status(180).await;
    respond(&carrier, &invite, "200 OK", "two", &sdp_of_b()).await;
    assert_eq!(carrier.expect("ACK").await.tag_of("To"), Some("two"));
    a.expect_answer(&mut call).await;
    a.hang_up(&mut call).await;
    assert_eq!(carrier.expect("BYE").await.tag_of("To"), Some("two"));
    let told = office.story.next().await;
    assert_eq!(told.iter().filter(|line| **line == "B ringing").count(), 1, "{told:?}");
}

#[tokio::test]
async fn early_media_of_one_may_be_followed_by_the_answer_of_another() {
    let office = Office::open().await;
    let (a, carrier) = (office.registered("a").await, office.trunk(1).await);
    let mut call = a.call("4155550123", SDP).await;
    let invite = carrier.expect("INVITE").await;
    respond(&carrier, &invite, "183 Session Progress", "one", SDP).await;
    let early = a.expect_status(183).await;
    respond(&carrier, &invite, "200 OK", "two", &sdp_of_b()).await;
    let answer = a.expect_answer(&mut call).await;
    assert!(early.body.contains("m=audio 4000") && answer.body.contains("m=audio 5000"));
    assert_eq!(carrier.expect("ACK").await.tag_of("To"), Some("two"));
}

#[tokio::test]
async fn who_answers_second_is_hung_up_on_and_the_first_talks_on() {
    let office = Office::open().await;
    let (a, carrier) = (office.registered("a").await, office.trunk(1).await);
    let mut call = a.call("4155550123", SDP).await;
    let invite = carrier.expect("INVITE").await;
    respond(&carrier, &invite, "200 OK", "one", SDP).await;
    assert_eq!(carrier.expect("ACK").await.tag_of("To"), Some("one"));
    a.expect_answer(&mut call).await;
    respond(&carrier, &invite, "200 OK", "two", &sdp_of_b()).await;
    let ack = carrier.expect("ACK").await;
    assert_eq!((ack.tag_of("To"), ack.cseq().0), (Some("two"), invite.cseq().0));
    let bye = carrier.expect("BYE").await;
    assert_eq!(bye.tag_of("To"), Some("two"));
    carrier.reply(&bye, "200 OK", "").await;
    // A repeated answer is acknowledged again, and no more than that.
    respond(&carrier, &invite, "200 OK", "two", &sdp_of_b()).await;
    assert_eq!(carrier.expect("ACK").await.tag_of("To"), Some("two"));
    assert!(carrier.hears_nothing_for(SHORT).await);
    a.hang_up(&mut call).await;
    assert_eq!(carrier.expect("BYE").await.tag_of("To"), Some("one"));
}

#[tokio::test]
async fn an_acknowledgement_of_something_else_does_not_end_the_repetition_of_an_answer() {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let mut call = a.call("1002", SDP).await;
    b.answer(&b.expect("INVITE").await).await;
    let answer = a.expect_status(200).await;
    (call.remote, call.target) = (answer.header("To").to_owned(), answer.uri_of("Contact").to_owned());
    let mut wrong = [call.clone(), call.clone(), call.clone()];
    wrong[0].cseq += 1;
    wrong[1].remote = format!("{}x", call.remote);
    wrong[2].call_id += "x";
    for dialog in &wrong {
        a.acknowledge(dialog, "").await;
    }
    assert_eq!(a.next().await.status(), 200);
    a.acknowledge(&call, "").await;
    a.hang_up(&mut call).await;
    b.expect_bye().await;
}
