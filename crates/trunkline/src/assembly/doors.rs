//! The doors: their guard, and the room for connections in each.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use directory::Bearers;
use guard::{Doors, Policy, Room, RoomLimits};
use http_core::{PROTOCOLS, ServeLimits};
use tls::{Certificate, TlsServer};

use crate::config::Config;

/// Open files that carry about a thousand relayed calls.
const FEW_FILES: u64 = 4_500;

/// Who guards the doors, and how many may stand in them.
pub struct Entrances {
    pub guard: Arc<Doors>,
    pub bearers: Arc<Bearers>,
    pub sip: Room,
    pub http: ServeLimits,
}

impl Entrances {
    pub fn new(config: &Config) -> Result<Self> {
        let open_files = allow_open_files();
        Ok(Self {
            bearers: Arc::default(),
            guard: Arc::new(Doors::new(guard_policy(config)?)),
            sip: sip_room(config, open_files)?,
            http: ServeLimits {
                tls: http_tls(config)?,
                hsts: Duration::from_secs(config.http.hsts_seconds),
                ..ServeLimits::new(http_room(config, open_files)?)
            },
        })
    }
}

/// The certificate that a section names, if it does.
pub fn certificate(section: &str, chain: Option<&Path>, key: Option<&Path>) -> Result<Option<Certificate>> {
    match (chain, key) {
        (Some(chain), Some(key)) => Ok(Some(Certificate { chain: chain.into(), key: key.into() })),
        (None, None) => Ok(None),
        _ => bail!("{section} tls_certificate and tls_key: found one of them, accepted: both or none"),
    }
}

/// The certificate that is shown over HTTP, if one is.
pub fn http_certificate(config: &Config) -> Result<Option<Certificate>> {
    certificate("[http]", config.http.tls_certificate.as_deref(), config.http.tls_key.as_deref())
}

fn http_tls(config: &Config) -> Result<Option<TlsServer>> {
    let Some(certificate) = http_certificate(config)? else { return Ok(None) };
    TlsServer::load(&certificate, &PROTOCOLS).map(Some).context("[http] tls_certificate")
}

/// Lets this process open as many files as it may: a relayed call has four sockets. Warns where that is few. How
/// many it may open then.
fn allow_open_files() -> u64 {
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
fn http_room(config: &Config, open_files: u64) -> Result<Room> {
    room("[http]", config.http.max_connections, open_files / 8)
}

/// Room for connections of SIP: a quarter of the files that may be open, unless configured.
fn sip_room(config: &Config, open_files: u64) -> Result<Room> {
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
