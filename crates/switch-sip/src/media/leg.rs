//! The media of one leg: where its party's streams come in and go out, and whom it is connected with.

use std::{
    net::IpAddr,
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;

use super::{
    MediaError, MediaRelay,
    end::End,
    reader::{Reader, Reading},
};
use crate::sdp::{Description, Media, Ports};

/// The media of one leg. Clones are the same; its ports are free again when the last is dropped.
#[derive(Clone)]
pub struct MediaLeg {
    inner: Arc<Inner>,
}

struct Inner {
    relay: Arc<MediaRelay>,
    reader: Arc<Reader>,
    streams: Mutex<Vec<Stream>>,
    link: Mutex<Link>,
}

/// Whom the party is connected with.
#[derive(Default)]
struct Link {
    partner: Weak<Inner>,
    hears_partner: bool,
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
    pub(super) fn open(relay: Arc<MediaRelay>) -> Result<Self, MediaError> {
        let reader = relay.reader();
        let audio = Stream::open(&relay, &reader)?;
        let streams = Mutex::new(vec![audio]);
        Ok(Self { inner: Arc::new(Inner { relay, reader, streams, link: Mutex::default() }) })
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

    /// Lets the two parties hear each other, and nobody else.
    pub fn connect(&self, other: &Self) {
        for (one, partner) in [(self, other), (other, self)] {
            one.leave_all_but(&partner.inner);
            *one.inner.link.lock() = Link { partner: Arc::downgrade(&partner.inner), hears_partner: true };
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

    /// Lets the party hear whom it is connected with, or not; the other direction stays as it is.
    pub fn hear_partner(&self, hears: bool) {
        self.inner.link.lock().hears_partner = hears;
        self.inner.ends().iter().flat_map(|(_, ends)| ends).for_each(|end| end.hear_partner(hears));
    }

    /// How long ago the latest packet from the party came; `None` if none has come.
    pub fn silent_for(&self) -> Option<Duration> {
        let ends = self.inner.ends();
        let latest = ends.iter().flat_map(|(_, ends)| ends).filter_map(|end| end.heard_at()).max()?;
        Some(self.inner.relay.now().saturating_sub(latest))
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
            stream.learn_from(now);
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
        let free_for_audio = |stream: &Stream| media.is_audio && stream.line.is_none();
        let found = streams.iter().position(known).or_else(|| streams.iter().position(free_for_audio));
        let index = match found {
            Some(index) if media.is_relayable => index,
            None if media.is_relayable && media.receives_at.is_some() => {
                streams.push(Stream::open(&self.relay, &self.reader).ok()?);
                streams.len() - 1
            }
            _ => return None,
        };
        let stream = streams.get_mut(index)?;
        stream.line = Some(line);
        Some(stream)
    }

    /// The ends of each stream, for RTP and RTCP.
    fn ends(&self) -> Vec<(Option<usize>, [Arc<End>; 2])> {
        let streams = self.streams.lock();
        streams
            .iter()
            .map(|stream| (stream.line, [stream.rtp.end.clone(), stream.rtcp.end.clone()]))
            .collect()
    }

    /// Connects the streams of the same `m=` lines.
    fn pair_with(&self, other: &Self) {
        let (own_hears, other_hears) = (self.link.lock().hears_partner, other.link.lock().hears_partner);
        let others = other.ends();
        for (line, ends) in self.ends() {
            let Some((_, partners)) = others.iter().find(|(other, _)| *other == line) else { continue };
            for (end, partner) in ends.iter().zip(partners) {
                end.pair_with(&Arc::downgrade(partner));
                end.hear_partner(own_hears);
                partner.pair_with(&Arc::downgrade(end));
                partner.hear_partner(other_hears);
            }
        }
    }

    fn unpair(&self) {
        for end in self.ends().iter().flat_map(|(_, ends)| ends) {
            end.pair_with(&Weak::new());
            end.hear_partner(false);
        }
    }
}

impl Stream {
    fn open(relay: &MediaRelay, reader: &Arc<Reader>) -> Result<Self, MediaError> {
        let sockets = relay.ports.bind()?;
        let ports = Ports { rtp: sockets.lease.rtp(), rtcp: sockets.lease.rtcp() };
        let read = |end| reader.read(end).map_err(MediaError::system("wait for media"));
        let rtp = read(End::new(sockets.rtp, sockets.lease.clone(), None))?;
        let rtcp = read(End::new(sockets.rtcp, sockets.lease, Some(rtp.end.clone())))?;
        Ok(Self { line: None, rtp, rtcp, ports })
    }

    fn describe(&self, media: &Media, sip_source: IpAddr, now: Duration) {
        let ends =
            [(&self.rtp.end, media.receives_at, media.listens), (&self.rtcp.end, media.control_at, true)];
        for (end, address, listens) in ends {
            let peer = &mut end.state.lock().peer;
            match address {
                Some(address) => peer.describe(address, sip_source, listens),
                None => peer.refuse(),
            }
        }
        self.learn_from(now);
    }

    /// Media may begin to flow: a translated address may be learned for a while.
    fn learn_from(&self, now: Duration) {
        for end in [&self.rtp.end, &self.rtcp.end] {
            end.state.lock().peer.learn_from(now);
        }
    }
}
