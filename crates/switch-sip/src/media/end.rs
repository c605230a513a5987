//! The socket that one party sends to and receives from: RTP has one, its RTCP another.

mod reports;
mod translating;

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use ice::Agent;
use mio::net::UdpSocket;
use parking_lot::{Mutex, MutexGuard};
use srtp::{Suite, is_control};

use super::{
    Peer,
    counts::{Counters, Fate},
    digits::{self, KeyReader, KeySender, KeyStep},
    formats::{Formats, voice},
    outflow::Outflow,
    pacer::Step,
    ports::Lease,
    protection::{Protection, Shaking},
    recorder::{Channel, Tap},
    rtp::{self, Header},
    sound::Sound,
    speaker::Speaker,
    transcoders::Transcoders,
    translation::Translation,
};
use crate::sdp::Codec;

/// Packets of a sound in a second.
const SOUND_PACKETS: u32 = 50;

/// One end. Fields are dropped in order: the socket is closed before its port is free again.
pub(super) struct End {
    pub(super) socket: UdpSocket,
    pub(super) state: Mutex<State>,
    /// For RTCP: where the stream goes that is reported on.
    reported: Option<Arc<End>>,
    /// For RTP: where its RTCP comes in and goes out, unless that is here.
    control: OnceLock<Weak<End>>,
    heard_at: AtomicU64,
    transcoders: Arc<Transcoders>,
    _lease: Arc<Lease>,
}

/// What changes while media flows. No two ends are ever locked at once.
#[derive(Default)]
pub(super) struct State {
    pub(super) peer: Peer,
    pub(super) protection: Protection,
    pub(super) formats: Formats,
    /// Whom the party's packets go to.
    partner: Weak<End>,
    hears: Hears,
    /// A sound that is heard instead of that for a while.
    over: Option<u64>,
    /// Keys that are pressed for the party, while which it hears nothing else.
    keys: KeySender,
    is_pressing: bool,
    outflow: Outflow,
    /// How well RTP arrives here and at the party.
    session: rtcp::Session,
    key_reader: KeyReader,
    on_key: Option<OnKey>,
    on_secured: Option<OnSecured>,
    pub(super) tap: Option<Tap>,
    speaker: Option<Speaker>,
    /// Makes what the partner sends what the party takes, where that is not the same.
    translation: Option<Box<Translation>>,
}

/// What a party hears.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Hears {
    #[default]
    Nothing,
    /// Its partner.
    Partner,
    /// The sound with this number.
    Sound(u64),
    /// Keys.
    Keys,
}

/// Told each key that the party presses.
pub(super) type OnKey = Arc<dyn Fn(char) + Send + Sync>;

/// Told what a handshake has come to.
pub(super) type OnSecured = Arc<dyn Fn(Suite) + Send + Sync>;

/// What became of a packet of a sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Uttered {
    Yes,
    /// The party hears something else for the time being.
    Later,
    /// The party is no longer to hear it.
    Never,
}

/// Larger than any datagram.
pub(super) type Buffer = [u8; 65_536];

/// Packets taken from one socket before the others have their turn.
const BURST: usize = 64;

/// Whether a socket may have more to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drained {
    Yes,
    No,
}

impl End {
    /// An end for RTP, or for the RTCP that reports on what is sent at `reported`.
    pub(super) fn new(
        socket: UdpSocket,
        lease: Arc<Lease>,
        transcoders: Arc<Transcoders>,
        reported: Option<Arc<Self>>,
    ) -> Self {
        let (state, control, heard_at) = (Mutex::default(), OnceLock::new(), AtomicU64::new(0));
        Self { socket, state, reported, control, heard_at, transcoders, _lease: lease }
    }

    /// Says where the RTCP of an end for RTP comes in and goes out.
    pub(super) fn set_control(&self, control: &Arc<Self>) {
        let _ = self.control.set(Arc::downgrade(control));
    }

    /// When the party's latest packet came, since the relay's start.
    pub(super) fn heard_at(&self) -> Option<Duration> {
        match self.heard_at.load(Ordering::Relaxed) {
            0 => None,
            micros => Some(Duration::from_micros(micros)),
        }
    }

