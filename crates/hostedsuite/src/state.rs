//! What the handlers of this dialect have at hand.

use std::{ops::Deref, sync::Arc};

use axum::extract::FromRef;
use http_core::{App, formula::Formulas};
use jiff::tz::TimeZone;

/// How the dialect behaves.
#[derive(Clone, Debug)]
pub struct HostedSuiteConfig {
    /// Zone of its dates.
    pub time_zone: TimeZone,
    /// Items on a page when the request does not say.
    pub items_per_page: u32,
    /// What records show as the server that switched the call.
    pub server: String,
    /// What becomes of formulas in CSV.
    pub formulas: Formulas,
}

/// The server, as this dialect sees it. Clones share it.
#[derive(Clone)]
pub struct HostedSuite {
    app: Arc<App>,
    /// How the dialect behaves.
    pub config: Arc<HostedSuiteConfig>,
}

impl Default for HostedSuiteConfig {
    fn default() -> Self {
        Self {
            time_zone: TimeZone::UTC,
            items_per_page: 100,
            server: "trunkline".to_owned(),
            formulas: Formulas::default(),
        }
    }
}

impl HostedSuite {
    /// The dialect of a server.
    pub fn new(app: Arc<App>, config: HostedSuiteConfig) -> Self {
        Self { app, config: Arc::new(config) }
    }
}

impl Deref for HostedSuite {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl FromRef<HostedSuite> for Arc<App> {
    fn from_ref(hostedsuite: &HostedSuite) -> Self {
        hostedsuite.app.clone()
    }
}
