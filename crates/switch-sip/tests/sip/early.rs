//! Offers before the answer (RFC 3311, RFC 6337 section 3.1).

use crate::support::{
    Agent, Message, Office,
    agent::{Dialog, SDP},
    message::content,
};

const BOTH: [&str; 3] = ["Require: 100rel", "RSeq: 1", "Allow: INVITE, PRACK, UPDATE"];

/// A call whose first offer is answered in a 183 that is acknowledged on both sides.
struct Agreed {
    _office: Office,
    a: Agent,
    b: Agent,
    at_a: Dialog,
    /// The number of the INVITE of `a`.
    number: u32,
    invite: Message,
    at_b: Dialog,
}

async fn agreed() -> Agreed {
    let office = Office::open().await;
    let (a, b) = (office.registered("a").await, office.registered("b").await);
    let more = ["Supported: 100rel", "Allow: INVITE, PRACK, UPDATE"];
    let mut at_a = a.call_with("1002", &more, SDP).await;
    let (invite, number) = (b.expect("INVITE").await, at_a.cseq);
    b.reply_with(&invite, "183 Session Progress", &BOTH, SDP).await;
    let prack = b.expect("PRACK").await;
    b.reply(&prack, "200 OK", "").await;
    let early = a.expect_status(183).await;
    (at_a.remote, at_a.target) = (early.header("To").to_owned(), early.uri_of("Contact").to_owned());
    let rack = format!("RAck: {} {number} INVITE", early.header("RSeq"));
    a.within(&mut at_a, "PRACK", &[rack], "").await;
    assert_eq!(a.expect_status(200).await.cseq().1, "PRACK");
    let at_b = Dialog { cseq: 100, ..b.dialog_of(&invite) };
    Agreed { _office: office, a, b, at_a, number, invite, at_b }
}

impl Agreed {
    /// The called party answers, and repeats nothing of what was agreed on; then they part.
    async fn ends(mut self) {
        self.b.reply(&self.invite, "200 OK", "").await;
        let answer = self.a.expect_status(200).await;
        assert_eq!((answer.cseq(), &*answer.body), ((self.number, "INVITE"), ""));
        let latest = std::mem::replace(&mut self.at_a.cseq, self.number);
        self.a.acknowledge(&self.at_a, "").await;
        self.at_a.cseq = latest;
        assert_eq!(self.b.expect("ACK").await.body, "");
        self.a.hang_up(&mut self.at_a).await;
        let bye = self.b.expect("BYE").await;
        assert!(bye.cseq().0 > self.invite.cseq().0 + 1, "the numbers of the early dialog go on");
        self.b.reply(&bye, "200 OK", "").await;
    }
}

#[tokio::test]
async fn an_offer_of_the_caller_by_update_before_the_answer_is_passed_on_with_its_answer() {
    let mut call = agreed().await;
    let (offer, answer) = (SDP.replace("4000", "4002"), SDP.replace("4000", "5002"));
    call.a.within(&mut call.at_a, "UPDATE", &[], &offer).await;
    let update = call.b.expect("UPDATE").await;
    assert_eq!(content(&update.body), content(&offer));
    assert_eq!(update.header("Call-ID"), call.invite.header("Call-ID"));
    assert!(update.header("To").ends_with(&call.at_b.local[call.at_b.local.find(";tag=").unwrap()..]));
    call.b.reply(&update, "200 OK", &answer).await;
    let told = call.a.expect_status(200).await;
    assert_eq!((told.cseq().1, content(&told.body)), ("UPDATE", content(&answer)));
    call.ends().await;
}

#[tokio::test]
async fn an_offer_of_the_called_party_by_update_before_its_answer_is_passed_on_with_its_answer() {
    let mut call = agreed().await;
    let (offer, answer) = (SDP.replace("4000", "5002"), SDP.replace("4000", "4002"));
    call.b.within(&mut call.at_b, "UPDATE", &[], &offer).await;
    let update = call.a.expect("UPDATE").await;
    assert_eq!(content(&update.body), content(&offer));
    call.a.reply(&update, "200 OK", &answer).await;
    let told = call.b.expect_status(200).await;
    assert_eq!((told.cseq().1, content(&told.body)), ("UPDATE", content(&answer)));
    call.ends().await;
}

#[tokio::test]
async fn an_offer_that_is_refused_before_the_answer_leaves_what_was_agreed_on() {
    let mut call = agreed().await;
    call.a.within(&mut call.at_a, "UPDATE", &[], SDP).await;
    let update = call.b.expect("UPDATE").await;
    // Only one at a time (RFC 3311 section 5.2), in either direction.
    call.a.within(&mut call.at_a, "UPDATE", &[], SDP).await;
    assert!(call.a.expect_status(500).await.header("Retry-After").parse::<u32>().unwrap() <= 10);
    call.b.within(&mut call.at_b, "UPDATE", &[], SDP).await;
    call.b.expect_status(491).await;
    call.b.reply(&update, "488 Not Acceptable Here", "").await;
    call.a.expect_status(488).await;
    let at_a = Dialog { cseq: call.number, ..call.at_a.clone() };
    call.a.cancel(&at_a).await;
    call.b.expect("CANCEL").await;
}
