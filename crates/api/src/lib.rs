//! HTTP: three dialects that programs already speak, a small native one, and the console, put together.
//!
//! Each dialect is a crate of its own, on what `http_core` has for all; here are the list of all their routes and
//! the one router.

pub mod config;
pub mod fuzzing;
pub mod openapi;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    middleware,
    response::Response,
};
use console::{Console, ConsoleCsv};
use directory::model::WebhookFormat;
use history::export::ExportFormat;
use hostedsuite::{
    HostedSuite,
    spelling::{self, Usual},
};
use http_core::{
    App, Endpoint, Route,
    formula::Formulas,
    layer::{
        conditional::tagged,
        encoding,
        host::{NoHost, required},
        staleness,
    },
    request,
    route::table,
};
use vonage::{CallEvents, Vonage, VonageConfig};
use webhooks::Formats;
use yeti::{
    CdrPush, Yeti,
    export::{CdrFile, CdrFormat},
};

pub use config::ApiConfig;

/// The dialects that keep something or can be configured, each with its state.
#[derive(Clone)]
pub struct Dialects {
    /// The server, as all of them see it.
    pub app: Arc<App>,
    /// The console.
    pub console: Console,
    /// Yeti's customer API.
    pub yeti: Yeti,
    /// Vonage's telephony API.
    pub vonage: Vonage,
    /// HostedSuite's call records.
    pub hostedsuite: HostedSuite,
}

impl Dialects {
    /// The dialects of a server.
    pub fn new(app: Arc<App>, config: &ApiConfig) -> Self {
        Self {
            console: Console::new(app.clone()),
            yeti: Yeti::new(app.clone(), config.yeti.clone()),
            vonage: Vonage::new(app.clone(), config.vonage.clone()),
            hostedsuite: HostedSuite::new(app.clone(), config.hostedsuite.clone()),
            app,
        }
    }
}

/// Every endpoint of the server.
pub fn routes() -> Vec<Endpoint> {
    fn endpoints<S>(routes: Vec<Route<S>>) -> impl Iterator<Item = Endpoint> {
        routes.into_iter().map(|route| route.endpoint)
    }
    endpoints(native_routes())
        .chain(endpoints(console::routes()))
        .chain(endpoints(yeti::routes()))
        .chain(endpoints(vonage::routes()))
        .chain(endpoints(hostedsuite::routes()))
        .collect()
}

/// The native routes, and those that describe all of them.
fn native_routes() -> Vec<Route<Arc<App>>> {
    native::routes().into_iter().chain(openapi::routes()).collect()
}

/// The formats of exports that the dialects offer; for the history to open with.
pub fn export_formats(formulas: Formulas) -> Vec<Arc<dyn ExportFormat>> {
    let format = |file| Arc::new(CdrFormat { file, formulas }) as Arc<dyn ExportFormat>;
    let yeti = CdrFile::ALL.into_iter().map(format);
    yeti.chain([Arc::new(ConsoleCsv) as Arc<dyn ExportFormat>]).collect()
}

/// The shapes that webhooks can have.
pub fn webhook_formats(vonage: &VonageConfig) -> Formats {
    let call_events = CallEvents { wire: vonage.wire };
    Formats::default().with(WebhookFormat::Vonage, call_events).with(WebhookFormat::Yeti, CdrPush)
}

/// The server's router, for [`http_core::serve`].
pub fn router(Dialects { app, console, yeti, vonage, hostedsuite }: Dialects) -> Router {
    let (limit, cors) = (app.config.body_limit, app.config.cors.layer());
    let native = native::with_fallbacks(table(tagged(native_routes())), &app);
    let console_routes = console::with_fallbacks(table(console::routes()));
    let yeti_routes = yeti::with_fallbacks(table(yeti::routes()));
    let vonage_routes = vonage::with_fallbacks(table(tagged(vonage::routes())), &vonage);
    let (hostedsuite, usual) = hostedsuite_routes(hostedsuite);
    let dialects = Router::new()
        .merge(native.with_state(app.clone()))
        .merge(console_routes.with_state(console))
        .merge(yeti_routes.with_state(yeti))
        .merge(vonage_routes.with_state(vonage))
        .merge(hostedsuite)
        .fallback(move |request| unknown(usual, request))
        .layer(DefaultBodyLimit::max(limit))
        .layer(middleware::from_fn_with_state(app, staleness::told));
    let routes = encoding::packed(encoding::unpacked(dialects));
    let routes = match cors {
        Some(cors) => routes.layer(cors),
        None => routes,
    };
    required(routes, refuse_host).layer(middleware::from_fn(request::with_request_id))
}

/// What is answered to a request that names no host, as the dialect of its path says it.
fn refuse_host(request: &Request, error: NoHost) -> Response {
    let path = request.uri().path();
    let is_under =
        |base| path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if is_under(yeti::links::BASE_PATH) {
        yeti::refuse_host(request, error)
    } else if is_under(console::BASE_PATH) {
        console::refuse_host(request, error)
    } else {
        native::refuse_host(request, error)
    }
}

/// HostedSuite's routes, and the same to be tried with another spelling of the path.
fn hostedsuite_routes(state: HostedSuite) -> (Router, Usual) {
    let routes = table(tagged(hostedsuite::routes())).method_not_allowed_fallback(native::wrong_method);
    let usual = Usual::new(routes.clone().fallback(spelling::nothing).with_state(state.clone()));
    (hostedsuite::with_fallbacks(routes, usual.clone()).with_state(state), usual)
}

/// What is answered under a path that no dialect has as it is spelled.
async fn unknown(usual: Usual, request: Request) -> Response {
    match usual.answer(request).await {
        Some(response) => response,
        None => native::unknown_path().await,
    }
}
