//! The server, put together.

mod admission;
mod doors;
mod http;
mod kept;
mod sip;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Result;
use api::{ApiConfig, Dialects};
use call::party::Transport;
use directory::Directory;
use history::History;
use http_core::App;
use keyvalue::Store;
use live::{Kept, Live};
use switch::{SystemClock, event_channel};
use switch_sip::SipSwitch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    config::{Config, check},
    keys::KeyFiles,
    landmark::Landmark,
};
use doors::Entrances;
pub use doors::http_certificate;
pub use http::api_config;
use kept::Opened;
pub use kept::open_directory;

/// Events that may wait for the disk before new calls are refused.
const BACKLOG: usize = 200_000;
/// How often it is looked whether the directory or a key was changed by another process.
const LOOK: Duration = Duration::from_secs(1);
/// How long a link that signs in is good.
const SIGN_IN_LINK: Duration = Duration::from_secs(24 * 3_600);
/// How long requests may take to finish when the server stops.
const HTTP_GRACE: Duration = Duration::from_secs(5);

/// A running server.
pub struct Server {
    http: SocketAddr,
    switch: Arc<SipSwitch>,
    live: Arc<Live>,
    history: Arc<dyn History>,
    landmark: Landmark,
    directory: Arc<Directory>,
    api: ApiConfig,
    state: Arc<Store>,
    tasks: TaskTracker,
    stopping: CancellationToken,
}

/// Makes what shows a mistake, and throws it away.
pub fn check(config: &Config) -> Result<()> {
    sip::sip_config(config).map(drop)?;
    doors::http_certificate(config)?;
    doors::guard_policy(config).map(drop)
}

/// Folder that calls are recorded into.
fn recordings(config: &Config) -> PathBuf {
    config.media.recordings.clone().unwrap_or_else(|| config.data_dir.join("recordings"))
}

impl Server {
    /// Opens what is kept, settles what a crash left behind, and takes calls and requests.
    ///
    /// A data folder that lacks what was there is refused, unless `accept_loss`.
    pub async fn start(config: &Config, accept_loss: bool) -> Result<Self> {
        check::refuse_mistakes(config)?;
        let entrances = Entrances::new(config)?;
        let listener = http::listen(config).await?;
        let opened = Opened::open(config, accept_loss).await?;
        let (mut api, tokens) = (http::served(config, &opened, &entrances)?, kept::open_tokens(config)?);
        let clock = Arc::new(SystemClock::default());
        let (sink, source) = event_channel(BACKLOG);
        let switch = sip::start_switch(config, &opened, &entrances, (sink.clone(), clock.clone())).await?;
        api.http.browser_phones.ports = http::web_socket_ports(&switch);
        let Opened { directory, history, landmark, spill, state, interrupted, .. } = opened;
        let options = kept::live_options(config, spill);
        let live = Live::start_with(source, switch.clone(), history.clone(), clock.clone(), options);
        live.metrics().tell_interrupted(interrupted);
        let source = http::source(&directory);
        let app = App::new(live.clone(), history.clone(), source, api.http.clone(), tokens);
        let router = api::router(Dialects::new(app, &api));
        let (http, tasks, stopping) = (listener.local_addr()?, TaskTracker::new(), CancellationToken::new());
        let server = Self { http, switch, live, history, landmark, directory, api, state, tasks, stopping };
        server.run(|stopping| http_core::serve(listener, router, entrances.http, stopping));
        let notices = server.directory.notices().clone();
        server.run(|stopping| live::tell_limits(notices, sink, clock, stopping));
        server.watch(config);
        Ok(server)
    }

    /// Takes over what other processes change, cuts off who has spent all, and notes what there is.
    fn watch(&self, config: &Config) {
        let (directory, keys) = (&self.directory, self.api.yeti.signing_keys.clone());
        self.run(|stopping| KeyFiles::of(config).watch(keys, LOOK, stopping));
        self.run(|stopping| kept::watch_directory(directory.clone(), LOOK, stopping));
        let (hooks, known) = (self.api.http.webhooks.clone(), http::source(directory));
        self.run(|stopping| hooks.run(self.live.clone(), known, stopping));
        self.run(|stopping| live::watch_spending(self.live.clone(), directory.clone(), stopping));
        let (history, hours) = (self.history.clone(), config.exports.keep_hours);
        self.run(|stopping| kept::expire_exports(history, hours, stopping));
        let known = directory.clone();
        let count = move || kept::accounts_in(&known);
        self.run(|stopping| self.landmark.clone().keep(count, stopping));
    }

    /// Runs a task until the server stops.
    fn run<F>(&self, task: impl FnOnce(CancellationToken) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tasks.spawn(task(self.stopping.clone()));
    }

    /// Address of the APIs.
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// Address of SIP.
    pub fn sip(&self, transport: Transport) -> Option<SocketAddr> {
        self.switch.local_addr(transport)
    }

    /// The live calls.
    pub fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// The directory.
    pub fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// Where a user is signed in without a password, once, and comes to `next`; `None` if there is no such user.
    pub fn sign_in_link(&self, login: &str, next: &str) -> Option<String> {
        let user = self.directory.snapshot().user_by_login(login)?.id;
        let until = self.live.clock().monotonic() + SIGN_IN_LINK;
        let link = self.api.http.sign_in_links.issue(user, until);
        Some(format!("http://{}/console/sign-in/{link}?next={next}", self.http))
    }

    /// From now on, what of this configuration can change without a restart counts.
    pub fn take_over(&self, config: &Config) -> Result<()> {
        admission::admit(&self.api.http, config)?;
        self.live.set_limits(kept::limits(config));
        Ok(())
    }

    /// Takes no new calls, lets the others end for at most `grace`, ends the rest and writes everything down; says
    /// where that is.
    pub async fn stop(&self, grace: Duration) -> Kept {
        let kept = self.live.stop(grace).await;
        self.stopping.cancel();
        self.tasks.close();
        if tokio::time::timeout(HTTP_GRACE, self.tasks.wait()).await.is_err() {
            tracing::warn!("some requests were still being answered");
        }
        if kept == Kept::Stored {
            self.history.close().await;
        }
        let state = self.state.clone();
        // It ends only by a panic, which is told already.
        let _ = tokio::task::spawn_blocking(move || state.close()).await;
        if let Err(error) = self.landmark.note(kept::accounts_in(&self.directory)) {
            tracing::warn!(error = %format!("{error:#}"), "what the data folder holds is not noted");
        }
        kept
    }
}
