//! What the switch and one party report to each other of one stream.

use std::time::Duration;

use crate::{
    Arrival, Quality, Reception, Transmission, middle, ntp,
    packets::{Packet, Report, Sending, packets},
};

/// Our reports are at least so far apart.
pub const LEAST_INTERVAL: Duration = Duration::from_secs(1);

/// What is sent and received of one stream, and what is reported of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Session {
    reception: Reception,
    transmission: Transmission,
    /// The time of the party's latest report by its clock, and by ours.
    heard: Option<(u32, Duration)>,
    reported_at: Option<Duration>,
    /// Who we are while we send nothing.
    ssrc: Option<u32>,
}

/// What a datagram of the party's was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A report: it is time for ours, too.
    Report,
    /// The same, but ours was sent just now.
    Soon,
    /// None.
    Nothing,
}

/// The stream that the party is sent, at the time of a report.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// The time.
    pub at: Duration,
    /// The timestamp that a packet of that time has.
    pub timestamp: u32,
    /// Timestamp units in a second.
    pub rate: u32,
}

impl Session {
    /// Takes in a packet of the party's.
    pub fn receive(&mut self, arrival: Arrival, now: Duration) {
        self.reception.receive(arrival, now);
    }

    /// Counts a packet that the party is sent, with so many octets of payload.
    pub fn send(&mut self, ssrc: u32, octets: usize) {
        self.transmission.send(ssrc, octets);
    }

    /// How well it goes.
    pub fn quality(&self) -> Quality {
        Quality {
            received: self.reception.tally(),
            sent: self.transmission.tally(),
            round_trip: self.transmission.round_trip(),
        }
    }

    /// Takes a datagram of the party's.
    pub fn read(&mut self, datagram: &[u8], now: Now) -> Heard {
        let mut has_report = false;
        for packet in packets(datagram) {
            if let Packet::Sender { ntp, .. } = packet {
                self.heard = Some((middle(ntp), now.at));
            }
            for verdict in packet.verdicts() {
                self.transmission.judge(verdict, now.rate, middle(ntp(now.at)));
            }
            has_report |= matches!(packet, Packet::Sender { .. } | Packet::Receiver(_));
        }
        match self.reported_at {
            _ if !has_report => Heard::Nothing,
            Some(at) if now.at < at + LEAST_INTERVAL => Heard::Soon,
            _ => Heard::Report,
        }
    }

    /// A report of ours, as a datagram. `cname` is who we are, `ssrc` our number while we send nothing.
    pub fn report(&mut self, now: Now, cname: &str, ssrc: impl FnOnce() -> u32) -> Vec<u8> {
        self.reported_at = Some(now.at);
        let ntp = ntp(now.at);
        let sent = self.transmission.sent();
        let sending = sent.map(|(_, packets, octets)| {
            self.transmission.reported(middle(ntp));
            Sending { ntp, timestamp: now.timestamp, packets, octets }
        });
        let ssrc = sent.map_or_else(|| *self.ssrc.get_or_insert_with(ssrc), |(ssrc, ..)| ssrc);
        let (last_report, delay) = self.heard.map_or((0, 0), |(at, came)| (at, since(came, now.at)));
        Report { ssrc, sending, block: self.reception.report(), last_report, delay }.write(cname)
    }
}

/// How long ago that was, in 1/65536 s.
fn since(then: Duration, now: Duration) -> u32 {
    middle(ntp(now.saturating_sub(then)))
}