    fn hear(&self, now: Duration) {
        let micros = u64::try_from(now.as_micros()).unwrap_or(u64::MAX).max(1);
        self.heard_at.store(micros, Ordering::Relaxed);
    }

    /// Passes on what waits here.
    pub(super) fn relay(
        self: &Arc<Self>,
        now: Duration,
        buffer: &mut Buffer,
        counters: &Counters,
    ) -> Drained {
        for _ in 0..BURST {
            match self.socket.recv_from(buffer) {
                Ok((length, source)) => counters.count(self.pass(source, buffer, length, now)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
                Err(_) => return Drained::Yes,
            }
        }
        Drained::No
    }

    fn pass(self: &Arc<Self>, source: SocketAddr, buffer: &mut Buffer, length: usize, now: Duration) -> Fate {
        let source = SocketAddr::new(source.ip().to_canonical(), source.port());
        let mut state = self.state.lock();
        if let Some(agent) = state.peer.checks(&buffer[..length]) {
            return self.check(agent, &buffer[..length], source, now);
        }
        if state.protection.handshake(&buffer[..length]).is_some() {
            return self.shake(state, &buffer[..length], source, now);
        }
        let length = match state.admit(source, &mut buffer[..length], now) {
            Ok(length) => length,
            Err(fate) => return fate,
        };
        let packet = &buffer[..length];
        if state.protection.is_muxed() && is_control(packet) {
            drop(state);
            self.hear(now);
            let control = self.control.get().and_then(Weak::upgrade);
            return control.map_or(Fate::Unwanted, |control| control.take_report(self, buffer, length, now));
        }
        if let Some(stream) = &self.reported {
            drop(state);
            self.hear(now);
            return self.take_report(stream, buffer, length, now);
        }
        state.measure(packet, now);
        let pressed = state.read_key(packet);
        state.record(Channel::Left, packet);
        let partner = state.partner.clone();
        drop(state);
        self.hear(now);
        if let Some((key, tell)) = pressed {
            tell(key);
        }
        partner.upgrade().map_or(Fate::Unwanted, |partner| partner.give(self, buffer, length, now))
    }

    /// Answers a check of connectivity, if it is the party's.
    fn check(&self, agent: &mut Agent, packet: &[u8], source: SocketAddr, now: Duration) -> Fate {
        let Ok(checked) = agent.receive(packet, source, now) else { return Fate::FromStranger };
        match self.socket.send_to(&checked.response, source) {
            Ok(_) => Fate::Answered,
            Err(_) => Fate::Unsendable,
        }
    }

    /// Goes on with the handshake, if a record of it is the party's.
    fn shake(
        &self,
        mut state: MutexGuard<'_, State>,
        record: &[u8],
        source: SocketAddr,
        now: Duration,
    ) -> Fate {
        if let Err(fate) = state.peer.check(source, record, now) {
            return fate;
        }
        let Some(shaken) = state.protection.shaking() else { return Fate::Unwanted };
        let shaking = shaken.take(record, Instant::now(), self.sends_to(source));
        self.tell_secured(state, shaking);
        Fate::Answered
    }

    /// Begins or goes on with the handshake without anything having come.
    pub(super) fn shake_on(&self, now: Duration) -> Step {
        let mut state = self.state.lock();
        let Some(target) = state.peer.address(now) else { return Step::More };
        let Some(shaken) = state.protection.shaking() else { return Step::Done };
        let shaking = shaken.go_on(Instant::now(), self.sends_to(target));
        self.tell_secured(state, shaking);
        if shaking == Shaking::On { Step::More } else { Step::Done }
    }

    /// What is lost on its way is repeated by the handshake.
    fn sends_to(&self, address: SocketAddr) -> impl FnMut(&[u8]) {
        move |packet| {
            let _ = self.socket.send_to(packet, address);
        }
    }

    fn tell_secured(&self, state: MutexGuard<'_, State>, shaking: Shaking) {
        let Shaking::Done(suite) = shaking else { return };
        let tell = state.on_secured.clone();
        drop(state);
        if let Some(tell) = tell {
            tell(suite);
        }
    }

    fn is_rtp(&self) -> bool {
        self.reported.is_none()
    }

    /// Sends a packet that came from `from` to the party, if that is still whom it hears.
    fn give(&self, from: &Arc<Self>, buffer: &mut Buffer, length: usize, now: Duration) -> Fate {
        // The partner's reports are not about a stream that the party does not get as it was sent.
        if self.reported.as_ref().is_some_and(|stream| !stream.state.lock().is_as_sent()) {
            return Fate::Unwanted;
        }
        let mut state = self.state.lock();
        if !state.hears_of(from) {
            return Fate::Unwanted;
        }
        if let (Protection::WithRtp, Some(stream)) = (&state.protection, &self.reported) {
            drop(state);
            return stream.send_sealed(stream.state.lock(), buffer, length, now);
        }
        if self.is_rtp() && state.peer.target(now).is_some() {
            if let Some(packets) = state.translate(&buffer[..length], now) {
                drop(state);
                return self.send_all(packets, now);
            }
            let packet = &mut buffer[..length];
            if !state.pass(packet, now) {
                return Fate::Unwanted;
            }
            state.record(Channel::Right, packet);
        }
        self.send_sealed(state, buffer, length, now)
    }

    fn send_sealed(
        &self,
        mut state: MutexGuard<'_, State>,
        buffer: &mut Buffer,
        length: usize,
        now: Duration,
    ) -> Fate {
        let Some(target) = state.peer.target(now) else { return Fate::Unwanted };
        let length = match state.protection.seal(buffer, length) {
            Ok(length) => length,
            Err(fate) => return fate,
        };
        drop(state);
        match self.socket.send_to(&buffer[..length], target) {
            Ok(_) => Fate::Relayed,
            Err(_) => Fate::Unsendable,
        }
    }

    /// Sends a packet of a sound to the party, if it is to hear that one. A party that wants nothing now
    /// gets nothing, while the sound goes on.
    pub(super) fn utter(&self, number: u64, sound: &Sound, frame: usize, now: Duration) -> Uttered {
        let mut state = self.state.lock();
        match state.audible() {
            Hears::Sound(heard) if heard == number => {}
            _ if state.over == Some(number) || state.hears == Hears::Sound(number) => return Uttered::Later,
            _ => return Uttered::Never,
        }
        let Some((payload_type, codec)) = state.formats.voice() else { return Uttered::Never };
        let clock = codec.clock();
        // Without room for it the sound goes on unheard.
        let Some(speaker) = state.speaker(codec, &self.transcoders) else { return Uttered::Yes };
        let Some(payload) = speaker.say(sound, frame) else { return Uttered::Never };
        let packet = state.outflow.own(payload_type, clock / SOUND_PACKETS, clock, now).with(&payload);
        state.record(Channel::Right, &packet);
        self.send(state, packet, now);
        Uttered::Yes
    }

    /// Goes on with the keys that the party is sent.
    pub(super) fn press_on(&self, now: Duration) -> Step {
        let mut state = self.state.lock();
        match state.change(|state| state.keys.step()) {
            KeyStep::Packet { is_first, payload } => {
                let Some(keys) = state.formats.keys() else { return Step::More };
                let clock = state.formats.voice().map_or(keys.rate, |(_, codec)| codec.clock());
                let header = state.outflow.key(keys.payload_type, is_first, clock, now);
                self.send(state, header.with(&digits::at_rate(payload, keys.rate)), now);
                Step::More
            }
            KeyStep::Pause => Step::More,
            KeyStep::Done => {
                state.is_pressing = false;
                Step::Done
            }
        }
    }

    fn send_all(&self, packets: Vec<Vec<u8>>, now: Duration) -> Fate {
        for packet in packets {
            self.send(self.state.lock(), packet, now);
        }
        Fate::Relayed
    }

    fn send(&self, mut state: MutexGuard<'_, State>, packet: Vec<u8>, now: Duration) {
        let target = state.peer.target(now);
        if self.is_rtp() && target.is_some() {
            state.count(&packet);
        }
        let packet = state.protection.seal_own(packet);
        drop(state);
        if let (Some(target), Ok(packet)) = (target, packet) {
            // What the system does not take is lost like any packet.
            let _ = self.socket.send_to(&packet, target);
        }
    }

    /// Makes `partner` the one that the party talks with; gives the one from before.
    pub(super) fn pair_with(&self, partner: &Weak<Self>) -> Weak<Self> {
        let mut state = self.state.lock();
        if !state.partner.ptr_eq(partner) && state.audible() == Hears::Partner {
            state.outflow.cut();
        }
        std::mem::replace(&mut state.partner, partner.clone())
    }

    /// Says what the party hears from now on.
    pub(super) fn set_hears(&self, hears: Hears) {
        self.state.lock().change(|state| state.hears = hears);
    }

    /// Lets the party hear the sound with this number before everything else, or no longer.
    pub(super) fn set_over(&self, sound: Option<u64>) {
        self.state.lock().change(|state| state.over = sound);
    }

    /// Ends that sound; says whether it was still to be heard.
    pub(super) fn finish(&self, number: u64) -> bool {
        let mut state = self.state.lock();
        let is_heard = state.over == Some(number);
        if is_heard {
            state.change(|state| state.over = None);
        }
        is_heard
    }

    /// Adds keys to those that the party is sent; says whether nobody sees to that yet.
    pub(super) fn press(&self, keys: &str) -> bool {
        let mut state = self.state.lock();
        state.change(|state| state.keys.add(keys));
        !std::mem::replace(&mut state.is_pressing, true)
    }

    /// Says who is told the keys that the party presses.
    pub(super) fn set_on_key(&self, on_key: OnKey) {
        self.state.lock().on_key = Some(on_key);
    }

    /// Says who is told of keys that a handshake has given.
    pub(super) fn set_on_secured(&self, on_secured: OnSecured) {
        self.state.lock().on_secured = Some(on_secured);
    }
}

impl State {
    /// What the party hears now.
    fn audible(&self) -> Hears {
        match self.over {
            _ if !self.keys.is_idle() => Hears::Keys,
            Some(sound) => Hears::Sound(sound),
            None => self.hears,
        }
    }

