//! Having a phone answer by itself: it is called with what phones know as the wish to do so (RFC 5373, and the
//! older `answer-after` and `Alert-Info`). One that rings already is called once more beside that: it rings on if
//! it does not do so.

use std::{sync::Arc, time::Duration};

use call::LegId;
use rsipstack::sip::{
    Header, Method, Response, StatusCodeKind,
    headers::{AlertInfo, CallInfo},
};
use switch::SwitchError;
use tokio::time::Instant;

use super::{
    Input, Session,
    hunt::Purpose,
    leg::{Leg, Line},
    reliable::Heard,
};
use crate::{
    dialog::Dialog,
    dialogs::{Entry, Parting},
    outgoing::{Outgoing, Unwanted},
    reason::Reason,
};

/// How long a phone may take to answer by itself.
const PATIENCE: Duration = Duration::from_secs(2);

/// The second INVITE to a phone that rings.
pub(super) struct Prompt {
    line: Outgoing,
    dialog: Dialog,
    entry: Arc<Entry>,
    ends_at: Instant,
}

impl Session {
    /// Has the ringing phone of leg `id` answer. One that has answered, or is being told so, is left alone.
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
        if !leg.is_answered() && !first.is_answered() && leg.prompt.is_none() {
            self.prompt(id);
        }
        Ok(())
    }

    /// Calls the phone of a leg once more, in a dialog of its own.
    fn prompt(&mut self, id: LegId) {
        let Some(hunt) = &self.hunt else { return };
        let (partner, offer) = (hunt.partner, hunt.offer.clone());
        let offer = partner.map_or(Ok(offer.clone()), |partner| self.pass(partner, id, offer));
        let Some(Line::Outgoing(first)) = self.leg(id).map(|leg| &leg.line) else { return };
        let target = first.target().clone();
        let (Ok(offer), Some(dialog)) = (offer, self.leg(id).and_then(Leg::dialog)) else { return };
        let mut dialog = dialog.anew(target);
        let mut invite = dialog.request(Method::Invite, self.setting.max_forwards, offer);
        self.complete_invite(&mut invite);
        invite.headers.extend(answer_by_itself(dialog.flow.host()));
        let mailbox = self.mailbox.clone();
        let line = Outgoing::start(&self.core.stack, &dialog, invite, move |response| {
            mailbox.post(Input::Prompted { leg: id, response });
        });
        let entry = self.core.dialogs.add(dialog.tag, dialog.call_id.clone(), id, self.mailbox.clone());
        if let Some(leg) = self.leg_mut(id) {
            leg.prompt = Some(Prompt { line, dialog, entry, ends_at: Instant::now() + PATIENCE });
        }
    }

    /// A response to that INVITE.
    pub(super) fn on_prompted(&mut self, id: LegId, response: &Response) {
        match response.status_code.kind() {
            StatusCodeKind::Provisional => {}
            StatusCodeKind::Successful => self.take_prompted(id, response),
            _ => self.drop_prompt(id),
        }
    }

    /// The phone has answered by itself: that is its leg's dialog now, and it rings no more.
    fn take_prompted(&mut self, id: LegId, response: &Response) {
        let Some(leg) = self.leg_mut(id).filter(|leg| leg.is_pending()) else { return };
        let Some(Prompt { line, dialog, entry, .. }) = leg.prompt.take() else { return };
        let old = leg.dialog_mut().map(|old| std::mem::replace(old, dialog));
        let first = std::mem::replace(&mut leg.line, Line::Outgoing(line));
        leg.entry = entry;
        leg.heard = Heard::default();
        if let (Line::Outgoing(first), Some(old)) = (first, old) {
            self.abandon(&first, old);
        }
        self.on_response(id, response);
    }

    /// The phone does not answer by itself, or need not any more.
    pub(super) fn drop_prompt(&mut self, id: LegId) {
        let Some(Prompt { line, dialog, .. }) = self.leg_mut(id).and_then(|leg| leg.prompt.take()) else {
            return;
        };
        self.abandon(&line, dialog);
    }

    /// Cancels one of two INVITEs to a phone, which shall not take the call for a missed one.
    fn abandon(&self, line: &Outgoing, dialog: Dialog) {
        let farewell = Some(self.core.dialogs.part(dialog.tag, Parting::Ours));
        line.abandon(Unwanted { dialog, farewell, reason: Some(Reason::answered_elsewhere()) });
    }

    /// When the first of the phones that were told to answer has had its time.
    pub(super) fn prompts_end(&self) -> Option<Instant> {
        self.legs.iter().filter_map(|leg| leg.prompt.as_ref()).map(|prompt| prompt.ends_at).min()
    }

    /// Lets phones that do not answer by themselves ring on.
    pub(super) fn watch_prompts(&mut self, now: Instant) {
        let is_over = |leg: &&Leg| leg.prompt.as_ref().is_some_and(|prompt| now >= prompt.ends_at);
        let over: Vec<_> = self.legs.iter().filter(is_over).map(|leg| leg.id).collect();
        over.into_iter().for_each(|id| self.drop_prompt(id));
    }

    /// What an INVITE to a phone says besides where a program has it rung first: whoever asked for the call is
    /// there. Where several are rung, it is not known at which.
    pub(super) fn wish_to_answer(&self, purpose: Purpose, contacts: usize, host: &str) -> Vec<Header> {
        match purpose {
            Purpose::First if contacts == 1 => answer_by_itself(host),
            Purpose::First | Purpose::Called | Purpose::Transfer | Purpose::Retrieval => Vec::new(),
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
