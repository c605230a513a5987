//! Having a ringing phone answer by itself.

use std::time::Duration;

use call::{CallCommand, EventKind, command::LegCommand};
use switch::{Switch, SwitchError};

use crate::support::{
    Agent, Office,
    agent::{Dialog, SDP},
    message::Message,
    talk::{sdp_of_b, sdp_of_c},
};

/// A call from `a` that the leg of a phone rings for.
struct Ringing {
    office: Office,
    a: Agent,
    b: Agent,
    at_a: Dialog,
    /// The INVITE that rings.
    at_b: Message,
    order: CallCommand,
}

impl Ringing {
    async fn begin() -> Self {
        let office = Office::without_time(|_| {}).await;
        let (a, b) = (office.registered("a").await, office.registered("b").await);
        let at_a = a.call("1002", SDP).await;
        let at_b = b.expect("INVITE").await;
        b.reply(&at_b, "180 Ringing", "").await;
        a.expect_status(180).await;
        let call_id = office.story.until(|kind| matches!(kind, EventKind::LegRinging { .. })).await;
        let leg_id = office.story.legs(call_id).await[1];
        let order = CallCommand::Leg { call_id, leg_id, command: LegCommand::Answer };
        Self { office, a, b, at_a, at_b, order }
    }

    /// The phone is told to answer; gives the INVITE that tells it.
    async fn prompted(&self) -> Message {
        self.office.switch.command(self.order.clone()).await.unwrap();
        let prompt = self.b.expect("INVITE").await;
        assert_ne!(prompt.header("Call-ID"), self.at_b.header("Call-ID"));
        assert_eq!((prompt.header("Answer-Mode"), &*prompt.body), ("Auto", SDP));
        assert!(prompt.header("Call-Info").ends_with(";answer-after=0"));
        assert!(prompt.header("Alert-Info").contains("info=alert-autoanswer"));
        prompt
    }

    /// The first INVITE, which was never touched, is answered: the two talk, and part.
    async fn answers_after_all(mut self) {
        self.b.reply(&self.at_b, "200 OK", &sdp_of_b()).await;
        self.b.expect("ACK").await;
        self.a.expect_answer(&mut self.at_a).await;
        self.a.hang_up(&mut self.at_a).await;
        self.b.expect_bye().await;
    }
}

#[tokio::test]
async fn a_phone_that_rings_is_called_beside_that_with_the_wish_and_the_others_are_let_go() {
    let office = Office::open().await;
    let (a, c, d) =
        (office.registered("a").await, office.registered("c").await, office.registered("d").await);
    let mut at_a = a.call("1003", SDP).await;
    let (at_c, at_d) = (c.expect("INVITE").await, d.expect("INVITE").await);
    c.reply(&at_c, "180 Ringing", "").await;
    a.expect_status(180).await;
    d.reply(&at_d, "180 Ringing", "").await;
    let ringing = |kind: &EventKind| matches!(kind, EventKind::LegRinging { .. });
    office.story.until(ringing).await;
    let call_id = office.story.until(ringing).await;
    let legs = office.story.legs(call_id).await;
    let order = |leg_id| CallCommand::Leg { call_id, leg_id, command: LegCommand::Answer };
    for _ in 0..2 {
        office.switch.command(order(legs[1])).await.unwrap();
    }
    let refused = office.switch.command(order(legs[0])).await;
    assert!(matches!(refused, Err(SwitchError::Conflict(_))), "{refused:?}");
    let again = c.expect("INVITE").await;
    assert_eq!(again.header("Answer-Mode"), "Auto");
    c.reply(&again, "200 OK", &sdp_of_c()).await;
    let (one, other) = (c.receive().await, c.receive().await);
    let cancel = [&one, &other].into_iter().find(|message| message.method() == "CANCEL").unwrap();
    let ack = [&one, &other].into_iter().find(|message| message.method() == "ACK").unwrap();
    assert_eq!(cancel.header("Call-ID"), at_c.header("Call-ID"));
    assert_eq!(ack.header("Call-ID"), again.header("Call-ID"));
    c.reply(cancel, "200 OK", "").await;
    c.refuse(&at_c, "487 Request Terminated").await;
    assert_eq!(a.expect_answer(&mut at_a).await.body, sdp_of_c());
    d.expect("CANCEL").await;
    office.switch.command(order(legs[1])).await.unwrap();
    a.hang_up(&mut at_a).await;
    c.expect_bye().await;
    let told = office.story.next().await;
    assert_eq!(told[told.len() - 6..][..2], ["B answered", "C ended switch answeredelsewhere 487"]);
}

#[tokio::test]
async fn a_phone_that_does_not_answer_by_itself_rings_on_as_before() {
    let ringing = Ringing::begin().await;
    let prompt = ringing.prompted().await;
    ringing.b.reply(&prompt, "180 Ringing", "").await;
    let cancel = ringing.office.hasten(ringing.b.expect("CANCEL")).await;
    assert_eq!(cancel.header("Call-ID"), prompt.header("Call-ID"));
    ringing.b.reply(&cancel, "200 OK", "").await;
    ringing.b.refuse(&prompt, "487 Request Terminated").await;
    // It can be told again.
    ringing.b.refuse(&ringing.prompted().await, "486 Busy Here").await;
    ringing.answers_after_all().await;
}

#[tokio::test]
async fn a_phone_that_answers_before_it_does_so_by_itself_is_asked_no_more() {
    let mut ringing = Ringing::begin().await;
    let prompt = ringing.prompted().await;
    ringing.b.reply(&prompt, "180 Ringing", "").await;
    ringing.b.reply(&ringing.at_b, "200 OK", &sdp_of_b()).await;
    let (one, other) = (ringing.b.receive().await, ringing.b.receive().await);
    let cancel = [&one, &other].into_iter().find(|message| message.method() == "CANCEL").unwrap();
    assert_eq!(cancel.header("Call-ID"), prompt.header("Call-ID"));
    ringing.b.reply(cancel, "200 OK", "").await;
    ringing.b.refuse(&prompt, "487 Request Terminated").await;
    ringing.a.expect_answer(&mut ringing.at_a).await;
    ringing.a.hang_up(&mut ringing.at_a).await;
    ringing.b.expect_bye().await;
    ringing.office.story.next().await;
    // The last dialog is forgotten a moment after its BYE is answered.
    while ringing.office.switch.usage().dialogs > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn only_a_phone_can_be_told_to_answer() {
    let office = Office::open().await;
    let (a, carrier) = (office.registered("a").await, office.trunk(1).await);
    let at_a = a.call("+14155550123", SDP).await;
    carrier.reply(&carrier.expect("INVITE").await, "180 Ringing", "").await;
    a.expect_status(180).await;
    let call_id = office.story.until(|kind| matches!(kind, EventKind::LegRinging { .. })).await;
    let leg_id = office.story.legs(call_id).await[1];
    let order = CallCommand::Leg { call_id, leg_id, command: LegCommand::Answer };
    let refused = office.switch.command(order).await;
    assert!(matches!(refused, Err(SwitchError::Conflict(_))), "{refused:?}");
    a.cancel(&at_a).await;
}
