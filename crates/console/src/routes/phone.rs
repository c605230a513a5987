//! `GET /phone`: a phone in the browser. `POST /phone/settings`: what its page needs to be one of its user's phones.
//! `GET /phone/{version}/{name}`: its modules.

use std::{sync::LazyLock, time::SystemTime};

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};
use directory::{bearers::phones_of, model::Device};
use http_core::{
    browser_phones::{IceServer, LIFETIME},
    layer::host::Origin,
};
use maud::{DOCTYPE, Markup, html};
use serde::Serialize;

use super::PHONE;
use crate::{
    Console,
    assets::{Asset, ICON_PLACE, version},
    errors::Failure,
    form::{Change, TOKEN},
    viewer::Viewer,
    words,
};

macro_rules! assets {
    ($($name:literal: $kind:literal),* $(,)?) => {
        [$(Asset {
            name: $name,
            media_type: $kind,
            content: include_str!(concat!("../../assets/phone/", $name)),
        }),*]
    };
}

/// The modules name each other by where they are: with their version in the path, they are of one version.
static ASSETS: &[Asset] = &assets! {
    "call.js": "text/javascript", "connection.js": "text/javascript", "dialog.js": "text/javascript",
    "message.js": "text/javascript", "page.js": "text/javascript", "phone.js": "text/javascript",
    "registration.js": "text/javascript", "ringer.js": "text/javascript", "sound.js": "text/javascript",
    "words.js": "text/javascript", "phone.css": "text/css",
};

static VERSION: LazyLock<String> = LazyLock::new(|| version(ASSETS));

/// What the page needs to register and to call.
#[derive(Serialize)]
struct SettingsWire {
    /// The address of record: `sip:user@domain`.
    address: String,
    user: String,
    domain: String,
    web_socket: String,
    /// Good for [`LIFETIME`].
    bearer: String,
    ice_servers: Vec<IceServer>,
}

/// The page.
pub async fn show(
    viewer: Viewer,
    State(console): State<Console>,
    origin: Origin,
) -> Result<Response, Failure> {
    phone_of(&viewer)?;
    let place = web_socket(&console, &origin)?;
    let policy = HeaderValue::from_str(&policy(&place)).map_err(|_| Failure::not_found())?;
    Ok(([(header::CONTENT_SECURITY_POLICY, policy)], Html(page(&viewer).into_string())).into_response())
}

/// Lets a user be their first phone for a while.
pub async fn settings(
    State(console): State<Console>,
    origin: Origin,
    Change { viewer, .. }: Change,
) -> Result<Response, Failure> {
    let device = phone_of(&viewer)?;
    let phones = &console.app.config.browser_phones;
    let domain = viewer.directory.realm();
    Ok(Json(SettingsWire {
        address: format!("sip:{}@{domain}", device.sip_user),
        user: device.sip_user.to_string(),
        domain: domain.to_owned(),
        web_socket: web_socket(&console, &origin)?,
        bearer: phones.bearers.issue(&viewer.user, device.id, console.app.monotonic() + LIFETIME),
        ice_servers: phones.ice_servers(&viewer.user.login, SystemTime::now()),
    })
    .into_response())
}

/// A module, or the stylesheet.
pub async fn asset(Path((_, name)): Path<(String, String)>) -> Result<Response, Failure> {
    let asset = ASSETS.iter().find(|asset| asset.name == name).ok_or_else(Failure::not_found)?;
    Ok(asset.answer())
}

fn phone_of(viewer: &Viewer) -> Result<&Device, Failure> {
    let mut phones = phones_of(&viewer.user, &viewer.directory);
    phones.next().ok_or_else(|| Failure::forbidden(words::NO_PHONE))
}

fn web_socket(console: &Console, origin: &Origin) -> Result<String, Failure> {
    let is_secure = origin.scheme == axum::http::uri::Scheme::HTTPS;
    let place = console.app.config.browser_phones.web_socket(origin.host.host(), is_secure);
    place.ok_or_else(|| Failure::forbidden(words::NO_WEB_SOCKET))
}

/// As for every page, but that it may connect to the switch.
fn policy(web_socket: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' {web_socket}; \
         form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    )
}

fn page(viewer: &Viewer) -> Markup {
    let place = |name: &str| format!("{PHONE}/{}/{name}", *VERSION);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (words::PHONE) " · " (words::PRODUCT) }
                link rel="icon" href=(*ICON_PLACE);
                link rel="stylesheet" href=(place("phone.css"));
                script type="module" src=(place("page.js")) {}
            }
            body data-token=(viewer.form_token) data-field=(TOKEN) {
                header { h1 { (words::PHONE) } span { (viewer.user.name) } }
                main {
                    p id="status" role="status" aria-live="polite" {}
                    ul id="calls" aria-label=(words::CALLS_OF_PHONE) aria-live="polite" {}
                    form id="dial" {
                        input id="number" name="number" type="tel" aria-label=(words::NUMBER) autocomplete="off" autofocus;
                        button class="begin" { (words::CALL) }
                    }
                    div id="keypad" role="group" aria-label=(words::KEYPAD) {
                        @for digit in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"] {
                            button type="button" data-digit=(digit) { (digit) }
                        }
                    }
                    label { span { (words::MICROPHONE) } select id="microphone" {} }
                }
            }
        }
    }
}
