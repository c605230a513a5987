//! Having a phone answer by itself: it is called with what phones know as the wish to do so (RFC 5373). One that
//! rings already is called once more beside that: it rings on if it does not do so.

use std::time::Duration;

use call::LegId;

use super::{Call, Phase};
use crate::{
    Context, Refusal,
    input::LegInput,
    leg::{
        BegunBy, Called, Leg, Party, Phase as LegPhase, Prompt,
        closing::{Closing, Stage},
        early::Early,
        reliable::Heard,
    },
    message::{ClientTx, Reasons, Response},
    output::Output,
};

/// How long a phone may take to answer by itself.
const PATIENCE: Duration = Duration::from_secs(2);

impl Call {
    /// Whether those who are rung now are asked to answer at once, so many of them: where a program has one rung
    /// first, whoever asked for the call is there. Of several, it is not known which.
    pub(super) fn asks_to_answer(&self, count: usize) -> bool {
        matches!(self.phase, Phase::Placing { .. }) && count == 1
    }

    /// Has the ringing phone of leg `id` answer. One that has answered, or is being told so, is left alone.
    pub(super) fn auto_answer(&mut self, id: LegId, cx: &mut Context<'_>) -> Result<(), Refusal> {
        let leg = self.leg(id).ok_or(Refusal::NotFound)?;
        match &leg.phase {
            LegPhase::Up(_) => Ok(()),
            LegPhase::Calling(_) => Err(Refusal::Conflict("the leg's party calls, and is not called")),
            LegPhase::Called(_) if self.is_trunk(id) => {
                Err(Refusal::Conflict("only a phone can be made to answer"))
            }
            LegPhase::Called(called) => {
                if called.prompt.is_none() {
                    self.prompt(id, cx);
                }
                Ok(())
            }
            LegPhase::Closing(_) => Err(Refusal::NotFound),
        }
    }

    /// Calls the phone of a leg once more, in a dialog of its own.
    fn prompt(&mut self, id: LegId, cx: &mut Context<'_>) {
        let Some((callee, mut invite)) = self.invite_anew(id, cx) else { return };
        invite.answers_itself = true;
        let (leg, transaction) = (cx.world.leg_id(self.clock.at(cx.now)), cx.next_tx());
        cx.push(Output::Invite { leg, transaction, callee, invite: Box::new(invite) });
        if let Some(called) = self.leg_mut(id).and_then(Leg::called_mut) {
            let until = cx.now.monotonic + PATIENCE;
            called.prompt = Some(Prompt { leg, invite: transaction, until, hung_up: Vec::new() });
        }
    }

    /// Something happens in the dialog of such an INVITE.
    pub(super) fn on_prompted(&mut self, prompted: LegId, event: LegInput, cx: &mut Context<'_>) {
        let is_meant = |called: &Called| called.prompt.as_ref().is_some_and(|prompt| prompt.leg == prompted);
        let Some(id) = self.legs.iter().find(|leg| leg.called().is_some_and(is_meant)).map(|leg| leg.id)
        else {
            return;
        };
        match event {
            LegInput::Response(_, response) if response.is_provisional() => {}
            LegInput::Response(_, response) if response.is_success() => {
                self.take_prompted(id, response, cx);
            }
            LegInput::Response(..) => {
                self.take_prompt(id);
                cx.push(Output::Forget { leg: prompted });
            }
            LegInput::EarlyBye(tx, fork, reasons) => {
                cx.respond(prompted, tx, Response::of(200));
                let called = self.leg_mut(id).and_then(Leg::called_mut);
                if let Some(prompt) = called.and_then(|called| called.prompt.as_mut()) {
                    prompt.hung_up.truncate(super::requests::MOST_FORKS - 1);
                    prompt.hung_up.push((fork, reasons));
                }
            }
            LegInput::Request(tx, _) => cx.respond(prompted, tx, Response::of(481)),
            _ => {}
        }
    }

    /// The phone has answered by itself: that is its leg's dialog now, and it rings no more.
    fn take_prompted(&mut self, id: LegId, response: Response, cx: &mut Context<'_>) {
        let Some(prompt) = self.take_prompt(id) else { return };
        let Some(called) = self.leg_mut(id).and_then(Leg::called_mut) else { return };
        let first = std::mem::replace(&mut called.invite, prompt.invite);
        (called.heard, called.hung_up, called.early) = (Heard::default(), prompt.hung_up, Early::Open);
        cx.push(Output::Swap { leg: id, other: prompt.leg });
        self.give_up_invite(id, (prompt.leg, first), cx);
        self.on_called_response(id, prompt.invite, response, cx);
    }

    fn take_prompt(&mut self, id: LegId) -> Option<Prompt> {
        self.leg_mut(id)?.called_mut()?.prompt.take()
    }

    /// The phone does not answer by itself, or need not any more.
    pub(super) fn drop_prompt(&mut self, id: LegId, cx: &mut Context<'_>) {
        if let Some(Prompt { leg, invite, .. }) = self.take_prompt(id) {
            self.give_up_invite(id, (leg, invite), cx);
        }
    }

    /// Lets a phone that does not answer by itself ring on.
    pub(super) fn watch_prompt(&mut self, id: LegId, cx: &mut Context<'_>) {
        let called = self.leg(id).and_then(Leg::called);
        let prompt = called.and_then(|called| called.prompt.as_ref());
        if prompt.is_some_and(|prompt| cx.now.monotonic >= prompt.until) {
            self.drop_prompt(id, cx);
        }
    }

    /// Cancels one of the two INVITEs to the phone of a leg, which shall not take the call for a missed one.
    fn give_up_invite(&mut self, of: LegId, (id, invite): (LegId, ClientTx), cx: &mut Context<'_>) {
        let Some(party) = self.leg(of).map(|leg| leg.party.clone()) else { return };
        let reasons = Reasons::completed_elsewhere();
        cx.push(Output::Cancel { leg: id, transaction: invite, reasons: reasons.clone() });
        let closing = Closing::new(Stage::Cancelling { invite, reasons }, cx.timing());
        self.legs.push(closed(id, party, closing));
    }
}

/// A leg of which only the dialog is left.
fn closed(id: LegId, party: Party, closing: Closing) -> Leg {
    let (begun_by, phase) = (BegunBy::Us, LegPhase::Closing(closing));
    Leg { id, party, begun_by, theirs: None, ours: None, takes_update: None, phase }
}