    /// Changes what the party hears.
    fn change<T>(&mut self, change: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.audible();
        let result = change(self);
        let after = self.audible();
        if after != before {
            self.outflow.cut();
        }
        if !matches!(after, Hears::Sound(_)) {
            self.speaker = None;
        }
        result
    }

    /// Whether the party hears this one.
    fn hears_of(&self, from: &Arc<End>) -> bool {
        std::ptr::eq(self.partner.as_ptr(), Arc::as_ptr(from)) && self.audible() == Hears::Partner
    }

    /// Takes a packet from an address, if it is the party's and authentic; gives its length once it is plain.
    fn admit(&mut self, source: SocketAddr, packet: &mut [u8], now: Duration) -> Result<usize, Fate> {
        let source = self.peer.check(source, packet, now)?;
        let length = self.protection.open(packet)?;
        self.peer.learn(source);
        Ok(length)
    }

    /// Fits a packet of another into what the party has heard; one that is encrypted from end to end cannot be
    /// changed.
    fn pass(&mut self, packet: &mut [u8], now: Duration) -> bool {
        if self.formats.is_secured {
            return true;
        }
        if self.protection.is_report(packet) {
            return !self.outflow.is_spliced();
        }
        let is_passed = self.outflow.pass(packet, |payload_type| self.formats.rate(payload_type), now);
        if is_passed {
            self.count(packet);
        }
        is_passed
    }

    fn record(&self, channel: Channel, packet: &[u8]) {
        let Some(tap) = &self.tap else { return };
        let Some(header) = Header::read(packet) else { return };
        if let Some(codec) = self.formats.of(header.payload_type).and_then(voice) {
            tap.take(channel, packet, codec);
        }
    }

    /// The key that a packet of the party newly tells of, and who is to be told.
    fn read_key(&mut self, packet: &[u8]) -> Option<(char, OnKey)> {
        let tell = self.on_key.as_ref()?;
        let header = Header::read(packet)?;
        if self.formats.of(header.payload_type)?.codec != Codec::TelephoneEvent {
            return None;
        }
        let payload = &packet[rtp::payload(packet)?];
        let key = self.key_reader.read(header.ssrc, header.timestamp, payload)?;
        Some((key, tell.clone()))
    }
}
