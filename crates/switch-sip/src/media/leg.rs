//! The media of one leg: where its party's streams come in and go out, and whom it is connected with.

use std::{
    net::IpAddr,
    sync::{Arc, Weak},
    time::Duration,
};

use call::{AccountId, quality::LegQuality};
use parking_lot::Mutex;
use srtp::Suite;

use super::{
    MediaError, MediaRelay,
    end::{End, Hears},
    pacer::{Job, Playing},
    ports::Share,
    protection::{Port, Protection},
    reader::{Reader, Reading},
    recorder::Tap,
    security::{Handshake, Security},
    sound::Sound,
};
use crate::sdp::{Description, Media, Ports};

/// Streams of one leg, at most: sound, picture, presentation and text.
const MAX_STREAMS: usize = 4;

/// The media of one leg. Clones are the same; its ports are free again when the last is dropped.
#[derive(Clone)]
pub struct MediaLeg {
    inner: Arc<Inner>,
}

struct Inner {
    relay: Arc<MediaRelay>,
    reader: Arc<Reader>,
    /// For whose call it is, if that matters.
    share: Option<Share>,
    streams: Mutex<Vec<Stream>>,
    /// What is agreed on for each `m=` line.
    security: Mutex<Vec<Option<Security>>>,
    link: Mutex<Link>,
}

/// Whom the party is connected with.
#[derive(Default)]
struct Link {
    partner: Weak<Inner>,
    hears: Hears,
}

/// What one `m=` line describes.
struct Stream {
    /// Which of the `m=` lines; `None` until the first description comes.
    line: Option<usize>,
    rtp: Reading,
    rtcp: Reading,
    ports: Ports,
}

impl MediaLeg {
    pub(super) fn open(relay: Arc<MediaRelay>, share: Option<Share>) -> Result<Self, MediaError> {
        let reader = relay.reader();
        let audio = Stream::open(&relay, &reader, share)?;
        let streams = Mutex::new(vec![audio]);
        let (security, link) = Default::default();
        Ok(Self { inner: Arc::new(Inner { relay, reader, share, streams, security, link }) })
    }

    /// The account whose call it is for, if that matters.
    pub(crate) fn account(&self) -> Option<AccountId> {
        self.inner.share.map(|share| share.account)
    }

    /// Notes where the party receives media, as its session description `sdp` says, which came from the
    /// host `sip_source`. A later description takes the place of an earlier one.
    pub fn describe(&self, sdp: &[u8], sip_source: IpAddr) -> Result<(), MediaError> {
        self.note(&Description::parse(sdp)?, sip_source);
        self.pair_again();
        Ok(())
    }

    /// Notes the party's description like [`Self::describe`], and gives the one for the party of `to`: the
    /// same, but with the relay's address and the ports of `to`.
    ///
    /// Streams that the relay cannot take, or has no ports for, are refused in it (port 0).
    pub fn pass(&self, to: &Self, sdp: &[u8], sip_source: IpAddr) -> Result<Vec<u8>, MediaError> {
        let description = Description::parse(sdp)?;
        let taken = self.note(&description, sip_source);
        let ports = to.ports_for(&description, &taken);
        self.pair_again();
        Ok(description.rewrite(self.inner.relay.config.advertised, &ports))
    }

    /// Protects the stream of each `m=` line in this way, and those without by nothing. What is as before goes on.
    pub fn protect(&self, security: Vec<Option<Security>>) {
        let streams = self.inner.streams.lock();
        *self.inner.security.lock() = security;
        streams.iter().for_each(|stream| self.inner.protect(stream));
    }

    /// Lets the two parties hear each other, and nobody else.
    pub fn connect(&self, other: &Self) {
        for (one, partner) in [(self, other), (other, self)] {
            one.leave_all_but(&partner.inner);
            *one.inner.link.lock() = Link { partner: Arc::downgrade(&partner.inner), hears: Hears::Partner };
        }
        self.inner.pair_with(&other.inner);
    }

    /// Ends the connection: neither party hears the other.
    pub fn disconnect(&self) {
        let partner = std::mem::take(&mut *self.inner.link.lock()).partner.upgrade();
        self.inner.unpair();
        if let Some(partner) = partner {
            *partner.link.lock() = Link::default();
            partner.unpair();
        }
    }

