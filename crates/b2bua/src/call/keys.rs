//! Keys that parties are sent: in RTP (RFC 4733), or by INFO.

use call::{LegId, command::Digits};

use super::{Call, sound::DIRECT};
use crate::{
    Context, Refusal,
    leg::{Confirmed, Leg},
    message::{ClientTx, Request},
    output::Media,
    sdp::Sdp,
};

impl Call {
    /// Sends keys to the party of leg `id`: in RTP if it has agreed on that, else by INFO.
    pub(super) fn send_digits(
        &mut self,
        id: LegId,
        digits: &Digits,
        cx: &mut Context<'_>,
    ) -> Result<(), Refusal> {
        let Some(leg) = self.leg_mut(id).filter(|leg| leg.is_up()) else {
            return Err(Refusal::Conflict("the leg is not answered"));
        };
        let takes_keys = leg.theirs.as_ref().is_some_and(|sdp| sdp.takes_keys() && !sdp.is_secured());
        match (takes_keys, cx.is_direct()) {
            (true, true) => return Err(DIRECT),
            (true, false) => cx.media(Media::Press(id, digits.clone())),
            (false, _) => {
                if let Some(up) = leg.up_mut() {
                    up.keys.extend(digits.as_str());
                }
                self.send_keys(id, cx);
            }
        }
        Ok(())
    }

    /// Sends the next key by INFO, if it may go. Before its ACK, a caller may not have got our answer yet.
    pub(super) fn send_keys(&mut self, id: LegId, cx: &mut Context<'_>) {
        let now = cx.now.monotonic;
        let up = self.leg_mut(id).and_then(Leg::up_mut);
        let Some(up) = up.filter(|up| !matches!(up.confirmed, Confirmed::AwaitingAck { .. })) else { return };
        if let Some(body) = up.keys.next(now) {
            let info = cx.request(id, Request::Info(body));
            up.keys.sent(info);
        }
    }

    /// The party has answered an INFO.
    pub(super) fn on_key_sent(&mut self, id: LegId, tx: ClientTx, cx: &mut Context<'_>) {
        if let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) {
            up.keys.answered(tx, cx.now.monotonic);
        }
    }

    /// Whether the switch itself can speak on a leg; if not, why.
    pub(super) fn speaking(&self, id: LegId, cx: &Context<'_>) -> Result<(), Refusal> {
        let leg = self.leg(id).filter(|leg| leg.is_up());
        let leg = leg.ok_or(Refusal::Conflict("the leg is not answered"))?;
        if cx.is_direct() {
            return Err(DIRECT);
        }
        match leg.theirs.as_ref().is_some_and(Sdp::is_speakable) {
            true => Ok(()),
            false => Err(Refusal::Conflict(
                "the leg has agreed on neither PCMU nor PCMA, or its media is encrypted",
            )),
        }
    }
}
