//! HTTP: three dialects that programs already speak, and a small native one.
//!
//! A dialect is a translation: a vendor's words live in its folder and nowhere else. All share what lies
//! here: who is asking ([`auth`]), JSON bodies ([`body`]), the list of routes ([`route`]), request ids, limits and
//! configuration.

pub mod app;
pub mod auth;
pub mod body;
pub mod config;
pub mod failure;
pub mod file;
mod formula;
pub mod fuzzing;
pub mod hostedsuite;
pub mod layer;
pub mod native;
pub mod request;
pub mod route;
mod serve;
pub mod time;
pub mod vonage;
pub mod yeti;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    middleware,
};
use history::export::ExportFormat;

use self::{
    hostedsuite::spelling,
    layer::{conditional::tagged, encoding, host, staleness},
};

pub use app::App;
pub use config::ApiConfig;
pub use route::{Guard, Route};
pub use serve::{ServeLimits, serve};

/// Every route of the server.
pub fn routes() -> Vec<Route> {
    [native::routes(), yeti::routes(), vonage::routes(), hostedsuite::routes()]
        .into_iter()
        .flatten()
        .collect()
}

/// The formats of exports that the dialects offer; for the history to open with.
pub fn export_formats() -> Vec<Arc<dyn ExportFormat>> {
    yeti::export::CdrFile::ALL.into_iter().map(|format| Arc::new(format) as Arc<dyn ExportFormat>).collect()
}

/// The server's router, for [`serve`].
pub fn router(app: Arc<App>) -> Router {
    let (limit, cors) = (app.config.body_limit, app.config.cors.layer());
    let hostedsuite = table(tagged(hostedsuite::routes())).method_not_allowed_fallback(native::wrong_method);
    let usual = host::required(hostedsuite.clone().fallback(spelling::nothing), native::refuse_host);
    let usual = spelling::Usual::new(usual.with_state(app.clone()));
    let hostedsuite = hostedsuite::with_fallbacks(hostedsuite, usual.clone());
    let unknown = |request: Request| async move {
        match usual.answer(request).await {
            Some(response) => response,
            None => native::unknown_path().await,
        }
    };
    let dialects = Router::new()
        .merge(host::required(native::with_fallbacks(table(tagged(native::routes()))), native::refuse_host))
        .merge(host::required(yeti::with_fallbacks(table(yeti::routes())), yeti::refuse_host))
        .merge(host::required(
            vonage::with_fallbacks(table(tagged(vonage::routes())), &app),
            native::refuse_host,
        ))
        .merge(host::required(hostedsuite, native::refuse_host))
        .fallback(unknown)
        .layer(DefaultBodyLimit::max(limit))
        .layer(middleware::from_fn_with_state(app.clone(), staleness::told))
        .with_state(app);
    let routes = encoding::packed(encoding::unpacked(dialects));
    let routes = match cors {
        Some(cors) => routes.layer(cors),
        None => routes,
    };
    routes.layer(middleware::from_fn(request::with_request_id))
}

/// The routes of one dialect. What the dialect answers to an unknown path or a wrong method is added to this,
/// before the dialects are merged.
fn table(routes: Vec<Route>) -> Router<Arc<App>> {
    routes.into_iter().fold(Router::new(), |router, Route { path, handler, aliases, .. }| {
        let router = aliases.iter().fold(router, |router, alias| router.route(alias, handler.clone()));
        router.route(&path, handler)
    })
}
