//! The console's routes and its menu.

mod call;
mod charts;
mod commands;
mod directory;
mod exports;
mod health;
mod history;
mod live;
mod now;
mod phones;
pub mod sign_in;

use axum::{http::Method, response::Redirect};
use http_core::{Guard, Route};

use crate::{Console, assets, words};

/// Where the live calls are.
pub const NOW: &str = "/console";
/// Where finished calls are searched.
pub const HISTORY: &str = "/console/history";
/// Where exports are.
pub const EXPORTS: &str = "/console/exports";
/// Where charts are.
pub const CHARTS: &str = "/console/charts";
/// Where phones and trunks are.
pub const PHONES: &str = "/console/phones";
/// Who is who.
pub const DIRECTORY: &str = "/console/directory";
/// How the server is.
pub const HEALTH: &str = "/console/health";
/// Where one signs in.
pub const SIGN_IN: &str = "/console/sign-in";
/// Where one signs out.
pub const SIGN_OUT: &str = "/console/sign-out";

/// The menu: where, and what it is called.
pub const MENU: &[(&str, &str)] = &[
    (NOW, words::NOW),
    (HISTORY, words::HISTORY),
    (CHARTS, words::CHARTS),
    (PHONES, words::PHONES),
    (DIRECTORY, words::DIRECTORY),
    (EXPORTS, words::EXPORTS),
    (HEALTH, words::HEALTH),
];

/// The console's routes.
pub fn routes() -> Vec<Route<Console>> {
    let call = |rest: &str| format!("/console/calls/{{call}}{rest}");
    let leg = |verb: &str| format!("/console/calls/{{call}}/legs/{{leg}}/{verb}");
    let export = |rest: &str| format!("/console/exports/{{export}}/{rest}");
    vec![
        Route::new(Method::GET, SIGN_IN, Guard::Open, sign_in::show),
        Route::new(Method::POST, SIGN_IN, Guard::Open, sign_in::sign_in),
        Route::new(Method::POST, SIGN_OUT, Guard::Open, sign_in::sign_out),
        Route::new(Method::GET, "/console/assets/{name}", Guard::Open, assets::show),
        Route::new(Method::GET, NOW, Guard::Credentials, now::show),
        Route::new(Method::GET, "/console/", Guard::Open, to_the_first_page),
        Route::new(Method::GET, "/console/live", Guard::Credentials, live::stream),
        Route::new(Method::GET, call(""), Guard::Credentials, call::show),
        Route::new(Method::GET, call("/recordings/{recording}"), Guard::Credentials, call::recording),
        Route::new(Method::POST, call("/notes"), Guard::Writer, call::note),
        Route::new(Method::POST, call("/hang-up"), Guard::Writer, commands::hang_up),
        Route::new(Method::POST, leg("hold"), Guard::Writer, commands::hold),
        Route::new(Method::POST, leg("resume"), Guard::Writer, commands::resume),
        Route::new(Method::POST, leg("park"), Guard::Writer, commands::park),
        Route::new(Method::POST, leg("transfer"), Guard::Writer, commands::transfer),
        Route::new(Method::GET, HISTORY, Guard::Credentials, history::show),
        Route::new(Method::GET, EXPORTS, Guard::Credentials, exports::list),
        Route::new(Method::POST, EXPORTS, Guard::Writer, exports::begin),
        Route::new(Method::POST, export("delete"), Guard::Writer, exports::delete),
        Route::new(Method::GET, export("file"), Guard::Credentials, exports::download),
        Route::new(Method::GET, CHARTS, Guard::Credentials, charts::show),
        Route::new(Method::GET, "/console/charts.csv", Guard::Credentials, charts::csv),
        Route::new(Method::GET, PHONES, Guard::Credentials, phones::show),
        Route::new(Method::GET, DIRECTORY, Guard::Credentials, directory::show),
        Route::new(Method::GET, HEALTH, Guard::Credentials, health::show),
        Route::new(Method::POST, "/console/blocks/lift", Guard::Writer, health::lift),
    ]
}

/// The first page as some type its address.
async fn to_the_first_page() -> Redirect {
    Redirect::permanent(NOW)
}

/// A path of the console, else its first page: nobody is sent elsewhere.
pub fn own_page(path: &str) -> &str {
    let rest = path.strip_prefix(NOW).filter(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    rest.map_or(NOW, |_| path)
}
