//! What a voice says.

use std::{collections::VecDeque, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::UdpSocket,
    sync::watch,
    time::{MissedTickBehavior, interval},
};

use super::EVENTS;
use crate::tone::ToneStream;

/// From packet to packet.
const PACE: Duration = Duration::from_millis(20);
/// Samples in a packet.
const PACKET: u16 = 160;
/// Bytes of an RTP header.
const HEADER: usize = 12;
/// What PCMU has for silence.
const SILENT: u8 = 0xff;
/// Packets while a key is held down.
const HELD: u16 = 5;
/// Packets that tell that it was let go.
const ENDS: u16 = 3;
/// Packets of nothing but sound between two keys.
const PAUSE: u16 = 5;
const KEYS: &str = "0123456789*#ABCD";

/// What it is told, and how far it is.
#[derive(Debug, Default)]
pub(super) struct Mouth {
    pub(super) target: Option<SocketAddr>,
    pub(super) is_muted: bool,
    /// Keys to be pressed; the one that is being pressed stays until it is let go.
    pub(super) keys: VecDeque<char>,
    /// Packets so far.
    pub(super) said: u32,
    /// Packets since the first of the keys went down.
    step: u16,
    /// The number of the first of these.
    key_began: u32,
}

/// Says one packet each 20 ms, to whoever is the target.
pub(super) async fn speak(socket: Arc<UdpSocket>, mouth: watch::Sender<Mouth>, hertz: u32) {
    let ssrc = rand::random();
    let tone = ToneStream { ssrc, hertz: hertz.into() }.packet(0);
    let mut ticks = interval(PACE);
    // What could not be said in time is lost, as with a real phone.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let began = ticks.tick().await;
    loop {
        let elapsed = ticks.tick().await - began;
        let number = u32::try_from(elapsed.as_millis() / PACE.as_millis()).expect("a short call");
        let mut order = None;
        mouth.send_modify(|mouth| order = mouth.target.map(|target| (target, mouth.next(&tone, number))));
        if let Some((target, packet)) = order {
            // Whoever it was sent to may have gone.
            let _ = socket.send_to(&packet, target).await;
        }
    }
}

impl Mouth {
    /// The packet with this number.
    fn next(&mut self, tone: &[u8], number: u32) -> Vec<u8> {
        self.said += 1;
        let mut packet = tone.to_vec();
        packet[2..4].copy_from_slice(&number.to_be_bytes()[2..]);
        packet[4..8].copy_from_slice(&time(number));
        if let Some(event) = self.event(number) {
            packet.truncate(HEADER);
            packet[1] = EVENTS;
            packet[4..8].copy_from_slice(&time(self.key_began));
            packet.extend(event);
        } else if self.is_muted {
            packet[HEADER..].fill(SILENT);
        }
        packet
    }

    /// The payload if a key is down or was just let go (RFC 4733 section 2.3).
    fn event(&mut self, number: u32) -> Option<[u8; 4]> {
        let code = u8::try_from(KEYS.find(*self.keys.front()?).expect("a key")).expect("one of 16");
        if self.step == HELD + ENDS + PAUSE {
            (self.step, _) = (0, self.keys.pop_front());
            return None;
        }
        if self.step == 0 {
            self.key_began = number;
        }
        self.step += 1;
        let is_over = self.step > HELD;
        let [high, low] = (self.step.min(HELD) * PACKET).to_be_bytes();
        (self.step <= HELD + ENDS).then_some([code, if is_over { 0x8a } else { 10 }, high, low])
    }
}

fn time(number: u32) -> [u8; 4] {
    number.wrapping_mul(PACKET.into()).to_be_bytes()
}