    /// Lets the party hear nothing; its partner still hears it.
    pub fn silence(&self) {
        self.inner.hear(Hears::Nothing);
    }

    /// Lets the party hear whom it is connected with again.
    pub fn hear_partner(&self) {
        self.inner.hear(Hears::Partner);
    }

    /// Lets the party hear a sound over and over instead of its partner, which still hears it.
    pub fn hear_sound(&self, sound: Arc<Sound>) -> Result<(), MediaError> {
        let end = self.speaking_end()?;
        let number = self.inner.relay.next_sound();
        self.inner.hear(Hears::Sound(number));
        self.inner.relay.pacer.add(Job::Sound(Playing { end, number, sound, frame: 0, ended: None }));
        Ok(())
    }

    /// Lets the party hear a sound once, before everything else. `ended` is told when it is over, unless
    /// [`Self::stop_playing`] or another sound ends it before.
    pub fn play(&self, sound: Arc<Sound>, ended: impl FnOnce() + Send + 'static) -> Result<(), MediaError> {
        let end = self.speaking_end()?;
        let number = self.inner.relay.next_sound();
        self.inner.audio().set_over(Some(number));
        let ended: Option<Box<dyn FnOnce() + Send>> = Some(Box::new(ended));
        self.inner.relay.pacer.add(Job::Sound(Playing { end, number, sound, frame: 0, ended }));
        Ok(())
    }

    /// Ends such a sound.
    pub fn stop_playing(&self) {
        self.inner.audio().set_over(None);
    }

    /// Sends keys to the party (RFC 4733), after those that it is being sent. Others than `0-9`, `*`, `#`
    /// and `A-D` are left out.
    pub fn press(&self, keys: &str) -> Result<(), MediaError> {
        let end = self.inner.audio();
        end.state.lock().formats.keys().ok_or(MediaError::NoKeys)?;
        if end.press(keys) {
            self.inner.relay.pacer.add(Job::Keys(Arc::downgrade(&end)));
        }
        Ok(())
    }

    /// Says who is told the keys that the party presses, each once. Called in the relay's thread: it must
    /// not block.
    pub fn on_key(&self, told: impl Fn(char) + Send + Sync + 'static) {
        self.inner.audio().set_on_key(Arc::new(told));
    }

    /// Says who is told of keys that a handshake has given. Called in the relay's threads: it must not block.
    pub fn on_secured(&self, told: impl Fn(Suite) + Send + Sync + 'static) {
        self.inner.audio().set_on_secured(Arc::new(told));
    }

    /// Records what the party sends and hears, until that is ended or the leg is gone.
    pub fn record(&self, tap: Tap) {
        self.inner.audio().state.lock().tap = Some(tap);
    }

    /// Ends that.
    pub fn stop_recording(&self) {
        self.inner.audio().state.lock().tap = None;
    }

    /// Notes what the party is told that it may send, where that is not what the other one has said.
    pub fn retell(&self, sdp: &[u8]) -> Result<(), MediaError> {
        let description = Description::parse(sdp)?;
        for stream in self.inner.streams.lock().iter() {
            if let Some(media) = stream.line.and_then(|line| description.media().get(line)) {
                stream.retell(media);
            }
        }
        self.pair_again();
        Ok(())
    }

    /// Whether the party has agreed on a codec that the switch can speak.
    pub fn can_speak(&self) -> bool {
        self.inner.audio().state.lock().formats.voice().is_some()
    }

    /// The end that the switch itself can speak at.
    fn speaking_end(&self) -> Result<Weak<End>, MediaError> {
        let end = self.inner.audio();
        if !end.can_speak() {
            return Err(MediaError::NoVoice);
        }
        Ok(Arc::downgrade(&end))
    }

    /// How long ago the latest packet from the party came; `None` if none has come.
    pub fn silent_for(&self) -> Option<Duration> {
        let ends = self.inner.ends();
        let latest = ends.iter().flat_map(|(_, ends)| ends).filter_map(|end| end.heard_at()).max()?;
        Some(self.inner.relay.now().saturating_sub(latest))
    }

