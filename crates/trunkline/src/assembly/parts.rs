//! The parts of a server, each made from its section of the configuration.

use std::{
    fs::Permissions,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use api::{ApiConfig, app::DirectorySource, config::VonageWire, layer::cors::CorsPolicy};
use directory::{Directory, DirectoryError, Tokens, mailboxes::Mailboxes};
use guard::{Doors, Policy, Room, RoomLimits};
use history::{
    History, SpillFile,
    spill::FILE_NAME,
    sqlite::{OpenOptions, Sealing, SqliteHistory},
};
use jiff::tz::TimeZone;
use keyvalue::{Found, Store};
use live::{Limits, LiveOptions};
use switch::{Clock, EventSink, SystemClock};
use switch_sip::{
    Certificate, DigestAlgorithm, FeatureCodes, MediaMode, Redirects, RegistrationLimits, SessionLimits,
    SipConfig, SipSwitch, SoundConfig, StreamLimits, features::Kind, media::MediaConfig, reachable,
};
use tokio_util::sync::CancellationToken;

use crate::{
    config::{Config, DigestName, FeaturesSection, MediaModeName, RedirectsName, SipSection, VonageWireName},
    keys::KeyFiles,
};

/// Open files that carry about a thousand relayed calls.
const FEW_FILES: u64 = 4_500;

/// Opens the directory in the data folder.
pub fn open_directory(config: &Config) -> Result<Directory> {
    let folder = &config.data_dir;
    let made = std::fs::create_dir_all(folder);
    made.with_context(|| format!("data_dir: cannot make the folder {}", folder.display()))?;
    let path = folder.join("directory.db");
    Directory::open(&path).with_context(|| format!("the directory in {}", path.display()))
}

/// Closes the data folder to the machine's other users, should a former release have left it open. A group that may
/// read it is the operator's affair.
pub fn close_to_others(folder: &Path) {
    let closed = folder.metadata().and_then(|metadata| {
        let mode = metadata.permissions().mode();
        if mode & 0o007 == 0 {
            return Ok(());
        }
        std::fs::set_permissions(folder, Permissions::from_mode(mode & !0o007))
    });
    if let Err(error) = closed {
        tracing::warn!(%error, folder = %folder.display(), "others may read what is in the data folder");
    }
}

/// Opens the tokens of applications in the data folder.
pub fn open_tokens(config: &Config) -> Result<Arc<Tokens>> {
    let now = SystemClock::default().now();
    let path = config.data_dir.join("tokens.db");
    let opened = Tokens::open(&path, now).with_context(|| format!("the tokens in {}", path.display()));
    opened.map(Arc::new)
}

/// Opens what else outlives the process: registrations, answers to commands, what lies in mailboxes. Without it the server is as after
/// its first start, which is said.
pub fn open_state(config: &Config) -> Arc<Store> {
    let path = config.data_dir.join("state.db");
    let (store, found) = Store::open(&path);
    let path = path.display();
    match found {
        Found::Nothing => tracing::info!(%path, "no registrations and no answers from before"),
        Found::Sound => {}
        Found::Damaged { aside, reason } => {
            let aside = aside.display();
            tracing::warn!(%path, %aside, reason, "registrations and answers from before are damaged and set aside");
        }
        Found::Unusable { reason } => {
            tracing::error!(%path, reason, "registrations and answers will not outlive this process");
        }
    }
    Arc::new(store)
}

/// Opens the history in the data folder.
pub fn open_history(config: &Config) -> Result<Arc<SqliteHistory>> {
    let mut options = OpenOptions::new(&config.data_dir);
    options.formats = api::export_formats();
    options.readers = config.history.readers;
    options.query_limit = Duration::from_secs(config.history.search_seconds.get());
    let after = Duration::from_secs(config.history.seal_after_minutes.saturating_mul(60));
    options.sealing = config.history.seal.then_some(Sealing { after });
    let opened = SqliteHistory::open(options);
    let history = opened.with_context(|| format!("the call history in {}", config.data_dir.display()))?;
    Ok(Arc::new(history))
}

/// Opens the spill file; what it holds goes to the history first.
pub async fn open_spill(config: &Config, history: &dyn History) -> Result<SpillFile> {
    let folder = config.history.spill_dir.as_ref().unwrap_or(&config.data_dir);
    let elsewhere = (folder != &config.data_dir && config.data_dir.join(FILE_NAME).exists())
        .then(|| SpillFile::open(&config.data_dir))
        .transpose()?;
    for (mut file, batches) in elsewhere.into_iter().chain([SpillFile::open(folder)?]) {
        let events = live::replay(history, batches).await;
        let events = events.with_context(|| format!("cannot take over {}", file.path().display()))?;
        if !file.is_empty() {
            tracing::warn!(events, path = %file.path().display(), "the history has taken over the spill file");
            file.clear()?;
        }
        if file.path().parent() == Some(folder) {
            return Ok(file);
        }
    }
    bail!("[history] spill_dir: found {}, accepted: a folder", folder.display())
}

/// Makes what shows a mistake, and throws it away.
pub fn check(config: &Config) -> Result<()> {
    sip_config(config).map(drop)?;
    guard_policy(config).map(drop)
}

/// Says in one line what was there.
pub async fn say_what_was_found(
    history: &dyn History,
    directory: &Directory,
    (unfinished_events, interrupted): (usize, usize),
) -> Result<()> {
    let (census, snapshot) = (history.census().await?, directory.snapshot());
    let entries = snapshot.entries();
    tracing::info!(
        records = census.records,
        newest = %census.newest_at.map_or_else(|| "none".to_owned(), shown),
        accounts = entries.accounts.len(),
        devices = entries.devices.len(),
        unfinished_events,
        interrupted,
        quarantined = history.quarantined(),
        "found in the data folder"
    );
    Ok(())
}

fn shown(at: call::Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.as_micros()).map_or_else(|_| "?".to_owned(), |at| at.to_string())
}

