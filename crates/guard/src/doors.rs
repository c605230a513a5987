//! One guard, shared by all doors.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use parking_lot::Mutex;

use crate::{Block, Guard, Offence, Policy, Source, Verdict};

/// Where somebody tries to come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Door {
    /// SIP, whatever the transport.
    Sip,
    /// HTTP, whatever the dialect.
    Http,
}

impl Door {
    /// Its name in the log and in the metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sip => "sip",
            Self::Http => "http",
        }
    }
}

/// The guard of all doors. Each refusal is one line in the log, of the form
///
/// ```text
/// guard: SOURCE at DOOR: OFFENCE
/// guard: SOURCE at DOOR: OFFENCE, kept out for SECONDS s
/// ```
///
/// with the full address, and no word of who was tried. Tries of those who are kept out are counted only.
#[derive(Debug)]
pub struct Doors {
    guard: Mutex<Guard>,
    hasher: RandomState,
    offences: [AtomicU64; Offence::ALL.len()],
    waits: AtomicU64,
    refused: AtomicU64,
}

/// What has been refused since the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// What counted against sources, by kind.
    pub offences: Vec<(Offence, u64)>,
    /// Tries that came too early.
    pub waits: u64,
    /// Tries of those who are kept out.
    pub refused: u64,
    /// Sources and users that are kept out now.
    pub blocked: usize,
    /// Sources, users and pairs of them that are remembered.
    pub remembered: usize,
}

impl Default for Doors {
    fn default() -> Self {
        Self::new(Policy::default())
    }
}

impl Doors {
    /// The guard of all doors, as strict as this.
    pub fn new(policy: Policy) -> Self {
        Self {
            guard: Mutex::new(Guard::new(policy)),
            hasher: RandomState::new(),
            offences: Default::default(),
            waits: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    /// From now on, this is how strict it is.
    pub fn set_policy(&self, policy: Policy) {
        self.guard.lock().set_policy(policy);
    }

    /// Whether a try from `ip` is to be checked, at the monotonic time `now`.
    pub fn check(&self, ip: IpAddr, user: Option<&str>, now: Duration) -> Verdict {
        let verdict = self.guard.lock().check(ip, user.map(|user| self.key(user)), now);
        match verdict {
            Verdict::Pass => {}
            Verdict::Wait(_) => count(&self.waits),
            Verdict::Blocked(_) => count(&self.refused),
        }
        verdict
    }

    /// Whether `user` has proved itself at `ip` of late.
    pub fn knows(&self, ip: IpAddr, user: &str, now: Duration) -> bool {
        self.guard.lock().knows(ip, self.key(user), now)
    }

    /// A try from `ip` has failed.
    pub fn failed(&self, door: Door, ip: IpAddr, user: Option<&str>, offence: Offence, now: Duration) {
        if let Some(counter) = Offence::ALL.iter().position(|known| *known == offence) {
            count(&self.offences[counter]);
        }
        let block = self.guard.lock().failed(ip, user.map(|user| self.key(user)), offence, now);
        let (ip, door, offence_name) = (ip.to_canonical(), door.name(), offence.name());
        match block {
            Some(block) => {
                let seconds = (block.until.saturating_sub(now)).as_secs();
                tracing::warn!("guard: {ip} at {door}: {offence_name}, kept out for {seconds} s");
            }
            None => tracing::warn!("guard: {ip} at {door}: {offence_name}"),
        }
    }

    /// `user` has proved itself at `ip`.
    pub fn succeeded(&self, ip: IpAddr, user: &str, now: Duration) {
        self.guard.lock().succeeded(ip, self.key(user), now);
    }

    /// Who is kept out now.
    pub fn blocks(&self, now: Duration) -> Vec<Block> {
        self.guard.lock().blocks(now)
    }

    /// Lets a source in again. Whether it was kept out.
    pub fn lift(&self, source: Source, now: Duration) -> bool {
        self.guard.lock().lift(source, now)
    }

    /// What has been refused since the start.
    pub fn figures(&self, now: Duration) -> Figures {
        let offences = Offence::ALL.into_iter().zip(&self.offences);
        let guard = self.guard.lock();
        Figures {
            offences: offences.map(|(offence, count)| (offence, count.load(Ordering::Relaxed))).collect(),
            waits: self.waits.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            blocked: guard.blocks(now).len(),
            remembered: guard.remembered(),
        }
    }

    fn key(&self, user: &str) -> u64 {
        self.hasher.hash_one(user)
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