    /// How well sound arrives from the party and at it; `None` while nothing is known of either.
    pub fn quality(&self) -> Option<LegQuality> {
        let quality = self.inner.audio().state.lock().quality();
        (quality != LegQuality::default()).then_some(quality)
    }

    /// Notes what a description says; for each stream, whether the relay takes it.
    fn note(&self, description: &Description<'_>, sip_source: IpAddr) -> Vec<bool> {
        let now = self.inner.relay.now();
        let mut streams = self.inner.streams.lock();
        let lines = description.media().iter().enumerate();
        let taken = lines.map(|(line, media)| {
            let stream = self.inner.stream_of(&mut streams, line, media);
            stream.map(|stream| stream.describe(media, sip_source, now)).is_some()
        });
        taken.collect()
    }

    /// The ports for the streams of another party's description.
    fn ports_for(&self, description: &Description<'_>, taken: &[bool]) -> Vec<Option<Ports>> {
        let now = self.inner.relay.now();
        let mut streams = self.inner.streams.lock();
        let lines = description.media().iter().enumerate().zip(taken);
        let ports = lines.map(|((line, media), is_taken)| {
            let stream = self.inner.stream_of(&mut streams, line, media).filter(|_| *is_taken)?;
            stream.tell(media, now);
            Some(stream.ports)
        });
        ports.collect()
    }

    /// Connects streams that have come into being since the parties were connected.
    fn pair_again(&self) {
        let partner = self.inner.link.lock().partner.upgrade();
        if let Some(partner) = partner {
            self.inner.pair_with(&partner);
        }
    }

    fn leave_all_but(&self, partner: &Arc<Inner>) {
        let is_other = !std::ptr::eq(self.inner.link.lock().partner.as_ptr(), Arc::as_ptr(partner));
        if is_other {
            self.disconnect();
        }
    }
}

impl Inner {
    /// The stream of an `m=` line; `None` if the relay does not take it.
    fn stream_of<'a>(
        &self,
        streams: &'a mut Vec<Stream>,
        line: usize,
        media: &Media,
    ) -> Option<&'a mut Stream> {
        let known = |stream: &Stream| stream.line == Some(line);
        let is_audio = media.is_audio && media.receives_at.is_some();
        let free_for_audio = |stream: &Stream| is_audio && stream.line.is_none();
        let found = streams.iter().position(known).or_else(|| streams.iter().position(free_for_audio));
        let index = match found {
            Some(index) if media.is_relayable => index,
            None if media.is_relayable && media.receives_at.is_some() && streams.len() < MAX_STREAMS => {
                if !self.relay.ports.has_plenty() {
                    return None;
                }
                streams.push(Stream::open(&self.relay, &self.reader, self.share).ok()?);
                streams.len() - 1
            }
            _ => return None,
        };
        let stream = streams.get_mut(index)?;
        if stream.line.replace(line).is_none() {
            self.protect(stream);
        }
        Some(stream)
    }

    fn protect(&self, stream: &Stream) {
        let security = self.security.lock();
        let security = stream.line.and_then(|line| security.get(line)?.as_ref());
        let (rtp, rtcp) = (&stream.rtp.end, &stream.rtcp.end);
        let ice = match security {
            Some(Security::Handshake(Handshake { ice, .. })) => ice.as_ref(),
            Some(Security::Keys(_)) | None => None,
        };
        rtp.state.lock().peer.set_checks(ice);
        match security {
            None => {
                rtp.state.lock().protection = Protection::Plain;
                rtcp.state.lock().protection = Protection::Plain;
            }
            Some(Security::Keys(keys)) => {
                rtp.state.lock().protection.set_keys(keys, Port::Rtp);
                rtcp.state.lock().protection.set_keys(keys, Port::Rtcp);
            }
            Some(Security::Handshake(handshake)) if handshake.is_muxed => {
                self.shake(rtp, handshake);
                rtcp.state.lock().protection = Protection::WithRtp;
            }
            Some(Security::Handshake(handshake)) => {
                self.shake(rtp, handshake);
                self.shake(rtcp, handshake);
            }
        }
    }

    fn shake(&self, end: &Arc<End>, handshake: &Handshake) {
        if end.state.lock().protection.set_handshake(handshake, &self.relay.identity) {
            self.relay.pacer.add(Job::Handshake(Arc::downgrade(end)));
        }
    }

    /// The ends of each stream, for RTP and RTCP.
    fn ends(&self) -> Vec<(Option<usize>, [Arc<End>; 2])> {
        let streams = self.streams.lock();
        streams
            .iter()
            .map(|stream| (stream.line, [stream.rtp.end.clone(), stream.rtcp.end.clone()]))
            .collect()
    }

    /// Where RTP of the first audio stream comes in and goes out.
    fn audio(&self) -> Arc<End> {
        self.streams.lock()[0].rtp.end.clone()
    }

    /// Says what the party hears. A sound of the switch is in the first audio stream alone.
    fn hear(&self, hears: Hears) {
        self.link.lock().hears = hears;
        self.hear_again();
    }

    fn hear_again(&self) {
        let hears = self.link.lock().hears;
        let elsewhere = if matches!(hears, Hears::Sound(_)) { Hears::Nothing } else { hears };
        for (number, (_, ends)) in self.ends().iter().enumerate() {
            for (kind, end) in ends.iter().enumerate() {
                end.set_hears(if (number, kind) == (0, 0) { hears } else { elsewhere });
            }
        }
    }

    /// Connects the streams of the same `m=` lines.
    fn pair_with(&self, other: &Self) {
        let others = other.ends();
        for (line, ends) in self.ends() {
            let Some((_, partners)) = others.iter().find(|(other, _)| *other == line) else { continue };
            for (end, partner) in ends.iter().zip(partners) {
                end.pair_with(&Arc::downgrade(partner));
                partner.pair_with(&Arc::downgrade(end));
            }
            let ([end, _], [partner, _]) = (&ends, partners);
            end.translate(partner);
            partner.translate(end);
        }
        self.hear_again();
        other.hear_again();
    }

    fn unpair(&self) {
        for end in self.ends().iter().flat_map(|(_, ends)| ends) {
            end.pair_with(&Weak::new());
        }
        self.hear_again();
    }
}

