//! A call between `a` and `b` that is answered.

use call::{CallCommand, CallId, EventKind, LegId, command::LegCommand};
use switch::{Switch, SwitchError};

use super::{
    Agent, Office,
    agent::{Dialog, SDP},
    message::content,
};

/// A call that is up, and its parties.
pub struct Talk {
    pub call_id: CallId,
    pub caller: LegId,
    pub called: LegId,
    pub a: Agent,
    pub b: Agent,
    /// The call as `a` sees it.
    pub at_a: Dialog,
    /// The call as `b` sees it.
    pub at_b: Dialog,
}

/// The session description of `b`.
pub fn sdp_of_b() -> String {
    SDP.replace("4000", "5000")
}

/// The session description of a third party.
pub fn sdp_of_c() -> String {
    SDP.replace("4000", "6000")
}

impl Talk {
    /// `a` calls `b`, which answers.
    pub async fn begin(office: &Office) -> Self {
        let (a, b) = (office.registered("a").await, office.registered("b").await);
        let mut at_a = a.call("1002", SDP).await;
        let invite = b.expect("INVITE").await;
        b.reply(&invite, "200 OK", &sdp_of_b()).await;
        a.expect_answer(&mut at_a).await;
        b.expect("ACK").await;
        let at_b = b.dialog_of(&invite);
        let call_id = office.story.until(|kind| matches!(kind, EventKind::LegsBridged { .. })).await;
        let legs = office.story.legs(call_id).await;
        Self { call_id, caller: legs[0], called: legs[1], a, b, at_a, at_b }
    }

    /// Tells the switch to do something to one of its legs.
    pub async fn command(
        &self,
        office: &Office,
        leg_id: LegId,
        command: LegCommand,
    ) -> Result<(), SwitchError> {
        office.switch.command(CallCommand::Leg { call_id: self.call_id, leg_id, command }).await
    }

    /// What is told of the call once it is over, from after it was bridged.
    pub async fn rest(&self, office: &Office) -> Vec<String> {
        office.story.next().await.split_off(7)
    }
}

impl Agent {
    /// Expects a re-INVITE with this session description, and answers with its own.
    pub async fn expect_offer(&self, offer: &str, answer: &str) {
        let invite = self.expect("INVITE").await;
        assert_eq!(content(&invite.body), content(offer));
        assert!(invite.tag_of("To").is_some(), "in the dialog that is there");
        self.reply(&invite, "200 OK", answer).await;
        self.expect("ACK").await;
    }

    /// Expects an answer that makes the offer, and acknowledges it with its own answer; gives the offer.
    pub async fn expect_offer_in_answer(&self, dialog: &mut Dialog, answer: &str) -> String {
        let offer = self.expect_status(200).await;
        dialog.remote = offer.header("To").to_owned();
        dialog.target = offer.uri_of("Contact").to_owned();
        self.acknowledge(dialog, answer).await;
        offer.body
    }

    /// Expects a NOTIFY of a referral (RFC 3515), and takes it.
    pub async fn expect_notify(&self, status: &str, state: &str) {
        let notify = self.expect("NOTIFY").await;
        assert_eq!(notify.header("Event"), "refer");
        assert!(notify.header("Content-Type").starts_with("message/sipfrag"));
        assert!(notify.header("Subscription-State").starts_with(state), "{notify:#?}");
        assert_eq!(notify.body, format!("SIP/2.0 {status}\r\n"));
        self.reply(&notify, "200 OK", "").await;
    }
}
