//! The media of one call.

use std::{net::IpAddr, sync::Arc, time::Duration};

use parking_lot::Mutex;

use super::{
    MediaError, MediaRelay, MediaSide, Path,
    path::End,
    ports::Lease,
    reader::{Reader, Reading},
};
use crate::sdp::{Description, Media, Ports};

/// The media of one call. Clones are the same session; its ports are free again when the last is dropped.
#[derive(Clone)]
pub struct MediaSession {
    inner: Arc<Inner>,
}

struct Inner {
    relay: Arc<MediaRelay>,
    reader: Arc<Reader>,
    streams: Mutex<Vec<Stream>>,
}

/// What one `m=` line describes.
struct Stream {
    /// Which of the `m=` lines; `None` until the first description comes.
    line: Option<usize>,
    rtp: Reading,
    rtcp: Reading,
    ports: [Ports; 2],
}

impl MediaSession {
    pub(super) fn open(relay: Arc<MediaRelay>) -> Result<Self, MediaError> {
        let reader = relay.reader();
        let audio = Stream::open(&relay, &reader)?;
        let streams = Mutex::new(vec![audio]);
        Ok(Self { inner: Arc::new(Inner { relay, reader, streams }) })
    }

    /// Notes where the party `from` receives media, as its session description `sdp` says, which came from
    /// the host `sip_source`. Gives the description for the other party: the same, but with the relay's
    /// address and ports. A later description takes the place of an earlier one.
    ///
    /// Streams that the relay cannot take, or has no ports for, are refused in it (port 0).
    pub fn pass(&self, from: MediaSide, sdp: &[u8], sip_source: IpAddr) -> Result<Vec<u8>, MediaError> {
        let description = Description::parse(sdp)?;
        let now = self.inner.relay.now();
        let mut streams = self.inner.streams.lock();
        let ports: Vec<_> = description
            .media()
            .iter()
            .enumerate()
            .map(|(line, media)| {
                let stream = self.inner.stream_of(&mut streams, line, media)?;
                stream.describe(from, media, sip_source, now);
                Some(stream.ports[1 - from.index()])
            })
            .collect();
        Ok(description.rewrite(self.inner.relay.config.advertised, &ports))
    }

    /// How long ago the latest packet from this party came; `None` if none has come.
    pub fn silent_for(&self, side: MediaSide) -> Option<Duration> {
        let streams = self.inner.streams.lock();
        let heard_at = |stream: &Stream| {
            [&stream.rtp, &stream.rtcp].map(|reading| reading.path.ends[side.index()].heard_at())
        };
        let latest = streams.iter().flat_map(heard_at).flatten().max()?;
        Some(self.inner.relay.now().saturating_sub(latest))
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
}

impl Stream {
    fn open(relay: &MediaRelay, reader: &Arc<Reader>) -> Result<Self, MediaError> {
        let (caller, callee) = (relay.ports.bind()?, relay.ports.bind()?);
        let ports =
            [&caller.lease, &callee.lease].map(|lease| Ports { rtp: lease.rtp(), rtcp: lease.rtcp() });
        let end = |socket, lease: &Arc<Lease>| End::new(socket, lease.clone());
        let rtp = Path { ends: [end(caller.rtp, &caller.lease), end(callee.rtp, &callee.lease)] };
        let rtcp = Path { ends: [end(caller.rtcp, &caller.lease), end(callee.rtcp, &callee.lease)] };
        let read = |path| reader.read(path).map_err(MediaError::system("wait for media"));
        Ok(Self { line: None, rtp: read(rtp)?, rtcp: read(rtcp)?, ports })
    }

    fn describe(&self, from: MediaSide, media: &Media, sip_source: IpAddr, now: Duration) {
        for (reading, address) in [(&self.rtp, media.receives_at), (&self.rtcp, media.control_at)] {
            let ends = &reading.path.ends;
            let mut peer = ends[from.index()].peer.lock();
            match address {
                Some(address) => peer.describe(address, sip_source),
                None => peer.refuse(),
            }
            drop(peer);
            for end in ends {
                end.peer.lock().learn_from(now);
            }
        }
    }
}