impl Stream {
    fn open(relay: &MediaRelay, reader: &Arc<Reader>, share: Option<Share>) -> Result<Self, MediaError> {
        let sockets = relay.ports.bind(share).inspect_err(|error| relay.counters.refuse(error))?;
        let ports = Ports { rtp: sockets.lease.rtp(), rtcp: sockets.lease.rtcp() };
        let read = |end| reader.read(end).map_err(MediaError::system("wait for media"));
        let new = |socket, lease, reported| End::new(socket, lease, relay.transcoders.clone(), reported);
        let rtp = read(new(sockets.rtp, sockets.lease.clone(), None))?;
        let rtcp = read(new(sockets.rtcp, sockets.lease, Some(rtp.end.clone())))?;
        rtp.end.set_control(&rtcp.end);
        Ok(Self { line: None, rtp, rtcp, ports })
    }

    fn describe(&self, media: &Media, sip_source: IpAddr, now: Duration) {
        let ends =
            [(&self.rtp.end, media.receives_at, media.listens), (&self.rtcp.end, media.control_at, true)];
        self.rtp.end.state.lock().formats.take(media);
        for (end, address, listens) in ends {
            let peer = &mut end.state.lock().peer;
            match address {
                Some(place) => peer.describe(place.of(sip_source), sip_source, listens),
                None => peer.refuse(),
            }
        }
        self.learn_from(now);
    }

    /// Notes what the party is told that it may send.
    fn tell(&self, media: &Media, now: Duration) {
        self.retell(media);
        self.learn_from(now);
    }

    fn retell(&self, media: &Media) {
        self.rtp.end.state.lock().formats.told = Some(media.formats.clone());
    }

    /// Media may begin to flow: a translated address may be learned for a while.
    fn learn_from(&self, now: Duration) {
        for end in [&self.rtp.end, &self.rtcp.end] {
            end.state.lock().peer.learn_from(now);
        }
    }
}