/// When new calls are refused for the store's sake.
pub fn limits(config: &Config) -> Limits {
    Limits {
        refuse_after: Duration::from_millis(config.history.refuse_after_ms),
        folder: Some(config.data_dir.clone()),
        least_free: config.history.min_free_mb << 20,
    }
}

/// How live calls deal with a store that fails.
pub fn live_options(config: &Config, spill: SpillFile) -> LiveOptions {
    LiveOptions {
        spill: Some(spill),
        limits: limits(config),
        flush: Duration::from_secs(config.stop.flush_seconds),
    }
}

/// Lets this process open as many files as it may: a relayed call has four sockets. Warns where that is few. How
/// many it may open then.
pub fn allow_open_files() -> u64 {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => {
            if limit < FEW_FILES {
                tracing::warn!(limit, "few files may be open; see `ulimit -n` or LimitNOFILE");
            }
            limit
        }
        Err(error) => {
            tracing::warn!(%error, "the limit of open files could not be raised");
            rlimit::Resource::NOFILE.get().map_or(FEW_FILES, |(soft, _)| soft)
        }
    }
}

/// Room for connections of HTTP: an eighth of the files that may be open, unless configured.
pub fn http_room(config: &Config, open_files: u64) -> Result<Room> {
    room("[http]", config.http.max_connections, open_files / 8)
}

/// Room for connections of SIP: a quarter of the files that may be open, unless configured.
pub fn sip_room(config: &Config, open_files: u64) -> Result<Room> {
    room("[sip]", config.sip.max_connections, open_files / 4)
}

/// No source has more than three quarters of it.
fn room(section: &str, configured: usize, derived: u64) -> Result<Room> {
    let total = match configured {
        0 => usize::try_from(derived).unwrap_or(usize::MAX).clamp(64, 10_000),
        configured => configured,
    };
    ensure!(total >= 16, "{section} max_connections: found {total}, accepted: 0, or 16 and more");
    Ok(Room::new(RoomLimits { total, of_source: total / 4 * 3 }))
}

/// The directory as SIP and HTTP read it.
pub fn source(directory: &Arc<Directory>) -> DirectorySource {
    let directory = directory.clone();
    Arc::new(move || directory.snapshot())
}

/// Starts the built-in switch.
pub async fn start_switch(
    config: &Config,
    directory: Arc<Directory>,
    sink: EventSink,
    clock: Arc<dyn Clock>,
    (guard, room, mailboxes): (Arc<Doors>, Room, Arc<Mailboxes>),
    state: &Store,
) -> Result<Arc<SipSwitch>> {
    let source = Arc::new(move || directory.snapshot());
    let (registrations, streams) = (state.table("registrations"), StreamLimits::new(room));
    let sip = SipConfig { guard, streams, registrations, mailboxes, ..sip_config(config)? };
    let switch = SipSwitch::start(sip, source, sink, clock).await;
    switch.context("cannot start SIP")
}

