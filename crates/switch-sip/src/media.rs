//! The anchored media relay: each party sends its RTP to the switch, which passes it on to whom it is
//! connected with. Payloads are never changed, but for encryption between a party and the switch and where two parties
//! share no codec; numbers in a header only once what a party hears has changed.
//!
//! No "RTP bleed" (AST-2017-005, AST-2017-008): packets are taken from the address in the party's session
//! description. A translated (NAT) address in its place is learned only from that address's host or from
//! the host that the party's SIP comes from, only shortly after a description, and then it stands. A party with ICE is
//! where its checks of connectivity come from, and nothing else says so; handshakes are held with nobody elsewhere
//! (CVE-2023-51443).

mod counts;
mod digits;
mod end;
mod formats;
mod leg;
mod outflow;
mod pacer;
mod peer;
mod ports;
mod protection;
mod reader;
mod recorder;
mod rtp;
mod security;
mod sound;
mod speaker;
mod transcoders;
mod translation;

use std::{
    io,
    net::IpAddr,
    ops::RangeInclusive,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use call::{AccountId, ErrorCode};
use rustix::io::Errno;

use counts::Counters;
pub use counts::MediaCounts;
use dtls::Identity;
pub use dtls::{Fingerprint, IdentityError, Keys, Role};
pub use ice::Credentials;
pub use leg::MediaLeg;
use pacer::Pacer;
use peer::Peer;
use ports::PortPool;
pub use ports::Share;
use reader::Reader;
pub use recorder::{Recorder, Tap};
pub use security::{Handshake, Ice, Peer as HandshakePeer, Security};
pub use sound::{Sound, WavError};
pub use transcoders::Transcoded;
use transcoders::{STREAMS_OF_A_CORE, Transcoders};

pub use crate::sdp::SdpError;

/// What the relay is told at its start.
#[derive(Clone, Debug)]
pub struct MediaConfig {
    /// Where media is received.
    pub address: IpAddr,
    /// The address that parties are told to send to.
    pub advertised: IpAddr,
    /// The ports for media. A leg takes an even one for RTP, and the odd one after it for RTCP.
    pub ports: RangeInclusive<u16>,
}

/// Relays media until it and the last leg are dropped.
pub struct MediaRelay {
    config: MediaConfig,
    ports: PortPool,
    readers: Vec<Arc<Reader>>,
    pacer: Arc<Pacer>,
    identity: Identity,
    fingerprint: Arc<str>,
    turn: AtomicUsize,
    sounds: AtomicU64,
    counters: Arc<Counters>,
    transcoders: Arc<Transcoders>,
    began: Instant,
}

/// Why media cannot be relayed.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The configured range holds no even port with an odd one after it.
    #[error("the media ports {first}-{last} hold no even port with the odd one after it")]
    NoPorts {
        /// The range's first port.
        first: u16,
        /// Its last one.
        last: u16,
    },
    /// Every port is taken.
    #[error("all media ports are taken")]
    PortsUsedUp,
    /// The calls of one account have as many ports as they may.
    #[error("calls of account {account} have all the media ports that they may ([media] ports_of_account)")]
    AccountHasItsShare {
        /// Whose they are.
        account: AccountId,
    },
    /// This process may open no more files.
    #[error("no more files can be opened (LimitNOFILE, `ulimit -n`)")]
    FilesUsedUp,
    /// The system refuses what a relay needs.
    #[error("cannot {doing}")]
    System {
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// The party takes no codec of ours, or one that others keep all our room for.
    #[error("the leg has no codec that the switch can speak now: PCMU, PCMA, G722 or opus is needed")]
    NoVoice,
    /// The party takes no keys in RTP.
    #[error("the leg has not agreed on telephone-event")]
    NoKeys,
    /// There can be no handshakes.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// A session description cannot be read.
    #[error(transparent)]
    Description(#[from] SdpError),
}

impl MediaError {
    /// What kind of trouble this is.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NoPorts { .. } => ErrorCode::InvalidInput,
            Self::PortsUsedUp | Self::AccountHasItsShare { .. } | Self::FilesUsedUp => ErrorCode::Unavailable,
            Self::System { .. } | Self::Identity(_) => ErrorCode::Internal,
            Self::NoVoice | Self::NoKeys => ErrorCode::Conflict,
            Self::Description(_) => ErrorCode::InvalidInput,
        }
    }

    fn system(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| match Errno::from_io_error(&source) {
            Some(Errno::MFILE | Errno::NFILE) => Self::FilesUsedUp,
            _ => Self::System { doing, source },
        }
    }
}

