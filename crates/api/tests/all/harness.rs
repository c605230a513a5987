//! A whole server in a test: the simulated switch, a history on disk, a directory of two customers, the real
//! writer and the real router. The clock stands still at [`NOW`] until it is moved.

mod calls;
mod console;
mod http;
mod receiver;
mod recorder;

use std::{sync::Arc, time::Duration};

use api::{ApiConfig, Dialects};
use axum::Router;
use call::{Timestamp, party::Endpoint};
use directory::{Directory, DirectoryFile, Snapshot, Tokens};
use history::{Journal, OpenOptions, SqliteHistory};
use http_core::{App, browser_phones::Ports, config::SigningKeys};
use live::Live;
use parking_lot::Mutex;
use switch::{
    Clock, ManualClock, event_channel,
    simulated::{Manner, Party, SimulatedSwitch},
};
use tempfile::TempDir;

use recorder::Recorder;

pub use calls::Talk;
pub use console::{SignedIn, between, form};
pub use http::{Answer, Asking};
pub use receiver::Receiver;

/// 2026-01-02 12:00:00 UTC: when the server starts.
pub const NOW: Timestamp = Timestamp::from_seconds(1_767_355_200);
/// The password of every user.
pub const PASSWORD: &str = "open sesame";
/// What the server signs its tokens with.
pub const SIGNING_KEY: &[u8] = b"a key for tests, long enough for HS256";

/// Most events that may wait for the writer.
const BACKLOG: usize = 100_000;

/// What those do who do not answer at once.
type Manners = Arc<Mutex<Vec<(Endpoint, Manner)>>>;

/// The server.
pub struct Server {
    pub app: Arc<App>,
    pub switch: SimulatedSwitch,
    pub told: Recorder,
    pub clock: Arc<ManualClock>,
    directory: Arc<Directory>,
    manners: Manners,
    pub config: ApiConfig,
    router: Router,
    /// Where its data are.
    pub folder: TempDir,
}

impl Server {
    /// A server with the usual configuration, and no calls yet.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// A server whose configuration is changed first.
    pub async fn start_with(change: impl FnOnce(&mut ApiConfig)) -> Self {
        Self::start_in(include_str!("harness/directory.toml"), change).await
    }

    /// A server with a directory of its own.
    pub async fn start_in(directory: &str, change: impl FnOnce(&mut ApiConfig)) -> Self {
        let mut config = ApiConfig::new(SigningKeys::new(SIGNING_KEY.to_vec()));
        config.http.browser_phones.ports = Ports { ws: Some(5066), wss: None };
        config.http.names = ["example.org", "cpo.hostedsuite.com"].map(str::to_owned).to_vec();
        change(&mut config);
        let clock = Arc::new(ManualClock::at(NOW));
        Self::open(tempfile::tempdir().unwrap(), described(directory), clock, config).await
    }

    /// The same server, stopped and started again on the same history after a time.
    pub async fn restart_after(self, away: Duration) -> Self {
        let Self { app, switch, told, clock, directory, config, router, folder, .. } = self;
        app.live.stop(Duration::ZERO).await;
        app.history.heartbeat(history::Heartbeat::steady(clock.now())).await.unwrap();
        drop((app, switch, told, router));
        clock.advance(away);
        Self::open(folder, directory, clock, config).await
    }

    async fn open(
        folder: TempDir,
        directory: Arc<Directory>,
        clock: Arc<ManualClock>,
        mut config: ApiConfig,
    ) -> Self {
        let now = clock.clone();
        let options = OpenOptions {
            formats: api::export_formats(config.hostedsuite.formulas),
            now: Arc::new(move || now.now()),
            // What an answer says is tested here, however busy the machine is.
            query_limit: Duration::from_secs(300),
            ..OpenOptions::new(folder.path().join("history"))
        };
        let history = Arc::new(SqliteHistory::open(options).unwrap());
        let (sink, source) = event_channel(BACKLOG);
        let known = directory.clone();
        let resolver = move |account, target: &_| calls::parties(&known.snapshot(), account, target);
        let manners = Manners::default();
        let known_manners = manners.clone();
        let switch = SimulatedSwitch::builder(sink)
            .clock(clock.clone())
            .resolver(resolver)
            .manners(move |who| manner(&known_manners, who))
            .seed(1)
            .build();
        live::recover(&*history).await.unwrap();
        history.heartbeat(history::Heartbeat::steady(clock.now())).await.unwrap();
        let told = Recorder::new(switch.clone());
        let live = Live::start(source, Arc::new(told.clone()), history.clone(), clock.clone());
        let known = directory.clone();
        let tokens = Arc::new(Tokens::open(&folder.path().join("tokens.db"), clock.now()).unwrap());
        config.http.directory = Some(directory.clone());
        let app = App::new(live, history, Arc::new(move || known.snapshot()), config.http.clone(), tokens);
        let router = api::router(Dialects::new(app.clone(), &config));
        Self { app, switch, told, clock, directory, manners, config, router, folder }
    }

    /// From now on this party does so when a command has it called; others answer at once.
    pub fn behaves(&self, party: &Party, manner: Manner) {
        self.manners.lock().push((party.endpoint.clone(), manner));
    }

    /// Applies the usual directory file with a change.
    pub fn change_directory(&self, change: impl FnOnce(&str) -> String) {
        let text = change(include_str!("harness/directory.toml"));
        self.directory.apply(&DirectoryFile::parse("directory.toml", &text).unwrap()).unwrap();
    }

    /// Applies a directory file of its own.
    pub fn apply_directory(&self, text: &str) {
        self.directory.apply(&DirectoryFile::parse("directory.toml", text).unwrap()).unwrap();
    }

    /// The directory as it is now.
    pub fn directory(&self) -> Arc<Snapshot> {
        self.directory.snapshot()
    }
}

fn manner(known: &Manners, who: &Endpoint) -> Manner {
    let known = known.lock();
    let last = known.iter().rev().find(|(endpoint, _)| endpoint == who);
    last.map_or(Manner::Answers, |(_, manner)| *manner)
}

fn described(text: &str) -> Arc<Directory> {
    let directory = Directory::in_memory().unwrap();
    directory.apply(&DirectoryFile::parse("directory.toml", text).unwrap()).unwrap();
    Arc::new(directory)
}