/// How strict the guard of all doors is.
pub fn guard_policy(config: &Config) -> Result<Policy> {
    let section = &config.guard;
    let least = [
        ("failures_of_user", section.failures_of_user.into()),
        ("failures_of_source", section.failures_of_source.into()),
        ("window_seconds", section.window_seconds),
        ("block_seconds", section.block_seconds),
    ];
    for (option, found) in least {
        ensure!(found > 0, "[guard] {option}: found 0, accepted: 1 and more");
    }
    ensure!(
        section.longest_block_seconds >= section.block_seconds,
        "[guard] longest_block_seconds: found {}, accepted: block_seconds, which is {}, and more",
        section.longest_block_seconds,
        section.block_seconds
    );
    Ok(Policy {
        of_user: section.failures_of_user,
        of_source: section.failures_of_source,
        window: Duration::from_secs(section.window_seconds),
        block: Duration::from_secs(section.block_seconds),
        longest_block: Duration::from_secs(section.longest_block_seconds),
        trust: Duration::from_secs(section.trust_seconds),
        exempt: section.exempt_networks.clone(),
        ..Policy::default()
    })
}

fn digests(sip: &SipSection) -> Result<Vec<DigestAlgorithm>> {
    ensure!(!sip.digests.is_empty(), "[sip] digests: found none, accepted: \"MD5\", \"SHA-256\" or both");
    let algorithm = |name: &DigestName| match name {
        DigestName::Md5 => DigestAlgorithm::Md5,
        DigestName::Sha256 => DigestAlgorithm::Sha256,
    };
    Ok(sip.digests.iter().map(algorithm).collect())
}

fn check_codes(features: &FeaturesSection) -> Result<()> {
    let codes = [("park", &features.park), ("pick_up", &features.pick_up), ("end_work", &features.end_work)];
    for (number, (option, code)) in codes.iter().enumerate() {
        ensure!(
            code.len() > 1 && code.starts_with(['*', '#']),
            "[features] {option}: found {code:?}, accepted: * or # and digits"
        );
        if let Some((other, _)) = codes.iter().take(number).find(|(_, other)| other == code) {
            bail!("[features] {option}: found {code:?}, accepted: another code than {other} has");
        }
    }
    Ok(())
}

fn features(config: &Config) -> Result<FeatureCodes> {
    let features = &config.features;
    check_codes(features)?;
    ensure!(
        features.first_slot <= features.last_slot,
        "[features] first_slot: found {}, accepted: at most last_slot, which is {}",
        features.first_slot,
        features.last_slot
    );
    let slots = format!("{}-{}", features.first_slot, features.last_slot);
    let mut codes = FeatureCodes::default();
    for (kind, dialed) in [
        (Kind::Park, &features.park),
        (Kind::PickUp, &features.pick_up),
        (Kind::EndWork, &features.end_work),
        (Kind::Slots, &slots),
    ] {
        codes.set(kind, dialed).map_err(|why| anyhow!("[features] {}: {why}", kind.name()))?;
    }
    Ok(codes)
}

pub fn sip_config(config: &Config) -> Result<SipConfig> {
    let (sip, media) = (&config.sip, &config.media);
    ensure!(
        media.first_port < media.last_port,
        "[media] first_port: found {}, accepted: less than last_port, which is {}",
        media.first_port,
        media.last_port
    );
    Ok(SipConfig {
        udp: sip.udp,
        tcp: sip.tcp,
        tls: sip.tls,
        ws: sip.ws,
        wss: sip.wss,
        ws_origins: sip.ws_origins.clone(),
        certificate: certificate(sip)?,
        trusted: sip.tls_trusted.clone(),
        advertised: sip.advertised,
        no_answer: Duration::from_secs(sip.no_answer_seconds),
        trunk_silence: Duration::from_secs(sip.trunk_timeout_seconds),
        name_servers: sip.name_servers.clone(),
        answer_budget: Duration::from_millis(config.history.answer_budget_ms),
        receive_buffer: sip.receive_buffer,
        max_calls: sip.max_calls,
        digests: digests(sip)?,
        redirects: match sip.redirects {
            RedirectsName::Phones => Redirects::Phones,
            RedirectsName::Follow => Redirects::Follow,
            RedirectsName::Refuse => Redirects::Refuse,
        },
        sessions: sessions(sip)?,
        registration: RegistrationLimits {
            shortest: Duration::from_secs(sip.expires_min_seconds),
            default: Duration::from_secs(sip.expires_default_seconds),
            longest: Duration::from_secs(sip.expires_max_seconds),
            ..RegistrationLimits::default()
        },
        media: media_mode(config),
        sounds: SoundConfig {
            folder: Some(media.sounds.clone().unwrap_or_else(|| config.data_dir.join("sounds"))),
            music: media.music.clone(),
            allow_private_urls: media.allow_private_urls,
        },
        recordings: Some(recordings(config)),
        silence_timeout: (media.silence_timeout_seconds > 0)
            .then(|| Duration::from_secs(media.silence_timeout_seconds)),
        features: features(config)?,
        park_time: Duration::from_secs(config.features.park_seconds),
        end_work_within: Duration::from_secs(config.features.end_work_within_seconds),
        refer_from_trunks: config.features.refer_from_trunks,
        rings_by_origin: config.features.ring_by_origin,
        ..SipConfig::default()
    })
}

