//! What the handlers of this dialect have at hand.

use std::{ops::Deref, sync::Arc, time::Duration};

use axum::extract::FromRef;
use http_core::{App, config::KeyRing};
use jiff::tz::TimeZone;
use keyvalue::{Memory, Table};

use super::session::Ended;

/// How the dialect behaves.
#[derive(Clone, Debug)]
pub struct YetiConfig {
    /// What signs its tokens.
    pub signing_keys: KeyRing,
    /// How long a token lives; `None` = for ever.
    pub token_lifetime: Option<Duration>,
    /// The zone of times that say none, in charts and in filters of lists.
    pub time_zone: TimeZone,
    /// Where ended sessions are kept.
    pub ended_sessions: Arc<dyn Table>,
}

/// The server, and what this dialect keeps. Clones share it.
#[derive(Clone)]
pub struct Yeti {
    pub(crate) app: Arc<App>,
    /// How the dialect behaves.
    pub config: Arc<YetiConfig>,
    /// Sessions that their users have ended.
    pub ended_sessions: Arc<Ended>,
}

impl YetiConfig {
    /// The defaults.
    pub fn new(signing_keys: KeyRing) -> Self {
        Self {
            signing_keys,
            token_lifetime: Some(Duration::from_secs(600)),
            time_zone: TimeZone::UTC,
            ended_sessions: Arc::new(Memory::default()),
        }
    }
}

impl Yeti {
    /// The dialect of a server.
    pub fn new(app: Arc<App>, config: YetiConfig) -> Self {
        let ended_sessions = Ended::open(config.ended_sessions.clone(), app.now());
        Self { app, config: Arc::new(config), ended_sessions: Arc::new(ended_sessions) }
    }
}

impl Deref for Yeti {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl FromRef<Yeti> for Arc<App> {
    fn from_ref(yeti: &Yeti) -> Self {
        yeti.app.clone()
    }
}
