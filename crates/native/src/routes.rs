//! The native routes.

mod annotations;
mod audit;
mod blocks;
mod calls;
mod devices;
mod events;
mod health;
mod history;
mod invoices;
mod mailboxes;
mod metrics;
mod payments;
mod series;
mod webhooks;

use std::sync::Arc;

use axum::http::Method;
use http_core::{App, Guard, Route};

/// The native routes.
pub fn routes() -> Vec<Route<Arc<App>>> {
    let of_call = "/v1/calls/{call}/annotations";
    let of_mailbox = "/v1/mailboxes/{extension}";
    let of_hook = "/v1/webhooks/{hook}";
    vec![
        Route::new(Method::GET, "/livez", Guard::Open, health::lives),
        Route::new(Method::GET, "/readyz", Guard::Open, health::is_ready),
        Route::new(Method::GET, "/healthz", Guard::Open, health::show),
        Route::new(Method::GET, "/metrics", Guard::Operator, metrics::show),
        Route::new(Method::GET, "/v1/audit", Guard::Operator, audit::all),
        Route::new(Method::GET, "/v1/audit/own", Guard::Writer, audit::own),
        Route::new(Method::GET, "/v1/blocks", Guard::Operator, blocks::list),
        Route::new(Method::DELETE, "/v1/blocks/{source}", Guard::Operator, blocks::lift),
        Route::new(Method::POST, "/v1/invoices", Guard::Operator, invoices::make),
        Route::new(Method::POST, "/v1/payments", Guard::Operator, payments::record),
        Route::new(Method::GET, "/v1/events", Guard::Credentials, events::read),
        Route::new(Method::GET, "/v1/webhooks", Guard::Credentials, webhooks::list),
        Route::new(Method::POST, "/v1/webhooks", Guard::Writer, webhooks::register),
        Route::new(Method::GET, of_hook, Guard::Credentials, webhooks::show),
        Route::new(Method::DELETE, of_hook, Guard::Writer, webhooks::remove),
        Route::new(Method::POST, format!("{of_hook}/pause"), Guard::Writer, webhooks::pause),
        Route::new(Method::POST, format!("{of_hook}/resume"), Guard::Writer, webhooks::resume),
        Route::new(Method::POST, format!("{of_hook}/secret"), Guard::Writer, webhooks::rotate),
        Route::new(
            Method::GET,
            format!("{of_hook}/dead-letters"),
            Guard::Credentials,
            webhooks::dead_letters,
        ),
        Route::new(
            Method::POST,
            format!("{of_hook}/dead-letters/{{number}}"),
            Guard::Writer,
            webhooks::replay,
        ),
        Route::new(Method::GET, "/v1/calls", Guard::Credentials, calls::list),
        Route::new(Method::POST, "/v1/calls", Guard::Writer, calls::place),
        Route::new(Method::POST, "/v1/calls/hang-up", Guard::Writer, calls::hang_up_many),
        Route::new(Method::GET, "/v1/calls/{call}", Guard::Credentials, calls::show),
        Route::new(Method::DELETE, "/v1/calls/{call}", Guard::Writer, calls::hang_up),
        Route::new(Method::POST, "/v1/calls/{call}/legs/{leg}/{verb}", Guard::Writer, calls::change),
        Route::new(Method::GET, "/v1/devices", Guard::Credentials, devices::phones),
        Route::new(Method::GET, "/v1/trunks", Guard::Credentials, devices::trunks),
        Route::new(Method::GET, "/v1/history", Guard::Credentials, history::search),
        Route::new(Method::GET, "/v1/series", Guard::Credentials, series::active),
        Route::new(Method::GET, "/v1/balance", Guard::Credentials, series::balance),
        Route::new(Method::GET, of_mailbox, Guard::Credentials, mailboxes::show),
        Route::new(Method::PUT, of_mailbox, Guard::Writer, mailboxes::change),
        Route::new(Method::GET, of_call, Guard::Credentials, annotations::show),
        Route::new(Method::POST, of_call, Guard::Writer, annotations::change),
    ]
}