fn sessions(sip: &SipSection) -> Result<SessionLimits> {
    let (longest, shortest) = (sip.session_expires_seconds, sip.min_se_seconds);
    ensure!(shortest >= 90, "[sip] min_se_seconds: found {shortest}, accepted: 90 and more");
    ensure!(
        longest == 0 || longest >= shortest,
        "[sip] session_expires_seconds: found {longest}, accepted: 0, or min_se_seconds ({shortest}) and more"
    );
    Ok(SessionLimits {
        longest: Duration::from_secs(longest.into()),
        shortest: Duration::from_secs(shortest.into()),
    })
}

fn certificate(sip: &SipSection) -> Result<Option<Certificate>> {
    match (&sip.tls_certificate, &sip.tls_key) {
        (Some(chain), Some(key)) => Ok(Some(Certificate { chain: chain.clone(), key: key.clone() })),
        (None, None) => {
            let is_needed = sip.tls.is_some() || sip.wss.is_some();
            ensure!(!is_needed, "[sip] tls_certificate: found nothing, but tls or wss needs a certificate");
            Ok(None)
        }
        _ => bail!("[sip] tls_certificate and tls_key: found one of them, accepted: both or none"),
    }
}

fn media_mode(config: &Config) -> MediaMode {
    let (sip, media) = (&config.sip, &config.media);
    match media.mode {
        MediaModeName::Direct => MediaMode::Direct,
        MediaModeName::Anchored => MediaMode::Anchored(MediaConfig {
            address: media.bind,
            advertised: media.advertised.or(sip.advertised).unwrap_or_else(|| reachable(media.bind)),
            ports: media.first_port..=media.last_port,
        }),
    }
}

/// Folder that calls are recorded into.
fn recordings(config: &Config) -> PathBuf {
    config.media.recordings.clone().unwrap_or_else(|| config.data_dir.join("recordings"))
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

/// How the APIs behave.
pub fn api_config(config: &Config) -> Result<ApiConfig> {
    let mut api = ApiConfig::new(KeyFiles::of(config).load()?);
    api.body_limit = config.http.body_limit;
    api.public_url = public_url(&config.http.public_url)?;
    api.recordings = recordings(config);
    super::admission::admit(&api, config)?;
    api.cors = CorsPolicy::new(&config.http.cors_origins, config.http.cors_credentials)
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
    api.hostedsuite.server = node_name(&config.node);
    api.hostedsuite.items_per_page = config.hostedsuite.items_per_page;
    Ok(api)
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

fn renew(directory: &Directory) -> Result<bool, DirectoryError> {
    let has_changed = directory.has_changed_on_disk()?;
    if has_changed {
        directory.reload()?;
    }
    Ok(has_changed)
}

/// Takes over what another process writes into the directory.
pub async fn watch_directory(directory: Arc<Directory>, every: Duration, stopping: CancellationToken) {
    let mut ticks = tokio::time::interval(every);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stopping.cancelled() => return,
        }
        let directory = directory.clone();
        let renewed = tokio::task::spawn_blocking(move || renew(&directory)).await;
        match renewed {
            Ok(Ok(true)) => tracing::info!("the directory has changed"),
            Ok(Ok(false)) => {}
            Ok(Err(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the directory cannot be read")
            }
            Err(error) => tracing::error!(%error, "the directory cannot be read"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut FeaturesSection)) -> String {
        let mut features = FeaturesSection::default();
        assert!(check_codes(&features).is_ok());
        change(&mut features);
        check_codes(&features).unwrap_err().to_string()
    }

    #[test]
    fn a_feature_code_that_is_none_or_that_another_has_is_refused() {
        assert_eq!(
            refused(|features| features.end_work = "76".into()),
            "[features] end_work: found \"76\", accepted: * or # and digits"
        );
        assert_eq!(
            refused(|features| features.end_work = "*8".into()),
            "[features] end_work: found \"*8\", accepted: another code than pick_up has"
        );
    }
}
