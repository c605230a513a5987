//! `GET /console/phones`: which phones are registered, from where and since when, and how the trunks are.

use axum::{
    extract::{RawQuery, State},
    response::Html,
};
use call::{
    Registry, Timestamp,
    party::{Endpoint, Transport},
    state::Leg,
};
use directory::model::{Device, Trunk};
use http_core::App;
use live::{Registration, TrunkState};
use maud::{Markup, html};
use questions::SearchText;

use super::PHONES;
use crate::{Console, errors::Failure, form::Fields, look, now::account, page, viewer::Viewer, words};

/// Phones that are shown at most.
const SHOWN: usize = 200;

/// The page.
pub async fn show(
    viewer: Viewer,
    State(console): State<Console>,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, Failure> {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let wanted = fields.get("account").map(|text| account(text, &viewer)).transpose()?;
    let accounts = viewer.access.accounts().iter().filter(|id| wanted.is_none_or(|wanted| wanted == **id));
    let text = fields.get("text").map(SearchText::new);
    let mut phones: Vec<_> = accounts.flat_map(|id| viewer.directory.devices_of(*id)).collect();
    phones.retain(|phone| text.as_ref().is_none_or(|text| is_named(&viewer, phone, text)));
    let content = html! {
        h1 { (words::PHONES) }
        (filters(&viewer, &fields))
        (table(&viewer, &console.app, &phones))
        (trunks(&viewer, &console.app))
    };
    Ok(page::framed(&viewer, PHONES, words::PHONES, &content))
}

fn is_named(viewer: &Viewer, phone: &Device, text: &SearchText) -> bool {
    let extension = viewer.directory.extension_of_device(phone.id);
    let names = extension.map(|extension| [Some(extension.number.as_str()), extension.name.as_deref()]);
    let names = names.into_iter().flatten().flatten().chain([&*phone.sip_user]);
    names.into_iter().any(|name| text.is_in_number(name))
}

fn filters(viewer: &Viewer, fields: &Fields) -> Markup {
    let accounts = viewer.accounts().map(|account| (account.id.to_string(), &*account.name));
    html! {
        form class="filters" method="get" action=(PHONES) role="search" {
            (look::field("text", words::NUMBER_OR_NAME, "search", fields.get("text")))
            (look::choice("account", words::ACCOUNT, accounts, fields.get("account")))
            button { (words::SHOW) }
        }
    }
}

fn table(viewer: &Viewer, app: &App, phones: &[&Device]) -> Markup {
    let accounts: std::collections::BTreeSet<_> = phones.iter().map(|phone| phone.account).collect();
    let bindings: Vec<_> =
        accounts.into_iter().flat_map(|account| app.live.switch().registrations(account)).collect();
    let now = app.now();
    let live = bindings.iter().filter(|binding| binding.expires_at > now).count();
    html! {
        p class="counts" {
            strong { (look::count(phones.len() as u64)) } " " (words::PHONES_COUNTED) ", "
            strong { (look::count(live as u64)) } " " (words::REGISTERED)
            @if phones.len() > SHOWN { " · " (words::FIRST_SHOWN) " " (SHOWN) }
        }
        div class="wide" tabindex="0" role="region" aria-label=(words::PHONES) {
            table {
                thead { tr { @for name in words::PHONE_COLUMNS { th scope="col" { (name) } } } }
                tbody { @for phone in phones.iter().take(SHOWN) {
                    @let own: Vec<_> = bindings.iter().filter(|binding| binding.device == phone.id).collect();
                    (row(viewer, phone, &own, now))
                } }
            }
        }
    }
}

fn row(viewer: &Viewer, phone: &Device, bindings: &[&Registration], now: Timestamp) -> Markup {
    let extension = viewer.directory.extension_of_device(phone.id);
    html! {
        tr {
            td {
                (extension.map_or(words::NONE, |extension| extension.number.as_str()))
                @if let Some(name) = extension.and_then(|extension| extension.name.as_deref()) { " " small { (name) } }
            }
            td { code { (phone.sip_user) } }
            td { (viewer.account_name(phone.account).unwrap_or_default()) }
            td { @match bindings.iter().filter(|binding| binding.expires_at > now).count() {
                0 => span class="mark off" { (words::NOT_REGISTERED) },
                _ => span class="mark talking" { (words::REGISTERED) },
            } }
            td { @for binding in bindings {
                p class="binding" {
                    (binding.source) " " (transport(binding.transport)) " "
                    @if let Some(agent) = &binding.user_agent { small { (agent) } }
                    small { (words::SINCE) " " (look::instant(binding.registered_at)) ", " (words::UNTIL) " " (look::instant(binding.expires_at)) }
                }
            } }
        }
    }
}

const fn transport(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
        Transport::Tls => "TLS",
        Transport::Ws => "WebSocket",
    }
}

/// The trunks of the viewer's accounts; of an operator's, those of their customer.
fn trunks(viewer: &Viewer, app: &App) -> Markup {
    let states = app.live.switch().trunks();
    let entries = viewer.directory.entries();
    let own: Vec<_> = entries.trunks.iter().filter(|trunk| viewer.access.allows(trunk.account)).collect();
    let state = |id| states.iter().find(|state| state.trunk == id);
    let calls = app.live.snapshot();
    html! {
        section {
            h2 { (words::TRUNKS) }
            @if own.is_empty() { (look::nothing(words::NO_TRUNKS)) } @else {
                div class="wide" tabindex="0" role="region" aria-label=(words::TRUNKS) {
                    table {
                        thead { tr { @for name in words::TRUNK_COLUMNS { th scope="col" { (name) } } } }
                        tbody { @for trunk in own { tr {
                            td { (trunk.name) }
                            td { code { (trunk.host) ":" (trunk.port) } " " (transport(trunk.transport)) }
                            td { (trunk_state(state(trunk.id))) }
                            td class="number" {
                                (look::count(calls_over(&calls, trunk)))
                                @if let Some(limit) = trunk.limits.calls { " / " (limit) }
                            }
                        } } }
                    }
                }
            }
        }
    }
}

/// Calls that have a leg over a trunk.
fn calls_over(calls: &Registry, trunk: &Trunk) -> u64 {
    let is_over = |leg: &Leg| {
        let is_its = matches!(leg.offer.endpoint, Endpoint::Trunk { id, .. } if id == trunk.id);
        is_its && !leg.is_ended()
    };
    calls.calls_of(trunk.account).filter(|call| call.legs().iter().any(is_over)).count() as u64
}

fn trunk_state(state: Option<&TrunkState>) -> Markup {
    let up = state.and_then(|state| state.is_up);
    let registered = state.and_then(|state| state.is_registered);
    html! {
        @match up {
            Some(true) => span class="mark talking" { (words::UP) },
            Some(false) => span class="mark failed" { (words::DOWN) },
            None => (words::NOT_PROBED),
        }
        @match registered {
            Some(true) => { " " span class="mark talking" { (words::REGISTERED) } }
            Some(false) => { " " span class="mark failed" { (words::NOT_REGISTERED) } }
            None => {}
        }
    }
}
