//! What the console keeps: who is signed in.

use std::sync::Arc;

use axum::extract::FromRef;
use http_core::App;

use crate::session::Sessions;

/// The console of a server. Clones are the same.
#[derive(Clone)]
pub struct Console {
    /// The server.
    pub(crate) app: Arc<App>,
    /// Who is signed in.
    pub(crate) sessions: Arc<Sessions>,
}

impl Console {
    /// The console of a server, with nobody signed in.
    pub fn new(app: Arc<App>) -> Self {
        Self { app, sessions: Arc::default() }
    }
}

impl FromRef<Console> for Arc<App> {
    fn from_ref(console: &Console) -> Self {
        console.app.clone()
    }
}
