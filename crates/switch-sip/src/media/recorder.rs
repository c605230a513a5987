//! Recording legs into WAV files: what the party sends on the left, what it hears on the right.
//!
//! One thread writes all files. It takes packets as they come, puts each where its time says, and writes
//! what is older than any packet may be late; so a recording of any length takes the same little memory.

mod ears;
mod track;

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::{Duration, Instant},
};

use codec::Codec;

use super::rtp::{self, Header};
use ears::Ears;
use track::Track;

/// Packets that may wait for the thread; what comes when more do is lost, and silence in the file.
const WAITING: usize = 16_384;
/// How often files are brought up to date.
const TICK: Duration = Duration::from_millis(500);

/// Writes recordings. The thread ends, and all files are whole, when this and all taps are dropped.
#[derive(Clone)]
pub struct Recorder {
    folder: PathBuf,
    work: SyncSender<Work>,
}

/// Where a leg's packets go to be recorded; the recording ends when it is dropped.
pub struct Tap {
    number: u64,
    work: SyncSender<Work>,
}

/// Which way a packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    /// From the party.
    Left,
    /// To the party.
    Right,
}

/// What the thread is told.
enum Work {
    Begin { number: u64, path: PathBuf, at: Instant, begun: Box<dyn FnOnce(io::Result<()>) + Send> },
    Packet { number: u64, channel: Channel, at: Instant, header: Header, codec: Codec, payload: Vec<u8> },
    End { number: u64, at: Instant },
}

impl Recorder {
    /// Makes the folder if it is not there, and starts the thread.
    pub fn start(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let (work, orders) = sync_channel(WAITING);
        thread::Builder::new().name("recorder".into()).spawn(move || run(&orders))?;
        Ok(Self { folder: folder.to_owned(), work })
    }

    /// Begins a recording in a new file of this name. `begun` hears, in another thread, whether the file
    /// could be made. `None` if the thread has more to do than it can.
    pub fn record(&self, name: &str, begun: impl FnOnce(io::Result<()>) + Send + 'static) -> Option<Tap> {
        let number = rand::random();
        let (path, begun) = (self.folder.join(name), Box::new(begun));
        self.work.try_send(Work::Begin { number, path, at: Instant::now(), begun }).ok()?;
        Some(Tap { number, work: self.work.clone() })
    }
}

impl Tap {
    /// Takes a packet. It never waits.
    pub(super) fn take(&self, channel: Channel, packet: &[u8], codec: Codec) {
        let (Some(header), Some(range)) = (Header::read(packet), rtp::payload(packet)) else { return };
        let payload = packet[range].to_vec();
        let (number, at) = (self.number, Instant::now());
        // When the disk cannot follow, calls go on, and what is lost is silence.
        let _ = self.work.try_send(Work::Packet { number, channel, at, header, codec, payload });
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        let end = Work::End { number: self.number, at: Instant::now() };
        if let Err(std::sync::mpsc::TrySendError::Full(end)) = self.work.try_send(end) {
            // An end must not be lost. It is rare enough for a thread of its own to wait with it.
            let work = self.work.clone();
            thread::spawn(move || work.send(end));
        }
    }
}

fn run(orders: &Receiver<Work>) {
    let (mut tracks, mut due) = (HashMap::new(), Instant::now() + TICK);
    loop {
        match orders.recv_timeout(due.saturating_duration_since(Instant::now())) {
            Ok(work) => carry_out(work, &mut tracks),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if Instant::now() >= due {
            tracks.retain(|_, (track, _): &mut (Track, Ears)| is_written(track.advance(Instant::now())));
            due = Instant::now() + TICK;
        }
    }
}

fn carry_out(work: Work, tracks: &mut HashMap<u64, (Track, Ears)>) {
    match work {
        Work::Begin { number, path, at, begun } => begun(Track::begin(&path, at).map(|track| {
            tracks.insert(number, (track, Ears::default()));
        })),
        Work::Packet { number, channel, at, header, codec, payload } => {
            if let Some((track, ears)) = tracks.get_mut(&number) {
                let (header, samples) = ears.hear(channel, header, codec, &payload);
                track.put(channel, at, header, samples.iter().copied());
            }
        }
        Work::End { number, at } => {
            if let Some((track, _)) = tracks.remove(&number) {
                is_written(track.finish(at));
            }
        }
    }
}

/// Whether a file was written; one that cannot be is given up.
fn is_written(result: io::Result<()>) -> bool {
    if let Err(error) = &result {
        tracing::error!(%error, "a recording cannot be written");
    }
    result.is_ok()
}
