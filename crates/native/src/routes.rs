//! The native routes.

mod annotations;
mod audit;
mod blocks;
pub(crate) mod calls;
mod devices;
mod events;
mod health;
pub(crate) mod history;
mod invoices;
mod mailboxes;
mod metrics;
mod payments;
pub(crate) mod series;
mod webhooks;

use std::sync::Arc;

use axum::http::Method;
use directory::model::Area::{Billing, Calls, Commands, Directory, Events, History, System};
use http_core::{
    App,
    Guard::{Known, Open, Operator, Reader, Writer},
    Route,
};

use crate::mcp;

/// The native routes.
pub fn routes() -> Vec<Route<Arc<App>>> {
    let of_call = "/v1/calls/{call}/annotations";
    let of_mailbox = "/v1/mailboxes/{extension}";
    let of_hook = "/v1/webhooks/{hook}";
    vec![
        Route::new(Method::GET, "/livez", Open, health::lives),
        Route::new(Method::GET, "/readyz", Open, health::is_ready),
        Route::new(Method::GET, "/healthz", Open, health::show),
        Route::new(Method::GET, "/metrics", Operator, metrics::show),
        // What each tool wants of credentials is looked at where it is called.
        Route::new(Method::POST, "/mcp", Known, mcp::answer).noted(),
        Route::new(Method::GET, "/v1/audit", Operator, audit::all),
        Route::new(Method::GET, "/v1/audit/own", Writer(System), audit::own),
        Route::new(Method::GET, "/v1/blocks", Operator, blocks::list),
        Route::new(Method::DELETE, "/v1/blocks/{source}", Operator, blocks::lift),
        Route::new(Method::POST, "/v1/invoices", Operator, invoices::make),
        Route::new(Method::POST, "/v1/payments", Operator, payments::record),
        Route::new(Method::GET, "/v1/events", Reader(Events), events::read),
        Route::new(Method::GET, "/v1/webhooks", Reader(Events), webhooks::list),
        Route::new(Method::POST, "/v1/webhooks", Writer(Events), webhooks::register),
        Route::new(Method::GET, of_hook, Reader(Events), webhooks::show),
        Route::new(Method::DELETE, of_hook, Writer(Events), webhooks::remove),
        Route::new(Method::POST, format!("{of_hook}/pause"), Writer(Events), webhooks::pause),
        Route::new(Method::POST, format!("{of_hook}/resume"), Writer(Events), webhooks::resume),
        Route::new(Method::POST, format!("{of_hook}/secret"), Writer(Events), webhooks::rotate),
        Route::new(Method::GET, format!("{of_hook}/dead-letters"), Reader(Events), webhooks::dead_letters),
        Route::new(
            Method::POST,
            format!("{of_hook}/dead-letters/{{number}}"),
            Writer(Events),
            webhooks::replay,
        ),
        Route::new(Method::GET, "/v1/calls", Reader(Calls), calls::list),
        Route::new(Method::POST, "/v1/calls", Writer(Commands), calls::place),
        Route::new(Method::POST, "/v1/calls/hang-up", Writer(Commands), calls::hang_up_many),
        Route::new(Method::GET, "/v1/calls/{call}", Reader(Calls), calls::show),
        Route::new(Method::DELETE, "/v1/calls/{call}", Writer(Commands), calls::hang_up),
        Route::new(Method::POST, "/v1/calls/{call}/legs/{leg}/{verb}", Writer(Commands), calls::change),
        Route::new(Method::GET, "/v1/devices", Reader(Directory), devices::phones),
        Route::new(Method::GET, "/v1/trunks", Reader(Directory), devices::trunks),
        Route::new(Method::GET, "/v1/history", Reader(History), history::search),
        Route::new(Method::GET, "/v1/series", Reader(History), series::calls),
        Route::new(Method::GET, "/v1/balance", Reader(Billing), series::balance),
        Route::new(Method::GET, of_mailbox, Reader(Directory), mailboxes::show),
        Route::new(Method::PUT, of_mailbox, Writer(Directory), mailboxes::change),
        Route::new(Method::GET, of_call, Reader(History), annotations::show),
        Route::new(Method::POST, of_call, Writer(History), annotations::change),
    ]
}
