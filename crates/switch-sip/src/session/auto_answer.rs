//! Having a ringing phone answer by itself: it is called once more, with what phones know as the wish to do
//! so (RFC 5373, and the older `answer-after` and `Alert-Info`).

use call::LegId;
use rsipstack::sip::{
    Header, Method,
    headers::{AlertInfo, CallInfo},
};
use switch::SwitchError;

use super::{
    Input, Session,
    leg::{Leg, Line},
    reliable::Heard,
};
use crate::{
    dialog::Dialog,
    outgoing::{Outgoing, Unwanted},
    reason::Reason,
    task::launch,
};

impl Session {
    /// Has the ringing phone of leg `id` answer. One that has answered, or was told so before, is left alone.
    pub(super) fn auto_answer(&mut self, id: LegId) -> Result<(), SwitchError> {
        let leg = self.leg(id).ok_or(SwitchError::NotFound)?;
        let Line::Outgoing(first) = &leg.line else {
            return match leg.is_answered() {
                true => Ok(()),
                false => Err(SwitchError::Conflict("the leg's party calls, and is not called")),
            };
        };
        if leg.party.endpoint.device().is_none() && !leg.is_answered() {
            return Err(SwitchError::Conflict("only a phone can be made to answer"));
        }
        if leg.is_answered() || first.is_answered() || leg.is_told_to_answer {
            return Ok(());
        }
        self.withdraw(id);
        Ok(())
    }

    /// Cancels the INVITE of a leg. The phone is called again once it is done with that.
    fn withdraw(&mut self, id: LegId) {
        let (mailbox, tasks) = (self.mailbox.clone(), self.core.stack.tasks.clone());
        let Some(leg) = self.leg_mut(id) else { return };
        leg.is_told_to_answer = true;
        if let (Line::Outgoing(first), Some(dialog)) = (&leg.line, leg.dialog()) {
            first.abandon(Unwanted {
                dialog: dialog.clone(),
                farewell: None,
                // It shall not take the call for a missed one.
                reason: Some(Reason::answered_elsewhere()),
            });
            let is_final = first.is_final();
            launch(&tasks, async move {
                is_final.cancelled().await;
                mailbox.post(Input::CallAgain(id));
            });
        }
    }

    /// Sends an INVITE that asks for an answer, in the same dialog.
    pub(super) fn call_to_answer(&mut self, id: LegId) {
        let Some(hunt) = self.hunt.as_ref().filter(|_| self.leg(id).is_some_and(Leg::is_pending)) else {
            return;
        };
        let (partner, offer) = (hunt.partner, hunt.offer.clone());
        let offer = partner.map_or(Ok(offer.clone()), |partner| self.pass(partner, id, offer));
        let (stack, mailbox, hops) =
            (self.core.stack.clone(), self.mailbox.clone(), self.setting.max_forwards);
        let (Ok(offer), Some(leg)) = (offer, self.leg_mut(id)) else { return };
        let Some(dialog) = leg.dialog_mut() else { return };
        let mut invite = dialog.request(Method::Invite, hops, offer);
        let dialog: Dialog = dialog.clone();
        self.complete_invite(&mut invite);
        invite.headers.extend(answer_by_itself(dialog.flow.host()));
        let second = Outgoing::start(&stack, &dialog, invite, move |response| {
            mailbox.post(Input::Response { leg: id, response });
        });
        if let Some(leg) = self.leg_mut(id) {
            leg.line = Line::Outgoing(second);
            leg.heard = Heard::default();
        }
    }
}

/// The headers by which phones of different makers are asked to answer at once.
fn answer_by_itself(host: &str) -> Vec<Header> {
    vec![
        Header::CallInfo(CallInfo::new(format!("<sip:{host}>;answer-after=0"))),
        Header::AlertInfo(AlertInfo::new("<http://127.0.0.1>;info=alert-autoanswer;delay=0")),
        Header::Other("Answer-Mode".to_owned(), "Auto".to_owned()),
    ]
}
