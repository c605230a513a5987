//! What the switch does for each trunk besides calls: it resolves its name, registers there, and asks
//! whether it is there.

mod keeper;
mod probe;
mod registration;
mod request;

use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

use ::switch::TrunkState;
use call::TrunkId;
use directory::{Snapshot, model::Trunk};
use keeper::Keeper;
use parking_lot::Mutex;
use rsipstack::sip::Request;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{core::Core, digest::Login};

/// How often the directory is looked at for changes.
const LOOK: Duration = Duration::from_millis(200);

/// The trunks as they are kept up.
#[derive(Default)]
pub(crate) struct Trunks {
    logins: Mutex<HashMap<TrunkId, Arc<Login>>>,
    keepers: Mutex<HashMap<TrunkId, Keeper>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Trunks {
    /// How to log in to a trunk, if the directory says.
    pub(crate) fn login(&self, trunk: &Trunk) -> Option<Arc<Login>> {
        let auth = trunk.auth.as_ref()?;
        let mut logins = self.logins.lock();
        let login = logins.entry(trunk.id).or_insert_with(|| Arc::new(Login::new(auth.clone())));
        if !login.is_with(auth) {
            *login = Arc::new(Login::new(auth.clone()));
        }
        Some(login.clone())
    }

    /// Whether a trunk is likely to take a call `now`: it answers, and has us registered if it is to. One that
    /// is not known yet is.
    pub(crate) fn is_fit(&self, trunk: TrunkId, now: Duration) -> bool {
        self.keepers.lock().get(&trunk).is_none_or(|keeper| keeper.trunk.is_fit(now))
    }

    /// The trunk that a request from `source` comes from because we are registered there: it is sent to the
    /// Contact that was registered, or comes from where the registration went.
    pub(crate) fn of_registration(
        &self,
        request: &Request,
        source: SocketAddr,
        now: Duration,
    ) -> Option<TrunkId> {
        let keepers = self.keepers.lock();
        let target = request.uri.to_string();
        let found = keepers.iter().find(|(_, keeper)| keeper.trunk.is_source(&target, source, now));
        found.map(|(id, _)| *id)
    }

    /// How the trunks are that are watched or registered at, by id.
    pub(crate) fn states(&self, now: Duration) -> Vec<TrunkState> {
        let keepers = self.keepers.lock();
        let mut states: Vec<_> = keepers.values().map(|keeper| keeper.trunk.state(now)).collect();
        states.sort_by_key(|state| state.trunk);
        states
    }

    /// Takes registrations back and stops watching. The next call waits for it.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
    }

    /// Waits for that, at most `patience`.
    pub(crate) async fn stopped(&self, patience: Duration) {
        // A registrar that does not answer by then is not waited for.
        let _ = tokio::time::timeout(patience, self.tasks.wait()).await;
    }

    /// Starts and stops keepers until they are those of this directory's trunks.
    fn adjust(&self, core: &Arc<Core>, directory: &Snapshot) {
        let mut keepers = self.keepers.lock();
        keepers.retain(|id, keeper| directory.trunk(*id).is_some() || keeper.dismiss());
        for trunk in &directory.entries().trunks {
            let before = keepers.get(&trunk.id);
            if before.is_some_and(|keeper| keeper.trunk.is_kept_like(trunk)) {
                continue;
            }
            before.map(Keeper::dismiss);
            let ended = before.map(|keeper| keeper.ended.clone());
            let keeper = Keeper::start(core, &self.tasks, &self.stop, trunk, ended);
            keepers.insert(trunk.id, keeper);
        }
    }
}

/// Follows the directory's trunks until the switch stops.
pub(crate) async fn follow(core: Arc<Core>) {
    let stop = core.trunks.stop.clone();
    let mut seen: Option<Arc<Snapshot>> = None;
    while !stop.is_cancelled() {
        let directory = core.directory.snapshot();
        if seen.as_ref().is_none_or(|seen| !Arc::ptr_eq(seen, &directory)) {
            core.trunks.adjust(&core, &directory);
            seen = Some(directory);
        }
        stop.run_until_cancelled(tokio::time::sleep(LOOK)).await;
    }
}
