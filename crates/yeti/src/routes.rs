//! The routes of this dialect.

pub mod accounts;
mod auth;
mod call_auth;
pub mod cdr_exports;
pub mod cdrs;
pub mod chart_active_calls;
pub mod chart_originated_cps;
pub(crate) mod check_rate;
pub mod countries;
pub mod incoming_cdrs;
pub(crate) mod invoices;
pub mod network_prefixes;
pub mod network_types;
pub mod networks;
mod origination_active_calls;
mod origination_statistics;
mod origination_statistics_quality;
mod outgoing_active_calls;
pub(crate) mod outgoing_numberlist_items;
pub(crate) mod outgoing_numberlists;
pub(crate) mod payments;
pub(crate) mod phone_systems_sessions;
pub(crate) mod profiles;
pub(crate) mod rateplans;
pub(crate) mod rates;
pub(crate) mod recording;
pub(crate) mod resource;
pub(crate) mod services;
mod termination_active_calls;
mod termination_statistics;
mod termination_statistics_quality;
pub(crate) mod transactions;

use axum::{
    Router,
    extract::Request,
    handler::Handler,
    http::{Method, StatusCode},
    middleware::from_fn,
    response::{IntoResponse, Response},
    routing::any,
};
use directory::{
    model::Area::{Billing, Calls, Commands, Directory, Exports, History},
    network::{Network, NetworkPrefix, NetworkType},
};
use http_core::{
    layer::host::NoHost,
    route::{
        Guard::{self, Known, Open, Reader, Writer},
        Route,
    },
};
use isocountry::CountryCode;

use self::{
    accounts::AccountView, cdr_exports::CdrExport, cdrs::Cdr, chart_active_calls::ActiveCalls,
    chart_originated_cps::OriginatedCps, incoming_cdrs::IncomingCdr, invoices::InvoiceView,
    outgoing_numberlist_items::ItemView, outgoing_numberlists::NumberlistView, payments::PaymentView,
    rateplans::RatePlanView, rates::RateView, services::ServiceView, transactions::TransactionView,
};
use super::{
    chart::view as chart,
    errors::Refusal,
    headers::{Asked, complete},
    links::BASE_PATH,
};
use crate::state::Yeti;

/// The routes.
pub fn routes() -> Vec<Route<Yeti>> {
    let (get, post, delete) = (Method::GET, Method::POST, Method::DELETE);
    let patch = Method::PATCH;
    let of_resources = [
        resource::routes::<AccountView>(Reader(Directory)),
        resource::routes::<CdrExport>(Reader(Exports)),
        resource::routes::<Cdr>(Reader(History)),
        resource::routes::<IncomingCdr>(Reader(History)),
        resource::routes::<CountryCode>(Known),
        resource::routes::<&NetworkType>(Known),
        resource::routes::<&Network>(Known),
        resource::routes::<&NetworkPrefix>(Known),
        resource::routes::<RatePlanView>(Reader(Billing)),
        resource::routes::<RateView>(Reader(Billing)),
        resource::routes::<NumberlistView>(Reader(Directory)),
        resource::routes::<ItemView>(Reader(Directory)),
        resource::routes::<PaymentView>(Reader(Billing)),
        resource::routes::<InvoiceView>(Reader(Billing)),
        resource::routes::<ServiceView>(Reader(Billing)),
        resource::routes::<TransactionView>(Reader(Billing)),
    ];
    let others = [
        route(&post, "/auth", Open, auth::create),
        route(&get, "/auth", Known, auth::show),
        route(&delete, "/auth", Open, auth::delete),
        route(&post, "/chart-active-calls", Reader(History), chart::create::<ActiveCalls>),
        route(&post, "/chart-originated-cps", Reader(History), chart::create::<OriginatedCps>),
        route(&get, "/origination-active-calls", Reader(History), origination_active_calls::show),
        route(&get, "/termination-active-calls", Reader(History), termination_active_calls::show),
        route(&get, "/outgoing-active-calls", Reader(Calls), outgoing_active_calls::list),
        route(&get, "/origination-statistics", Reader(History), origination_statistics::show),
        route(&get, "/termination-statistics", Reader(History), termination_statistics::show),
        route(&get, "/origination-statistics-quality", Reader(History), origination_statistics_quality::show),
        route(&get, "/termination-statistics-quality", Reader(History), termination_statistics_quality::show),
        route(&get, "/profiles", Known, profiles::show),
        route(&post, "/check-rate", Reader(Billing), check_rate::create),
        route(&post, "/cdr-exports", Reader(Exports), cdr_exports::create).noted(),
        route(&delete, "/cdr-exports/{id}", Writer(Exports), cdr_exports::delete),
        route(&post, "/outgoing-numberlist-items", Writer(Directory), outgoing_numberlist_items::create)
            .noted_by_itself(),
        route(
            &patch,
            "/outgoing-numberlist-items/{id}",
            Writer(Directory),
            outgoing_numberlist_items::update,
        )
        .noted_by_itself(),
        route(
            &delete,
            "/outgoing-numberlist-items/{id}",
            Writer(Directory),
            outgoing_numberlist_items::delete,
        )
        .noted_by_itself(),
        route(&get, "/services/{id}/transactions", Reader(Billing), transactions::of_service),
        route(&post, "/phone-systems-sessions", Writer(Billing), phone_systems_sessions::create),
        route(&post, "/call-auth", Reader(Commands), call_auth::create),
        route(&get, "/cdr-exports/{id}/download", Reader(Exports), cdr_exports::download),
        route(&get, "/invoices/{id}/download", Reader(Billing), invoices::download),
        route(&get, "/cdrs/{id}/rec", Reader(History), recording::download::<Cdr>),
        route(&get, "/incoming-cdrs/{id}/rec", Reader(History), recording::download::<IncomingCdr>),
    ];
    of_resources.into_iter().flatten().chain(others).collect()
}

fn route<H, T>(method: &Method, path: &str, guard: Guard, handler: H) -> Route<Yeti>
where
    H: Handler<T, Yeti>,
    T: 'static,
{
    let route = Route::new(method.clone(), format!("{BASE_PATH}{path}"), guard, handler);
    Route { handler: route.handler.layer(from_fn(complete)), ..route }
}

/// Adds what is answered to methods and paths that the dialect does not know.
pub fn with_fallbacks(table: Router<Yeti>) -> Router<Yeti> {
    let table = table.method_not_allowed_fallback(|request| refuse(request, StatusCode::METHOD_NOT_ALLOWED));
    ["", "/", "/{*rest}"].into_iter().fold(table, |table, rest| {
        table.route(&format!("{BASE_PATH}{rest}"), any(|request| refuse(request, StatusCode::NOT_FOUND)))
    })
}

/// What is answered to a request without a host.
pub fn refuse_host(request: &Request, error: NoHost) -> Response {
    Asked::of(request).complete(Refusal::from(error).into_response())
}

async fn refuse(request: Request, status: StatusCode) -> Response {
    Asked::of(&request).complete(Refusal::no_route(status).into_response())
}
