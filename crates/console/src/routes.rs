//! The console's routes and its menu.

mod audit;
mod call;
mod charts;
mod commands;
mod directory;
mod directory_file;
mod exports;
mod health;
mod history;
mod live;
mod now;
mod phone;
mod phones;
pub mod sign_in;

use ::directory::model::{
    Area::{self, Calls, Commands, Directory, Exports, History, System},
    Scope,
};
use axum::{http::Method, response::Redirect};
use http_core::{
    Guard::{Open, Reader, Writer},
    Route,
};

use crate::{Console, assets, words};

/// Where the live calls are.
pub const NOW: &str = "/console";
/// Where finished calls are searched.
pub const HISTORY: &str = "/console/history";
/// Where exports are.
pub const EXPORTS: &str = "/console/exports";
/// Where charts are.
pub const CHARTS: &str = "/console/charts";
/// Where a phone in the browser is.
pub const PHONE: &str = "/phone";
/// Where phones and trunks are.
pub const PHONES: &str = "/console/phones";
/// Who is who.
pub const DIRECTORY: &str = "/console/directory";
/// The directory as a file.
pub const DIRECTORY_FILE: &str = "/console/directory/file";
/// Who has changed what.
pub const AUDIT: &str = "/console/audit";
/// How the server is.
pub const HEALTH: &str = "/console/health";
/// Where one signs in.
pub const SIGN_IN: &str = "/console/sign-in";
/// Where one signs out.
pub const SIGN_OUT: &str = "/console/sign-out";

/// The menu: where, what it is called, and who may see it.
pub const MENU: &[(&str, &str, Area)] = &[
    (NOW, words::NOW, Calls),
    (HISTORY, words::HISTORY, History),
    (CHARTS, words::CHARTS, History),
    (PHONES, words::PHONES, Directory),
    (DIRECTORY, words::DIRECTORY, Directory),
    (EXPORTS, words::EXPORTS, Exports),
    (AUDIT, words::AUDIT, System),
    (HEALTH, words::HEALTH, System),
];

/// The first page of the menu that somebody is let near.
pub fn first_page(scope: Scope) -> &'static str {
    MENU.iter().find(|(.., area)| scope.allows(*area)).map_or(NOW, |(path, ..)| path)
}

/// The console's routes.
pub fn routes() -> Vec<Route<Console>> {
    let call = |rest: &str| format!("/console/calls/{{call}}{rest}");
    let export = |rest: &str| format!("/console/exports/{{export}}/{rest}");
    vec![
        Route::new(Method::GET, SIGN_IN, Open, sign_in::show),
        Route::new(Method::POST, SIGN_IN, Open, sign_in::sign_in),
        Route::new(Method::GET, "/console/sign-in/{link}", Open, sign_in::by_link),
        Route::new(Method::POST, SIGN_OUT, Open, sign_in::sign_out),
        Route::new(Method::GET, "/console/assets/{name}", Open, assets::show),
        Route::new(Method::GET, NOW, Reader(Calls), now::show),
        Route::new(Method::GET, "/console/", Open, to_the_first_page),
        Route::new(Method::GET, "/console/live", Reader(Calls), live::stream),
        Route::new(Method::GET, call(""), Reader(Calls), call::show),
        Route::new(Method::GET, call("/recordings/{recording}"), Reader(History), call::recording),
        Route::new(Method::POST, call("/notes"), Writer(History), call::note),
        Route::new(Method::POST, call("/hang-up"), Writer(Commands), commands::hang_up),
        Route::new(Method::POST, call("/legs/{leg}"), Writer(Commands), commands::change),
        Route::new(Method::GET, HISTORY, Reader(History), history::show),
        Route::new(Method::GET, EXPORTS, Reader(Exports), exports::list),
        Route::new(Method::POST, EXPORTS, Writer(Exports), exports::begin),
        Route::new(Method::POST, export("delete"), Writer(Exports), exports::delete),
        Route::new(Method::GET, export("file"), Reader(Exports), exports::download),
        Route::new(Method::GET, CHARTS, Reader(History), charts::show),
        Route::new(Method::GET, "/console/charts.csv", Reader(History), charts::csv),
        Route::new(Method::GET, PHONES, Reader(Directory), phones::show),
        Route::new(Method::GET, PHONE, Reader(Commands), phone::show),
        Route::new(Method::POST, "/phone/settings", Writer(Commands), phone::settings),
        Route::new(Method::GET, "/phone/{version}/{name}", Open, phone::asset),
        Route::new(Method::GET, DIRECTORY, Reader(Directory), directory::show),
        Route::new(Method::GET, DIRECTORY_FILE, Writer(System), directory_file::show),
        Route::new(Method::POST, DIRECTORY_FILE, Writer(System), directory_file::download),
        // A file may hold passwords: what it changes is noted with the change.
        Route::new(Method::POST, "/console/directory/preview", Writer(System), directory_file::preview)
            .noted_by_itself(),
        Route::new(Method::POST, "/console/directory/apply", Writer(System), directory_file::apply)
            .noted_by_itself(),
        Route::new(Method::GET, AUDIT, Writer(System), audit::show),
        Route::new(Method::GET, "/console/audit.csv", Writer(System), audit::csv),
        Route::new(Method::GET, HEALTH, Reader(System), health::show),
        Route::new(Method::POST, "/console/blocks/lift", Writer(System), health::lift),
    ]
}

/// The first page as some type its address.
async fn to_the_first_page() -> Redirect {
    Redirect::permanent(NOW)
}

/// A path of the console, else its first page: nobody is sent elsewhere.
pub fn own_page(path: &str) -> &str {
    let is_below = |page: &&&str| {
        path.strip_prefix(**page).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    };
    [NOW, PHONE].iter().find(is_below).map_or(NOW, |_| path)
}
