//! The audit trail of what is done by HTTP: what a route of the table has done is noted before it is answered, whatever
//! the dialect. Who has done it is said by whoever reads the credentials.

mod asked;
pub mod csv;

use std::{
    net::IpAddr,
    panic::resume_unwind,
    sync::{Arc, OnceLock},
};

use axum::{
    extract::Request,
    http::{Extensions, Method, StatusCode},
    middleware::Next,
    response::Response,
};
use directory::{
    Access, Author, Directory, Interface, Who,
    audit::{AuditAction, Noted, Whose},
};
use tracing::Instrument;

use self::asked::Asked;
use crate::App;

/// Most bytes of a path that are noted.
const MOST_OF_PATH: usize = 300;

/// Where it is said who does what a request asks for. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Trail(Arc<OnceLock<Actor>>);

/// Who does something.
#[derive(Debug)]
struct Actor {
    directory: Arc<Directory>,
    author: Author,
    whose: Whose,
}

impl Trail {
    /// That of a request; of one that nothing is noted of, one that leads nowhere.
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }
}

impl App {
    /// Says who does what a request asks for, by which interface, and in whose accounts.
    pub fn acts(&self, trail: &Trail, who: Who, (source, interface): (IpAddr, Interface), access: &Access) {
        let Some(directory) = self.config.directory.clone() else { return };
        let account = <[_; 1]>::try_from(access.accounts()).ok().map(|[account]| account);
        let author = Author { who, source: Some(source), interface, at: self.now() };
        let whose = Whose { customer: Some(access.customer()), account };
        // Who is said a second time is the same.
        let _ = trail.0.set(Actor { directory, author, whose });
    }
}

/// Answers, and before it does, notes what was done. A client that goes does not keep it from being noted.
pub(crate) async fn noted(request: Request, next: Next) -> Response {
    let done = tokio::spawn(run(request, next).in_current_span()).await;
    done.unwrap_or_else(|error| resume_unwind(error.into_panic()))
}

async fn run(mut request: Request, next: Next) -> Response {
    let (trail, action) = (Trail::default(), action(request.method()));
    let path: String = request.uri().path().chars().take(MOST_OF_PATH).collect();
    let entry = format!("{} {path}", request.method());
    request.extensions_mut().insert(trail.clone());
    let (request, asked) = Asked::of(request);
    let response = next.run(request).await;
    if is_done(response.status()) && trail.0.get().is_some() {
        let write = move || {
            let actor = trail.0.get()?;
            let noted = Noted { whose: actor.whose, action, entry, before: None, after: asked.shown() };
            actor.directory.by(actor.author.clone()).note(&noted).err()
        };
        let failed = tokio::task::spawn_blocking(write).await;
        if let Ok(Some(error)) = failed {
            tracing::error!(error = &error as &dyn std::error::Error, "a change is not noted");
        }
    }
    response
}

fn action(method: &Method) -> AuditAction {
    match *method {
        Method::POST => AuditAction::Added,
        Method::DELETE => AuditAction::Removed,
        _ => AuditAction::Changed,
    }
}

/// Pages that are led elsewhere have done what their form has asked for.
fn is_done(status: StatusCode) -> bool {
    status.is_success() || status == StatusCode::SEE_OTHER
}
