//! Trunks that ask who we are.

use std::sync::Arc;

use call::LegId;
use rsipstack::sip::{Request, Response};
use tokio::time::Instant;

use super::{Input, Session, leg::Line};
use crate::{
    dialog::Dialog,
    outgoing::{Outgoing, Retry},
};

impl Session {
    /// Sends the INVITE of an outgoing leg once more, with credentials, if the response asks for some that
    /// we have and it is the first to do so. Says whether it did.
    pub(super) fn log_in(&mut self, id: LegId, response: &Response) -> bool {
        if !matches!(response.status_code.code(), 401 | 407) {
            return false;
        }
        let is_sent =
            self.repeat_invite(id, Retry::Login, |dialog, invite| dialog.invite_again(invite, response));
        if !is_sent {
            return false;
        }
        let silence = self.core.config.trunk_silence;
        if let Some(hunt) = &mut self.hunt {
            hunt.silence_ends = Some(Instant::now() + silence);
        }
        true
    }

    /// Sends the INVITE of an outgoing leg once more, as `change` makes it; says whether that could be done,
    /// and was not for the same reason before.
    pub(super) fn repeat_invite(
        &mut self,
        id: LegId,
        reason: Retry,
        change: impl FnOnce(&mut Dialog, Request) -> Option<Request>,
    ) -> bool {
        let (stack, mailbox) = (self.core.stack.clone(), self.mailbox.clone());
        let Some(leg) = self.leg_mut(id) else { return false };
        let Line::Outgoing(first) = &leg.line else { return false };
        let Some(invite) = first.to_repeat(reason) else { return false };
        let again_for = [&first.again_for[..], &[reason]].concat();
        let Some(dialog) = leg.dialog_mut() else { return false };
        let Some(again) = change(dialog, invite) else { return false };
        let tell = move |response: Arc<Response>| mailbox.post(Input::Response { leg: id, response });
        let mut second = Outgoing::start(&stack, dialog, again, tell);
        second.again_for = again_for;
        leg.line = Line::Outgoing(second);
        true
    }
}
