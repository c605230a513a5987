//! Trunks that ask who we are.

use std::sync::Arc;

use call::LegId;
use rsipstack::sip::Response;
use tokio::time::Instant;

use super::{Input, Session, leg::Line};
use crate::outgoing::Outgoing;

impl Session {
    /// Sends the INVITE of an outgoing leg once more, with credentials, if the response asks for some that
    /// we have and it is the first to do so. Says whether it did.
    pub(super) fn log_in(&mut self, id: LegId, response: &Response) -> bool {
        if !matches!(response.status_code.code(), 401 | 407) {
            return false;
        }
        let (stack, mailbox) = (self.core.stack.clone(), self.mailbox.clone());
        let Some(leg) = self.leg_mut(id) else { return false };
        let Line::Outgoing(first) = &mut leg.line else { return false };
        let Some(invite) = first.take_invite() else { return false };
        let Some(dialog) = leg.dialog_mut() else { return false };
        let Some(again) = dialog.invite_again(invite, response) else { return false };
        let tell = move |response: Arc<Response>| mailbox.post(Input::Response { leg: id, response });
        let mut second = Outgoing::start(&stack, dialog, again, tell);
        second.take_invite();
        leg.line = Line::Outgoing(second);
        let silence = self.core.config.trunk_silence;
        if let Some(hunt) = &mut self.hunt {
            hunt.silence_ends = Some(Instant::now() + silence);
        }
        true
    }
}
