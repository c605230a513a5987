//! Parties that have vanished: whoever should be heard and sends neither RTP nor RTCP for too long. Who need not
//! be heard, since its media goes past the switch or it is on hold or parked, is asked whether it is there when
//! it has sent no SIP for as long.

use std::time::Duration;

use call::LegId;

use super::{Call, Phase};
use crate::{
    Context,
    leg::{Leg, keep_alive::KeepAlive},
    message::{ClientTx, Request, Response},
};

/// When media was last seen to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    /// Since then the parties that talk now may be expected to be heard.
    flowing_since: Duration,
    /// Nobody can have been silent for too long before; `None` while nobody is to be heard.
    next: Option<Duration>,
}

impl Watch {
    pub(super) const fn start(now: Duration) -> Self {
        Self { flowing_since: now, next: None }
    }

    /// Who hears whom has changed.
    pub(super) fn restart(&mut self, now: Duration) {
        *self = Self { flowing_since: now, next: Some(now) };
    }
}

impl Call {
    /// When parties are next to be looked at.
    pub(super) fn watch_ends(&self) -> Option<Duration> {
        self.watch.next.filter(|_| !matches!(self.phase, Phase::Ending))
    }

    /// Ends the call of a party that has been silent for too long.
    pub(super) fn watch_media(&mut self, cx: &mut Context<'_>) {
        let now = cx.now.monotonic;
        if self.watch_ends().is_none_or(|ends| now < ends) {
            return;
        }
        self.watch.next = None;
        let Some(limit) = cx.settings.silence_timeout.filter(|_| !cx.is_direct()) else { return };
        let talking = self.legs.iter().filter(|leg| self.should_be_heard(leg)).map(|leg| leg.id);
        let longest = talking.map(|leg| (self.silence_of(leg, cx), leg)).max();
        let Some((silence, leg)) = longest else { return };
        if silence >= limit {
            return self.on_breakdown(leg, cx);
        }
        self.watch.next = Some(now + (limit - silence).max(Duration::from_millis(1)));
    }

    /// The party of an answered leg was heard of.
    pub(super) fn note_alive(&mut self, id: LegId, cx: &Context<'_>) {
        let interval = cx.settings.silence_timeout;
        if let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) {
            up.keep_alive = KeepAlive::rest(interval, cx.now.monotonic);
        }
    }

    /// Asks a party that was not heard of for long whether it is there, unless its media tells.
    pub(super) fn watch_keep_alive(&mut self, id: LegId, cx: &mut Context<'_>) {
        let now = cx.now.monotonic;
        let Some(leg) = self.leg(id).filter(|leg| leg.up().is_some_and(|up| up.keep_alive.is_due(now)))
        else {
            return;
        };
        if !cx.is_direct() && self.should_be_heard(leg) {
            return self.note_alive(id, cx);
        }
        let options = cx.request(id, Request::Options);
        if let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) {
            up.keep_alive.ask(options);
        }
    }

    /// The answer to that; or to something else.
    pub(super) fn on_keep_alive(
        &mut self,
        id: LegId,
        tx: ClientTx,
        response: &Response,
        cx: &mut Context<'_>,
    ) {
        let (interval, now) = (cx.settings.silence_timeout, cx.now.monotonic);
        let up = self.leg_mut(id).and_then(Leg::up_mut).filter(|up| up.keep_alive.is_asked(tx));
        if up.is_some_and(|up| up.keep_alive.hear(response, interval, now)) {
            self.on_breakdown(id, cx);
        }
    }

    /// Whether a leg talks with another and neither holds the other.
    fn should_be_heard(&self, leg: &Leg) -> bool {
        let talks = |leg: &Leg| leg.is_up() && !leg.holds();
        talks(leg) && self.peer_of(leg.id).and_then(|peer| self.leg(peer)).is_some_and(talks)
    }

    fn silence_of(&self, leg: LegId, cx: &Context<'_>) -> Duration {
        let expected = cx.now.monotonic.saturating_sub(self.watch.flowing_since);
        cx.world.silent_for(leg).map_or(expected, |silence| silence.min(expected))
    }
}
