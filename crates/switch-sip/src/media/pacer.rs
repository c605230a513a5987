//! The thread that sends what the switch itself lets parties hear: a packet each 20 ms on every end, by
//! one clock that does not drift.

use std::{
    io,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};

use super::{
    end::{End, Uttered},
    sound::Sound,
};

/// The time of a packet.
const PACE: Duration = Duration::from_millis(20);
/// A thread that was held up longer does not make up for what it has missed.
const LAG: Duration = Duration::from_millis(200);

/// What the thread shares with the legs.
pub(super) struct Pacer {
    began: Instant,
    new: Mutex<Vec<Job>>,
    woken: Condvar,
    is_stopped: AtomicBool,
}

/// What goes on at an end.
pub(super) enum Job {
    /// A sound is heard.
    Sound(Playing),
    /// Keys are pressed.
    Keys(Weak<End>),
    /// A handshake may have to begin, and to repeat what was not answered.
    Handshake(Weak<End>),
}

/// A sound on its way to a party.
pub(super) struct Playing {
    pub(super) end: Weak<End>,
    /// The end hears this sound while it has the same number.
    pub(super) number: u64,
    pub(super) sound: Arc<Sound>,
    /// The next packet of it.
    pub(super) frame: usize,
    /// Told when the sound is over by itself; without it, the sound is repeated.
    pub(super) ended: Option<Box<dyn FnOnce() + Send>>,
}

/// Whether a job goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    More,
    Done,
}

impl Pacer {
    pub(super) fn start(began: Instant) -> io::Result<Arc<Self>> {
        let pacer = Arc::new(Self {
            began,
            new: Mutex::default(),
            woken: Condvar::new(),
            is_stopped: AtomicBool::new(false),
        });
        let shared = pacer.clone();
        thread::Builder::new().name("media-pacer".into()).spawn(move || shared.run())?;
        Ok(pacer)
    }

    /// Begins with it at the next packet's time.
    pub(super) fn add(&self, job: Job) {
        self.new.lock().push(job);
        self.woken.notify_one();
    }

    /// Lets the thread end.
    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Release);
        // The lock is taken so that the thread is either before its look at the flag or asleep.
        drop(self.new.lock());
        self.woken.notify_one();
    }

    fn run(&self) {
        let (mut jobs, mut due) = (Vec::new(), Instant::now());
        loop {
            if self.collect(&mut jobs) {
                due = Instant::now();
            }
            if self.is_stopped.load(Ordering::Acquire) {
                return;
            }
            let now = self.began.elapsed();
            jobs.retain_mut(|job: &mut Job| job.step(now) == Step::More);
            due += PACE;
            if due.elapsed() > LAG {
                due = Instant::now();
            }
            thread::sleep(due.saturating_duration_since(Instant::now()));
        }
    }

    /// Takes in new jobs; says whether it had to wait for them.
    fn collect(&self, jobs: &mut Vec<Job>) -> bool {
        let mut new = self.new.lock();
        let waits = jobs.is_empty() && new.is_empty();
        while jobs.is_empty() && new.is_empty() && !self.is_stopped.load(Ordering::Acquire) {
            self.woken.wait(&mut new);
        }
        jobs.append(&mut new);
        waits
    }
}

impl Job {
    fn step(&mut self, now: Duration) -> Step {
        match self {
            Self::Sound(playing) => playing.step(now),
            Self::Keys(end) => end.upgrade().map_or(Step::Done, |end| end.press_on(now)),
            Self::Handshake(end) => end.upgrade().map_or(Step::Done, |end| end.shake_on(now)),
        }
    }
}

impl Playing {
    fn step(&mut self, now: Duration) -> Step {
        let Some(end) = self.end.upgrade() else { return Step::Done };
        if self.frame >= self.sound.frames() {
            self.frame = 0;
            if let Some(ended) = self.ended.take() {
                if end.finish(self.number) {
                    ended();
                }
                return Step::Done;
            }
        }
        match end.utter(self.number, &self.sound, self.frame, now) {
            Uttered::Yes => self.frame += 1,
            Uttered::Later => {}
            Uttered::Never => return Step::Done,
        }
        Step::More
    }
}
