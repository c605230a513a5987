//! What the handlers of this dialect have at hand.

use std::{ops::Deref, sync::Arc, time::Duration};

use axum::extract::FromRef;
use http_core::{App, config::KeyRing};

use super::{oauth::SignIns, wire::VonageWire};

/// How the dialect behaves.
#[derive(Clone, Debug)]
pub struct VonageConfig {
    /// What its keys for ID tokens are derived from.
    pub signing_keys: KeyRing,
    /// Whether numbers, ids and times are printed as JSON numbers or strings.
    pub wire: VonageWire,
    /// How long a call that was not talked on can still be read after its end.
    pub linger: Duration,
}

/// The server, and what this dialect keeps. Clones share it.
#[derive(Clone)]
pub struct Vonage {
    pub(crate) app: Arc<App>,
    /// How the dialect behaves.
    pub config: Arc<VonageConfig>,
    /// Sign-ins of people on behalf of applications.
    pub sign_ins: Arc<SignIns>,
}

impl VonageConfig {
    /// The defaults.
    pub fn new(signing_keys: KeyRing) -> Self {
        Self { signing_keys, wire: VonageWire::default(), linger: Duration::from_secs(60) }
    }
}

impl Vonage {
    /// The dialect of a server.
    pub fn new(app: Arc<App>, config: VonageConfig) -> Self {
        Self { app, config: Arc::new(config), sign_ins: Arc::default() }
    }
}

impl Deref for Vonage {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl FromRef<Vonage> for Arc<App> {
    fn from_ref(vonage: &Vonage) -> Self {
        vonage.app.clone()
    }
}
