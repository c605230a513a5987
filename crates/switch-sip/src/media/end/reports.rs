//! How well RTP arrives at an end and at its party, and the reports of that (RTCP). Those of parties end here: see ADR 25.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use call::quality::{LegQuality, StreamQuality};
use rtcp::{Arrival, Heard};
use srtp::is_control;

use super::{Buffer, End, State};
use crate::{
    media::{
        counts::Fate,
        protection::Protection,
        rtp::{self, Header},
    },
    sdp::Codec,
};

/// Who reports (RFC 7022): the same for all streams of a process, so that sound and picture belong together.
static CNAME: LazyLock<String> = LazyLock::new(|| format!("{:024x}", rand::random::<u128>() >> 32));

impl End {
    /// Takes RTCP of the party, which reports on `stream`: reports are for the switch, and answered by its own; what
    /// else there is goes to whom the party talks with, as does all that the switch cannot read.
    pub(super) fn take_report(
        self: &Arc<Self>,
        stream: &Self,
        buffer: &mut Buffer,
        length: usize,
        now: Duration,
    ) -> Fate {
        let partner = self.state.lock().partner.upgrade();
        let Some(heard) = stream.state.lock().read_report(&buffer[..length], now) else {
            return partner.map_or(Fate::Unwanted, |partner| partner.give(self, buffer, length, now));
        };
        if heard == Heard::Report {
            self.send_report(stream, now);
        }
        let feedback = rtcp::feedback(&buffer[..length]);
        match partner.filter(|_| !feedback.is_empty()) {
            Some(partner) => partner.give_feedback(self, &feedback, buffer, now),
            None => Fate::Answered,
        }
    }

    /// Reports to the party on `stream`.
    fn send_report(&self, stream: &Self, now: Duration) {
        let report = stream.state.lock().report(now);
        let state = self.state.lock();
        if matches!(state.protection, Protection::WithRtp) {
            drop(state);
            stream.send(stream.state.lock(), report, now);
        } else {
            self.send(state, report, now);
        }
    }

    /// Sends feedback that came from `from` to the party, after a report: there is none without one (RFC 4585 section
    /// 3.1).
    fn give_feedback(&self, from: &Arc<Self>, feedback: &[u8], buffer: &mut Buffer, now: Duration) -> Fate {
        let Some(stream) = &self.reported else { return Fate::Unwanted };
        let mut datagram = stream.state.lock().report(now);
        datagram.extend_from_slice(feedback);
        match buffer.get_mut(..datagram.len()) {
            Some(place) => place.copy_from_slice(&datagram),
            None => return Fate::Unsendable,
        }
        self.give(from, buffer, datagram.len(), now)
    }
}

impl State {
    /// Notes how a packet of the party has come.
    pub(super) fn measure(&mut self, packet: &[u8], now: Duration) {
        let Some(Header { payload_type, sequence, timestamp, ssrc, .. }) = rtp_header(packet) else { return };
        let format = self.formats.of(payload_type).filter(|format| format.codec != Codec::TelephoneEvent);
        let rate = format.map_or(0, |format| format.rate);
        self.session.receive(Arrival { ssrc, sequence, timestamp, rate }, now);
    }

    /// Notes that the party is sent a packet.
    pub(super) fn count(&mut self, packet: &[u8]) {
        if let Some(header) = rtp_header(packet) {
            self.session.send(header.ssrc, packet.len() - rtp::HEADER);
        }
    }

    /// Takes RTCP of the party; `None` if that is encrypted from end to end.
    fn read_report(&mut self, datagram: &[u8], now: Duration) -> Option<Heard> {
        let clock = self.clock(now);
        (!self.formats.is_secured).then(|| self.session.read(datagram, clock))
    }

    /// A report for the party.
    fn report(&mut self, now: Duration) -> Vec<u8> {
        let clock = self.clock(now);
        self.session.report(clock, &CNAME, rand::random)
    }

    fn clock(&self, at: Duration) -> rtcp::Now {
        let (timestamp, rate) = self.outflow.clock(|payload_type| self.formats.rate(payload_type), at);
        rtcp::Now { at, timestamp, rate }
    }

    /// How well sound arrives here and at the party.
    pub(in crate::media) fn quality(&self) -> LegQuality {
        let rtcp::Quality { received, sent, round_trip } = self.session.quality();
        let stream =
            |rtcp::Tally { expected, lost, jitter }| StreamQuality { packets: expected, lost, jitter };
        LegQuality { received: received.map(stream), sent: sent.map(stream), round_trip }
    }
}

/// The header of a packet of RTP, and of nothing that has come in its place.
fn rtp_header(packet: &[u8]) -> Option<Header> {
    Header::read(packet).filter(|_| !is_control(packet))
}
