//! The APIs.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use api::ApiConfig;
use directory::Directory;
use guard::{Door, Outward};
use http_core::{
    app::DirectorySource,
    browser_phones::{BrowserPhones, Ports},
    config::Secret,
    formula::Formulas,
    layer::cors::CorsPolicy,
};
use jiff::tz::TimeZone;
use switch::{Clock, SystemClock};
use switch_sip::SipSwitch;
use tokio::net::TcpListener;
use vonage::VonageWire;
use webhooks::Webhooks;

use super::{Entrances, Opened, admission::admit, recordings};
use crate::{
    config::{Config, PhoneSection, VonageWireName},
    keys::KeyFiles,
};

/// The directory as SIP and HTTP read it.
pub fn source(directory: &Arc<Directory>) -> DirectorySource {
    let directory = directory.clone();
    Arc::new(move || directory.snapshot())
}

/// Where requests come in.
pub async fn listen(config: &Config) -> Result<TcpListener> {
    let listener = TcpListener::bind(config.http.listen).await;
    listener.with_context(|| format!("[http] listen: cannot use {}", config.http.listen))
}

/// How the APIs of a server behave that has opened this.
pub fn served(config: &Config, opened: &Opened, entrances: &Entrances) -> Result<ApiConfig> {
    let mut api = api_config(config)?;
    api.http.browser_phones = browser_phones(config, entrances)?;
    api.http.guard = entrances.guard.clone();
    api.http.rooms = vec![(Door::Sip, entrances.sip.clone()), (Door::Http, entrances.http.room.clone())];
    api.http.directory = Some(opened.directory.clone());
    api.http.mailboxes = opened.mailboxes.clone();
    let (table, outward) = (opened.state.table("webhooks"), Outward::new(config.media.allow_private_urls));
    let hooks = Webhooks::new(table, outward, SystemClock::default().now());
    api.http.webhooks = Arc::new(hooks.with_formats(api::webhook_formats(&api.vonage)));
    api.http.answers = opened.state.table("answers");
    api.yeti.ended_sessions = opened.state.table("ended_sessions");
    Ok(api)
}

/// How the APIs behave.
pub fn api_config(config: &Config) -> Result<ApiConfig> {
    let mut api = ApiConfig::new(KeyFiles::of(config).load()?);
    api.http.body_limit = config.http.body_limit;
    api.http.public_url = public_url(&config.http.public_url)?;
    api.http.names = config.http.names.clone();
    api.http.recordings = recordings(config);
    admit(&api.http, config)?;
    api.http.cors = CorsPolicy::new(&config.http.cors_origins, config.http.cors_credentials)
        .context("[http] cors_origins")?;
    api.yeti.time_zone = time_zone("yeti", &config.yeti.time_zone)?;
    api.yeti.token_lifetime =
        (config.yeti.token_seconds > 0).then(|| Duration::from_secs(config.yeti.token_seconds));
    api.vonage.wire = match config.vonage.wire {
        VonageWireName::Numbers => VonageWire::Numbers,
        VonageWireName::Strings => VonageWire::Strings,
    };
    api.vonage.linger = Duration::from_secs(config.vonage.linger_seconds);
    api.hostedsuite.time_zone = time_zone("hostedsuite", &config.hostedsuite.time_zone)?;
    api.hostedsuite.formulas = formulas(config);
    api.hostedsuite.server = node_name(&config.node);
    api.hostedsuite.items_per_page = config.hostedsuite.items_per_page;
    Ok(api)
}

/// What browsers that are phones are given; where the switch takes them is known once it has started.
fn browser_phones(config: &Config, entrances: &Entrances) -> Result<BrowserPhones> {
    let PhoneSection { web_socket, stun, turn, turn_secret_file } = &config.phone;
    let secret = turn_secret_file.as_ref().map(|file| {
        let secret = std::fs::read_to_string(file);
        secret.with_context(|| format!("[phone] turn_secret_file: cannot read {}", file.display()))
    });
    let secret = secret.transpose()?.map(|secret| Secret(secret.trim().to_owned()));
    ensure!(
        turn.is_empty() || secret.is_some(),
        "[phone] turn_secret_file: found nothing, but turn needs it"
    );
    Ok(BrowserPhones {
        bearers: entrances.bearers.clone(),
        ports: Ports::default(),
        web_socket: (!web_socket.is_empty()).then(|| web_socket.clone()),
        stun: stun.clone(),
        turn: turn.clone(),
        turn_secret: secret,
    })
}

/// Where the switch takes SIP over WebSocket.
pub fn web_socket_ports(switch: &SipSwitch) -> Ports {
    let [ws, wss] = switch.web_sockets().map(|address| address.map(|address| address.port()));
    Ports { ws, wss }
}

/// What becomes of formulas in CSV.
pub fn formulas(config: &Config) -> Formulas {
    if config.csv.disarm_formulas { Formulas::Disarmed } else { Formulas::Kept }
}

/// The URL that clients reach this server at; `None` if none is configured.
fn public_url(text: &str) -> Result<Option<String>> {
    let is_url = || {
        text.parse::<axum::http::Uri>().is_ok_and(|url| {
            matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some() && url.path() == "/"
        })
    };
    match text {
        "" => Ok(None),
        _ if is_url() => Ok(Some(text.to_owned())),
        _ => bail!("[http] public_url: found \"{text}\", accepted: an http or https URL without a path"),
    }
}

fn time_zone(section: &str, name: &str) -> Result<TimeZone> {
    TimeZone::get(name)
        .with_context(|| format!("[{section}] time_zone: found \"{name}\", accepted: an IANA name"))
}

/// The name that was given, else that of the machine.
fn node_name(given: &str) -> String {
    let known = std::fs::read_to_string("/proc/sys/kernel/hostname").or_else(|_| std::env::var("HOSTNAME"));
    let names = [given.to_owned(), known.unwrap_or_default().trim().to_owned()];
    names.into_iter().find(|name| !name.is_empty()).unwrap_or_else(|| "trunkline".to_owned())
}
