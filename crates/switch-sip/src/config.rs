//! What the switch is told at its start.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use directory::{Bearers, Snapshot, mailboxes::Mailboxes, model::Encryption};
use guard::{Doors, Room, RoomLimits};
use keyvalue::{Memory, Table};
use tls::Certificate;

use crate::{DigestAlgorithm, FeatureCodes, Redirects, SessionLimits, media::MediaConfig};

/// What the switch is told at its start.
#[derive(Clone, Debug)]
pub struct SipConfig {
    /// Where SIP over UDP is received; port 0 takes any free port.
    pub udp: Option<SocketAddr>,
    /// Where SIP over TCP is received; port 0 takes any free port.
    pub tcp: Option<SocketAddr>,
    /// Where SIP over TLS is received; port 0 takes any free port.
    pub tls: Option<SocketAddr>,
    /// Where SIP over WebSocket is received (RFC 7118); port 0 takes any free port.
    pub ws: Option<SocketAddr>,
    /// Where SIP over WebSocket over TLS is received; port 0 takes any free port.
    pub wss: Option<SocketAddr>,
    /// Web pages (`https://host[:port]`) whose scripts may connect over WebSocket; all if empty. Programs that are no
    /// browsers do not say where they come from, and may.
    pub ws_origins: Vec<String>,
    /// What TLS shows to whoever connects.
    pub certificate: Option<Certificate>,
    /// The certificates, in PEM, that a trunk's must be signed by; `None` for those that the system trusts.
    pub trusted: Option<PathBuf>,
    /// The address that peers are told; by default the one that is listened at, or that of the interface
    /// with the default route if that is any.
    pub advertised: Option<IpAddr>,
    /// Which way media goes.
    pub media: MediaMode,
    /// Whether media are encrypted that go through the switch, where the directory does not say otherwise.
    pub encryption: Encryption,
    /// Whether their keys are taken and given over UDP, TCP and WebSocket too, where others may read them.
    pub keys_in_the_clear: bool,
    /// Ports of the relay that all calls of an account may have, with those of whom it calls; `None` for three quarters
    /// of them.
    pub ports_of_account: Option<u16>,
    /// Streams that may be made of one codec another at once; 0 for none, `None` for 64 for each core.
    pub transcoded_streams: Option<usize>,
    /// The sounds that parties are let hear; media must go through the switch for that.
    pub sounds: SoundConfig,
    /// The folder that calls are recorded into; `None` if they are not.
    pub recordings: Option<PathBuf>,
    /// How long a party that should be heard may send nothing before its call ends; `None` for ever. One that
    /// need not be heard, for its media goes past the switch or it is on hold or parked, is asked whether it is
    /// there when it has sent no SIP for as long.
    pub silence_timeout: Option<Duration>,
    /// How long the 200 that tells a caller of the answer, and the answer to a BYE, wait for their events to be
    /// durable; zero not to wait.
    pub answer_budget: Duration,
    /// Bytes that the kernel may hold of datagrams that were not taken yet, so that a burst is not lost.
    pub receive_buffer: usize,
    /// Bounds of connections: TCP, TLS and WebSocket.
    pub streams: StreamLimits,
    /// Calls at one time; further ones get 503.
    pub max_calls: usize,
    /// How long the called party may ring.
    pub no_answer: Duration,
    /// T1 of RFC 3261 section 17.1.1.1, an estimate of the way to a peer and back: what is not answered is
    /// sent again after it, and given up after 64 of it.
    pub t1: Duration,
    /// How long a trunk may say nothing at all to an INVITE before the next one is tried.
    pub trunk_silence: Duration,
    /// Whether a trunk may send the party that it talks to elsewhere by REFER.
    pub refer_from_trunks: bool,
    /// Numbers that ask the switch for something.
    pub features: FeatureCodes,
    /// Whether phones are told if a call comes from their own account or from outside, to ring accordingly
    /// (RFC 7462).
    pub rings_by_origin: bool,
    /// How long a party waits in a parking slot before who parked it is rung.
    pub park_time: Duration,
    /// How long after a call its phone may say that its after-call work is over.
    pub end_work_within: Duration,
    /// How long to rest after a first failure to register at a trunk; longer after each further one.
    pub trunk_retry: Duration,
    /// Who resolves the names of trunks; the system's name servers if empty.
    pub name_servers: Vec<SocketAddr>,
    /// What is told a caller that gets 503.
    pub retry_after: Duration,
    /// Whose redirections (3xx) are followed.
    pub redirects: Redirects,
    /// Bounds of sessions that nobody refreshes.
    pub sessions: SessionLimits,
    /// Bounds of registrations.
    pub registration: RegistrationLimits,
    /// Where registrations are kept, so that phones are reachable after a restart.
    pub registrations: Arc<dyn Table>,
    /// Bounds of subscriptions.
    pub subscriptions: SubscriptionLimits,
    /// What lies in mailboxes.
    pub mailboxes: Arc<Mailboxes>,
    /// The digests that devices are asked for, in this order, and that are taken.
    pub digests: Vec<DigestAlgorithm>,
    /// How long a digest challenge may be answered.
    pub nonce_lifetime: Duration,
    /// What lets browsers be phones of their users.
    pub bearers: Arc<Bearers>,
    /// The guard against guessing, which all doors share.
    pub guard: Arc<Doors>,
}

