//! The routes of this dialect.

mod calls;
mod devices;
mod legs;

use axum::http::Method;
use directory::model::Area::{Calls, Commands, Directory};
use http_core::route::{
    Guard::{Reader, Writer},
    Route,
};

use super::{integration, oauth, reports};
use crate::state::Vonage;

/// Where the dialect is mounted: at the root, as its own links are written, and where the vendor's gateway
/// has it, so that a client moves here by changing the host alone.
const MOUNTS: [&str; 2] = ["", "/t/vbc.prod/telephony/v3"];

/// Everything under the mounts, for the paths that are no route.
pub(super) const BEYOND: [&str; 5] = [
    "/cc/{*rest}",
    "/registration/{*rest}",
    "/t/vbc.prod/telephony/v3/{*rest}",
    "/t/vbc.prod/reports/{*rest}",
    integration::BEYOND,
];

/// The routes.
pub fn routes() -> Vec<Route<Vonage>> {
    MOUNTS
        .into_iter()
        .flat_map(mounted)
        .chain(reports::routes())
        .chain(integration::routes())
        .chain(oauth::routes())
        .collect()
}

fn mounted(at: &str) -> Vec<Route<Vonage>> {
    let calls = format!("{at}/cc/accounts/{{account}}/calls");
    let call = format!("{calls}/{{call}}");
    let legs = format!("{call}/legs");
    let leg = format!("{legs}/{{leg}}");
    let devices = format!("{at}/registration/accounts/{{account}}/devices");
    let device = format!("{devices}/{{device}}");
    vec![
        Route::new(Method::GET, &calls, Reader(Calls), calls::list),
        Route::new(Method::POST, &calls, Writer(Commands), calls::place),
        Route::new(Method::GET, &call, Reader(Calls), calls::show),
        Route::new(Method::PUT, &call, Writer(Commands), calls::change),
        Route::new(Method::DELETE, &call, Writer(Commands), calls::hang_up),
        Route::new(Method::GET, &legs, Reader(Calls), legs::list),
        Route::new(Method::GET, &leg, Reader(Calls), legs::show),
        Route::new(Method::PUT, &leg, Writer(Commands), legs::change),
        Route::new(Method::DELETE, &leg, Writer(Commands), legs::hang_up),
        Route::new(Method::GET, &devices, Reader(Directory), devices::list),
        Route::new(Method::GET, &device, Reader(Directory), devices::show),
    ]
}
