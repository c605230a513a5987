//! One trunk as it is kept up.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ::switch::{TrunkState, wait_until};
use call::{Notice, NoticeKind, notice::TrunkChange};
use directory::model::Trunk;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{probe, registration};
use crate::{core::Core, names::Place};

/// How long a keeper waits for the one before it to take its registration back.
const HANDOVER: Duration = Duration::from_secs(2);

/// Who keeps a trunk up.
pub(super) struct Keeper {
    pub(super) trunk: Arc<Kept>,
    /// Cancelled when it has ended.
    pub(super) ended: CancellationToken,
    stop: CancellationToken,
}

/// A trunk, and how it was found.
pub(super) struct Kept {
    pub(super) entry: Trunk,
    /// In the Contact that is registered, so that calls that are sent to it are known by it.
    pub(super) line: String,
    is_up: AtomicBool,
    registration: Mutex<Option<Granted>>,
    answers: Answers,
}

/// What a registration that rests hears of the trunk.
#[derive(Default)]
pub(super) struct Answers {
    /// It has answered a probe.
    pub(super) any: Notify,
    /// It has answered one after it had not.
    pub(super) again: Notify,
}

/// A registration of ours.
#[derive(Clone, Copy)]
pub(super) struct Granted {
    /// The registrar.
    pub(super) at: SocketAddr,
    /// By the switch's clock.
    pub(super) until: Duration,
}

impl Keeper {
    /// Begins to keep a trunk up, once the keeper before has `ended`, until `stop`.
    pub(super) fn start(
        core: &Arc<Core>,
        tasks: &TaskTracker,
        stop: &CancellationToken,
        entry: &Trunk,
        before: Option<CancellationToken>,
    ) -> Self {
        let trunk = Arc::new(Kept {
            entry: entry.clone(),
            line: format!("{:032x}", rand::random::<u128>()),
            is_up: AtomicBool::new(true),
            registration: Mutex::default(),
            answers: Answers::default(),
        });
        let (stop, ended) = (stop.child_token(), CancellationToken::new());
        let keeper = Self { trunk: trunk.clone(), ended: ended.clone(), stop: stop.clone() };
        let (core, end) = (core.clone(), ended.drop_guard());
        tasks.spawn(async move {
            if let Some(before) = before {
                let _ = tokio::time::timeout(HANDOVER, before.cancelled()).await;
            }
            keep(&core, &trunk, &stop).await;
            drop(end);
        });
        keeper
    }

    /// Has it end; false, as it is not to stay.
    pub(super) fn dismiss(&self) -> bool {
        self.stop.cancel();
        false
    }
}

async fn keep(core: &Arc<Core>, trunk: &Kept, stop: &CancellationToken) {
    let place = Place::of(&trunk.entry);
    tokio::join!(
        stop.run_until_cancelled(core.names.keep(&place)),
        stop.run_until_cancelled(probe::keep(core, trunk)),
        registration::keep(core, trunk, stop),
    );
}

impl Kept {
    /// Whether another entry is kept up in the very same way.
    pub(super) fn is_kept_like(&self, other: &Trunk) -> bool {
        let own = &self.entry;
        let way = |trunk: &Trunk| (trunk.host.clone(), trunk.port, trunk.transport);
        way(own) == way(other)
            && (&own.auth, own.registration, own.probe) == (&other.auth, other.registration, other.probe)
    }

    /// Notes whether it answers.
    pub(super) fn set_up(&self, core: &Core, is_up: bool) {
        let was_up = self.is_up.swap(is_up, Ordering::Relaxed);
        if was_up != is_up {
            self.tell(core, if is_up { TrunkChange::Up } else { TrunkChange::Down });
            tracing::warn!(trunk = %self.entry.id, is_up, "a trunk has changed");
        }
        if is_up {
            self.answers.any.notify_waiters();
        }
        if is_up && !was_up {
            self.answers.again.notify_waiters();
        }
    }

    /// Ends when the trunk shows that a registration is worth another try: with any answer where it has said
    /// nothing, but where it has refused, only once it comes back.
    pub(super) async fn worth_a_try(&self, was_silent: bool) {
        let answers = &self.answers;
        if was_silent { answers.any.notified().await } else { answers.again.notified().await }
    }

    /// Notes what a registrar has granted, or no longer grants. Told is what differs from what was noted before:
    /// what has lapsed since is noted as such by [`lapse`](Self::lapse) alone.
    pub(super) fn set_registration(&self, core: &Core, registration: Option<Granted>) {
        let before = std::mem::replace(&mut *self.registration.lock(), registration);
        match (before, registration) {
            (None, Some(_)) => self.tell(core, TrunkChange::Registered),
            (Some(_), None) => self.tell(core, TrunkChange::Unregistered),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }

    /// Waits until the registration has lapsed, and notes that; for ever if there is none.
    pub(super) async fn lapse(&self, core: &Core) -> Infallible {
        let granted = *self.registration.lock();
        if let Some(granted) = granted {
            wait_until(&*core.clock, granted.until).await;
            self.set_registration(core, None);
        }
        std::future::pending().await
    }

    /// Tells those who read events.
    fn tell(&self, core: &Core, change: TrunkChange) {
        let kind = NoticeKind::Trunk { trunk: self.entry.id, change };
        core.events.notice(Notice { at: core.clock.now(), accounts: vec![self.entry.account], kind });
    }

    fn registration(&self, now: Duration) -> Option<Granted> {
        self.registration.lock().filter(|granted| granted.until > now)
    }

    pub(super) fn is_registered(&self, now: Duration) -> bool {
        self.registration(now).is_some()
    }

    pub(super) fn is_fit(&self, now: Duration) -> bool {
        self.is_up.load(Ordering::Relaxed) && (self.entry.registration.is_none() || self.is_registered(now))
    }

    /// Whether a request to `target` comes from there because we are registered.
    pub(super) fn is_source(&self, target: &str, source: SocketAddr, now: Duration) -> bool {
        let is_ours = |param: &str| param.strip_prefix("line=") == Some(&*self.line);
        self.registration(now).is_some_and(|granted| granted.at == source || target.split(';').any(is_ours))
    }

    pub(super) fn state(&self, now: Duration) -> TrunkState {
        TrunkState {
            trunk: self.entry.id,
            is_up: self.entry.probe.map(|_| self.is_up.load(Ordering::Relaxed)),
            is_registered: self.entry.registration.map(|_| self.is_registered(now)),
        }
    }
}