impl MediaRelay {
    /// Starts the relay's threads: one for each two cores.
    pub fn new(config: MediaConfig) -> Result<Arc<Self>, MediaError> {
        let ports = PortPool::new(config.address, config.ports.clone())?;
        let (counters, began) = (Arc::new(Counters::default()), Instant::now());
        let threads = thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(2));
        let start =
            |_| Reader::start(began, counters.clone()).map_err(MediaError::system("start a relay thread"));
        let readers = (0..threads).map(start).collect::<Result<_, _>>()?;
        let pacer = Pacer::start(began).map_err(MediaError::system("start the thread for sounds"))?;
        let (turn, sounds) = (AtomicUsize::new(0), AtomicU64::new(0));
        let identity = Identity::new()?;
        let fingerprint = identity.fingerprint().to_string().into();
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let transcoders = Transcoders::new(cores * STREAMS_OF_A_CORE);
        Ok(Arc::new(Self {
            config,
            ports,
            readers,
            pacer,
            identity,
            fingerprint,
            turn,
            sounds,
            counters,
            transcoders,
            began,
        }))
    }

    /// Takes ports for the audio of one leg.
    pub fn open(self: &Arc<Self>) -> Result<MediaLeg, MediaError> {
        MediaLeg::open(self.clone(), None)
    }

    /// The same, for a call of somebody who may have no more than a share of them.
    pub fn open_for(self: &Arc<Self>, share: Share) -> Result<MediaLeg, MediaError> {
        MediaLeg::open(self.clone(), Some(share))
    }

    /// Which certificate the relay shows in handshakes.
    pub fn fingerprint(&self) -> &Arc<str> {
        &self.fingerprint
    }

    /// What has been relayed and dropped so far, on all legs.
    pub fn counts(&self) -> MediaCounts {
        self.counters.read()
    }

    /// How often a leg got no ports, by reason.
    pub(crate) fn refused(&self) -> [(&'static str, u64); 4] {
        let [ports, of_account, files] = self.counters.refused();
        [ports, of_account, files, ("transcoding", self.transcoders.refused())]
    }

    /// Says how many streams at once may be made others; none if it is 0.
    pub fn transcode_at_most(&self, streams: usize) {
        self.transcoders.set_most(streams);
    }

    /// The streams that are, and were, made others.
    pub fn transcoded(&self) -> Vec<Transcoded> {
        self.transcoders.read()
    }

    /// Whether streams are made others at all.
    pub(crate) fn transcodes(&self) -> bool {
        self.transcoders.are_allowed()
    }

    /// Whether both directions of another call may be made others.
    pub(crate) fn can_transcode(&self) -> bool {
        self.transcoders.have_room()
    }

    /// Notes that one could not.
    pub(crate) fn refuse_transcoding(&self) {
        self.transcoders.refuse();
    }

    /// How many more legs with one stream there are ports for.
    pub fn free_legs(&self) -> usize {
        self.ports.free_pairs()
    }

    /// How many legs with one stream there are ports for in all.
    pub(crate) fn legs(&self) -> usize {
        self.ports.size()
    }

    /// How many pairs of ports are in use.
    pub(crate) fn ports_in_use(&self) -> usize {
        self.ports.taken_pairs()
    }

    fn reader(&self) -> Arc<Reader> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        self.readers[turn % self.readers.len()].clone()
    }

    /// A number for a sound that a party is to hear.
    fn next_sound(&self) -> u64 {
        self.sounds.fetch_add(1, Ordering::Relaxed)
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }
}

impl Drop for MediaRelay {
    fn drop(&mut self) {
        for reader in &self.readers {
            reader.stop();
        }
        self.pacer.stop();
    }
}
