//! What an end does with codecs: it makes what a partner sends what its party takes, and speaks by what that takes.

use std::{sync::Arc, time::Duration};

use super::{Channel, End, State};
use crate::media::{speaker::Speaker, transcoders::Transcoders, translation::Translation};

impl End {
    /// Makes what the partner sends what the party takes, if it is not, as both have described it.
    pub(in crate::media) fn translate(&self, partner: &Self) {
        let sent = partner.state.lock().formats.sent();
        let mut state = self.state.lock();
        let former = state.translation.take();
        let was_made = former.is_some();
        state.translation = Translation::renewed(former, &sent, &state.formats, &self.transcoders);
        if state.translation.is_some() != was_made {
            state.outflow.cut();
        }
    }

    /// Whether the switch can speak to the party now.
    pub(in crate::media) fn can_speak(&self) -> bool {
        let mut state = self.state.lock();
        let Some((_, codec)) = state.formats.voice() else { return false };
        state.speaker(codec, &self.transcoders).is_some()
    }
}

impl State {
    /// The packets for the party that come of one of its partner's, if that is not what it takes.
    pub(super) fn translate(&mut self, packet: &[u8], now: Duration) -> Option<Vec<Vec<u8>>> {
        let translation = self.translation.as_mut()?;
        let was_at_work = translation.is_at_work();
        let made = translation.take(packet);
        if translation.is_at_work() != was_at_work {
            self.outflow.cut();
        }
        let mut packets = made?;
        // They are counted when they are sent.
        packets.retain_mut(|packet| self.outflow.pass(packet, |number| self.formats.rate(number), now));
        packets.iter().for_each(|packet| self.record(Channel::Right, packet));
        Some(packets)
    }

    /// What says sounds to the party by a codec; `None` if there is no room for it.
    pub(super) fn speaker(
        &mut self,
        codec: codec::Codec,
        transcoders: &Arc<Transcoders>,
    ) -> Option<&mut Speaker> {
        if self.speaker.as_ref().is_none_or(|speaker| !speaker.speaks(codec)) {
            self.speaker = None;
            self.speaker = Speaker::new(codec, transcoders);
        }
        self.speaker.as_mut()
    }

    /// Whether the party gets its stream as its partner has sent it.
    pub(super) fn is_as_sent(&self) -> bool {
        !self.outflow.is_spliced() && self.translation.is_none()
    }
}