/// Bounds of connections: TCP, TLS and WebSocket.
#[derive(Clone, Debug)]
pub struct StreamLimits {
    /// Where those that peers have opened have their places. Whoever has proved who it is keeps it.
    pub room: Room,
    /// How long a message may take to come whole, once it has begun.
    pub message: Duration,
    /// How long a peer that has not proved who it is may take over its first message, and over each one after.
    pub stranger: Duration,
    /// How long anybody else may say nothing; phones send keep-alives far more often.
    pub idle: Duration,
}

impl StreamLimits {
    /// The usual times.
    pub fn new(room: Room) -> Self {
        let [message, stranger, idle] = [30, 60, 900].map(Duration::from_secs);
        Self { room, message, stranger, idle }
    }
}

/// Bounds of registrations.
#[derive(Clone, Copy, Debug)]
pub struct RegistrationLimits {
    /// Shorter ones are refused with 423 (RFC 3261 section 10.3).
    pub shortest: Duration,
    /// Longer ones are cut to this.
    pub longest: Duration,
    /// For a REGISTER that says nothing.
    pub default: Duration,
    /// Contacts that a device may have.
    pub contacts: usize,
}

/// Bounds of subscriptions (RFC 6665).
#[derive(Clone, Copy, Debug)]
pub struct SubscriptionLimits {
    /// Shorter ones are refused with 423.
    pub shortest: Duration,
    /// Longer ones are cut to this; those that say nothing have it.
    pub longest: Duration,
    /// Those of one device, all its contacts together.
    pub of_device: usize,
    /// All.
    pub total: usize,
}

impl Default for SubscriptionLimits {
    fn default() -> Self {
        Self {
            shortest: Duration::from_secs(30),
            longest: Duration::from_secs(3600),
            of_device: 250,
            total: 50_000,
        }
    }
}

/// The sounds that parties are let hear.
#[derive(Clone, Debug, Default)]
pub struct SoundConfig {
    /// The folder of those that are played by their names.
    pub folder: Option<PathBuf>,
    /// A WAV file for parties that wait; `None` for the music that the switch makes itself.
    pub music: Option<PathBuf>,
    /// Whether files are fetched from addresses that are not on the public Internet, too.
    pub allow_private_urls: bool,
}

/// Which way media goes.
#[derive(Clone, Debug)]
pub enum MediaMode {
    /// Through the switch, which relays it.
    Anchored(MediaConfig),
    /// From end to end: session descriptions pass untouched.
    Direct,
}

impl Default for SipConfig {
    fn default() -> Self {
        Self {
            udp: None,
            tcp: None,
            tls: None,
            ws: None,
            wss: None,
            ws_origins: Vec::new(),
            certificate: None,
            trusted: None,
            advertised: None,
            media: MediaMode::Direct,
            encryption: Encryption::default(),
            keys_in_the_clear: false,
            ports_of_account: None,
            transcoded_streams: None,
            sounds: SoundConfig::default(),
            recordings: None,
            silence_timeout: None,
            answer_budget: Duration::ZERO,
            receive_buffer: 8 << 20,
            streams: StreamLimits::new(Room::new(RoomLimits { total: 10_000, of_source: 7_500 })),
            max_calls: 10_000,
            no_answer: Duration::from_secs(60),
            t1: Duration::from_millis(500),
            trunk_silence: Duration::from_secs(4),
            refer_from_trunks: false,
            features: FeatureCodes::default(),
            rings_by_origin: false,
            park_time: Duration::from_secs(120),
            end_work_within: Duration::from_secs(3_600),
            trunk_retry: Duration::from_secs(10),
            name_servers: Vec::new(),
            retry_after: Duration::from_secs(10),
            redirects: Redirects::default(),
            sessions: SessionLimits::default(),
            registration: RegistrationLimits::default(),
            registrations: Arc::new(Memory::default()),
            subscriptions: SubscriptionLimits::default(),
            mailboxes: Arc::new(Mailboxes::new(Arc::new(Memory::default()))),
            digests: vec![DigestAlgorithm::Md5],
            nonce_lifetime: Duration::from_secs(300),
            bearers: Arc::default(),
            guard: Arc::default(),
        }
    }
}

impl Default for RegistrationLimits {
    fn default() -> Self {
        Self {
            shortest: Duration::from_secs(30),
            longest: Duration::from_secs(3600),
            default: Duration::from_secs(300),
            contacts: 10,
        }
    }
}

/// Yields the directory as it is now. Asked on every request, so it must be cheap.
pub trait DirectorySource: Send + Sync + 'static {
    /// The directory as it is now.
    fn snapshot(&self) -> Arc<Snapshot>;
}

impl<F: Fn() -> Arc<Snapshot> + Send + Sync + 'static> DirectorySource for F {
    fn snapshot(&self) -> Arc<Snapshot> {
        self()
    }
}
