//! What a voice is sent, packet by packet.

use std::{net::SocketAddr, ops::RangeInclusive, sync::Arc};

use tokio::{net::UdpSocket, sync::watch};

use super::EVENTS;
use crate::{heard::power_of, tone::samples};

/// Bytes of an RTP header without CSRC list.
const HEADER: usize = 12;
/// What stands in an event's payload for each key, by its place here.
const KEYS: &[u8; 16] = b"0123456789*#ABCD";
/// The loudest sample.
const FULL: f64 = 32_768.0;
/// Below this power a packet is silent; the loudest tone has 0.5.
const SILENCE: f64 = 1e-5;
/// The part of a packet's power that its tone must have.
const CLEAR: f64 = 0.9;
/// The tones that are known: whole hundreds of hertz.
const TONES: RangeInclusive<u32> = 100..=2_000;

/// What a packet holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// A tone of so many hertz.
    Tone(u32),
    /// Nothing.
    Silence,
    /// Anything else.
    Other,
}

/// What came so far.
#[derive(Debug, Default)]
pub(super) struct Ear {
    /// Where packets may come from; any place before one is known.
    speakers: Vec<SocketAddr>,
    packets: Vec<(SocketAddr, Vec<u8>)>,
    sounds: Vec<Sound>,
    keys: String,
    latest_key: Option<[u8; 4]>,
}

/// Keeps all that comes.
pub(super) async fn listen(socket: Arc<UdpSocket>, ear: watch::Sender<Ear>) {
    let mut buffer = [0; 2_048];
    while let Ok((length, source)) = socket.recv_from(&mut buffer).await {
        let packet = &buffer[..length];
        ear.send_modify(|ear| ear.take(source, packet));
    }
}

impl Ear {
    /// Listens to this one, and to nobody who is not known so: a packet for whoever had the port before is
    /// none of ours.
    pub(super) fn listen_to(&mut self, speaker: SocketAddr) {
        self.speakers.push(speaker);
        let packets = std::mem::take(&mut self.packets);
        self.packets = packets.into_iter().filter(|(source, _)| self.speakers.contains(source)).collect();
        self.sounds = self.packets.iter().map(|(_, packet)| sound(packet)).collect();
    }

    fn take(&mut self, source: SocketAddr, packet: &[u8]) {
        if !self.speakers.is_empty() && !self.speakers.contains(&source) {
            return;
        }
        match packet.get(1).map(|byte| byte & 0x7f) {
            Some(EVENTS) if packet.len() >= HEADER + 4 => self.take_key(packet),
            Some(0 | 8) if packet.len() > HEADER => {
                self.sounds.push(sound(packet));
                self.packets.push((source, packet.to_vec()));
            }
            _ => {}
        }
    }

    /// A key counts once, by the time that all its packets carry.
    fn take_key(&mut self, packet: &[u8]) {
        let time: [u8; 4] = packet[4..8].try_into().expect("four bytes");
        let key = KEYS.get(usize::from(packet[HEADER]));
        if self.latest_key.replace(time) != Some(time) {
            self.keys.push(key.map_or('?', |key| char::from(*key)));
        }
    }

    pub(super) fn sounds(&self) -> &[Sound] {
        &self.sounds
    }

    pub(super) fn keys(&self) -> &str {
        &self.keys
    }

    pub(super) fn samples(&self, packets: usize) -> Vec<i16> {
        let latest = &self.packets[self.packets.len().saturating_sub(packets)..];
        samples(&latest.iter().map(|(_, packet)| packet.clone()).collect::<Vec<_>>())
    }
}

fn sound(packet: &[u8]) -> Sound {
    let samples: Vec<_> =
        samples(&[packet.to_vec()]).into_iter().map(|sample| f64::from(sample) / FULL).collect();
    let power = samples.iter().map(|sample| sample * sample).sum::<f64>() / samples.len() as f64;
    if power < SILENCE {
        return Sound::Silence;
    }
    let is_clear = |hertz: &u32| power_of(*hertz, &samples) > power * CLEAR;
    TONES.step_by(100).find(is_clear).map_or(Sound::Other, Sound::Tone)
}
