//! The server, put together.

mod admission;
mod parts;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use api::{ApiConfig, ServeLimits};
use call::party::Transport;
use directory::{Directory, mailboxes::Mailboxes};
use guard::{Door, Doors};
use history::History;
use keyvalue::Store;
use live::{Kept, Live};
use switch::{SystemClock, event_channel};
use switch_sip::SipSwitch;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    config::{Config, check},
    keys::KeyFiles,
    landmark::Landmark,
};
pub use parts::{api_config, check, open_directory};

/// Events that may wait for the disk before new calls are refused.
const BACKLOG: usize = 200_000;
/// How often it is looked whether the directory or a key was changed by another process.
const LOOK: Duration = Duration::from_secs(1);
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

impl Server {
    /// Opens what is kept, settles what a crash left behind, and takes calls and requests.
    ///
    /// A data folder that lacks what was there is refused, unless `accept_loss`.
    pub async fn start(config: &Config, accept_loss: bool) -> Result<Self> {
        check::refuse_mistakes(config)?;
        let open_files = parts::allow_open_files();
        let limits = ServeLimits::new(parts::http_room(config, open_files)?);
        let sip_room = parts::sip_room(config, open_files)?;
        let listener = TcpListener::bind(config.http.listen).await;
        let listener =
            listener.with_context(|| format!("[http] listen: cannot use {}", config.http.listen))?;
        let http = listener.local_addr()?;
        let directory = Arc::new(open_directory(config)?);
        let landmark = Landmark::of(&config.data_dir);
        parts::close_to_others(&config.data_dir);
        let history: Arc<dyn History> = parts::open_history(config)?;
        let accounts = directory.snapshot().entries().accounts.len();
        if !accept_loss {
            landmark.check(history.as_ref(), accounts)?;
        }
        check::refuse_strangers(config, &directory.snapshot())?;
        let spill = parts::open_spill(config, history.as_ref()).await?;
        let unfinished = history.unfinished().await?.len();
        let interrupted = live::recover(history.as_ref()).await?;
        parts::say_what_was_found(history.as_ref(), &directory, (unfinished, interrupted)).await?;
        let guard = Arc::new(Doors::new(parts::guard_policy(config)?));
        let clock = Arc::new(SystemClock::default());
        let (sink, source) = event_channel(BACKLOG);
        let state = parts::open_state(config);
        let known = directory.clone();
        let mailboxes = Arc::new(Mailboxes::new(state.table("mailboxes")));
        let rooms = vec![(Door::Sip, sip_room.clone()), (Door::Http, limits.room.clone())];
        let of_switch = (guard.clone(), sip_room, mailboxes.clone());
        let switch = parts::start_switch(config, known, sink, clock.clone(), of_switch, &state).await?;
        let options = parts::live_options(config, spill);
        let live = Live::start_with(source, switch.clone(), history.clone(), clock, options);
        live.metrics().tell_interrupted(interrupted);
        let (source, tokens) = (parts::source(&directory), parts::open_tokens(config)?);
        let mut api_config = parts::api_config(config)?;
        api_config.guard = guard;
        api_config.rooms = rooms;
        api_config.directory = Some(directory.clone());
        api_config.mailboxes = mailboxes;
        api_config.answers = state.table("answers");
        let (keys, api) = (api_config.yeti.signing_keys.clone(), api_config.clone());
        let app = api::App::new(live.clone(), history.clone(), source, api_config, tokens);
        let server = Self {
            http,
            switch,
            live,
            history,
            landmark,
            directory,
            api,
            state,
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
        };
        server.tasks.spawn(api::serve(listener, api::router(app), limits, server.stopping.clone()));
        server.watch(KeyFiles::of(config).watch(keys, LOOK, server.stopping.clone()));
        Ok(server)
    }

    /// Looks after what changes outside of the server's own doing, until it stops.
    fn watch(&self, keys: impl Future<Output = ()> + Send + 'static) {
        let (directory, stopping) = (&self.directory, &self.stopping);
        self.tasks.spawn(keys);
        self.tasks.spawn(parts::watch_directory(directory.clone(), LOOK, stopping.clone()));
        self.tasks.spawn(live::watch_spending(self.live.clone(), directory.clone(), stopping.clone()));
        let known = directory.clone();
        let count = move || known.snapshot().entries().accounts.len();
        self.tasks.spawn(self.landmark.clone().keep(count, stopping.clone()));
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

    /// From now on, what of this configuration can change without a restart counts.
    pub fn take_over(&self, config: &Config) -> Result<()> {
        admission::admit(&self.api, config)?;
        self.live.set_limits(parts::limits(config));
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
        let accounts = self.directory.snapshot().entries().accounts.len();
        if let Err(error) = self.landmark.note(accounts) {
            tracing::warn!(error = %format!("{error:#}"), "what the data folder holds is not noted");
        }
        kept
    }
}
