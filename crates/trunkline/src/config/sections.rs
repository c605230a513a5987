//! The sections of the configuration file. `config/default.toml` says what each option means.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroU64,
    path::PathBuf,
};

use directory::model::{Area, Scope};
use history::export::ExportBounds;
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de};
use sha2::{Digest, Sha256};
use switch_sip::{FeatureCodes, features::Kind};

/// Declares a section: its options, their types and defaults.
macro_rules! sections {
    ($($(#[$doc:meta])* $name:ident $section:literal { $($(#[$field:meta])* $option:ident: $kind:ty = $default:expr,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, Deserialize)]
            #[serde(deny_unknown_fields, default)]
            pub struct $name {
                $(
                    $(#[$field])*
                    #[doc = concat!("`", stringify!($option), "`")]
                    pub $option: $kind,
                )*
            }

            impl $name {
                /// The options that are not the same.
                fn differences(&self, other: &Self, names: &mut Vec<&'static str>) {
                    $(if self.$option != other.$option {
                        names.push(concat!("[", $section, "] ", stringify!($option)));
                    })*
                }
            }

            impl Default for $name {
                fn default() -> Self {
                    Self { $($option: $default,)* }
                }
            }
        )*

        /// Every option with its section.
        #[cfg(test)]
        pub(super) fn every_option() -> Vec<(&'static str, &'static str)> {
            vec![("", "data_dir"), ("", "node"), $($(($section, stringify!($option)),)*)*]
        }
    };
}

sections! {
    /// `[sip]`
    SipSection "sip" {
        #[serde(deserialize_with = "optional")]
        udp: Option<SocketAddr> = Some(any(5060)),
        #[serde(deserialize_with = "optional")]
        tcp: Option<SocketAddr> = Some(any(5060)),
        #[serde(deserialize_with = "optional")]
        tls: Option<SocketAddr> = None,
        #[serde(deserialize_with = "optional")]
        ws: Option<SocketAddr> = None,
        #[serde(deserialize_with = "optional")]
        wss: Option<SocketAddr> = None,
        ws_origins: Vec<String> = Vec::new(),
        #[serde(deserialize_with = "optional")]
        tls_certificate: Option<PathBuf> = None,
        #[serde(deserialize_with = "optional")]
        tls_key: Option<PathBuf> = None,
        #[serde(deserialize_with = "optional")]
        tls_trusted: Option<PathBuf> = None,
        #[serde(deserialize_with = "optional")]
        advertised: Option<IpAddr> = None,
        no_answer_seconds: u64 = 60,
        trunk_timeout_seconds: u64 = 4,
        name_servers: Vec<SocketAddr> = Vec::new(),
        receive_buffer: usize = 8 << 20,
        max_calls: usize = 20_000,
        max_connections: usize = 0,
        digests: Vec<DigestName> = vec![DigestName::Md5],
        redirects: RedirectsName = RedirectsName::Phones,
        session_expires_seconds: u32 = 1_800,
        min_se_seconds: u32 = 90,
        expires_min_seconds: u64 = 60,
        expires_default_seconds: u64 = 300,
        expires_max_seconds: u64 = 3_600,
    }
    /// `[features]`
    FeaturesSection "features" {
        park: String = Kind::Park.default_code().to_owned(),
        pick_up: String = Kind::PickUp.default_code().to_owned(),
        end_work: String = Kind::EndWork.default_code().to_owned(),
        end_work_within_seconds: u64 = 3_600,
        first_slot: u16 = *FeatureCodes::default().slot_range().start(),
        last_slot: u16 = *FeatureCodes::default().slot_range().end(),
        park_seconds: u64 = 120,
        ring_by_origin: bool = false,
        refer_from_trunks: bool = false,
    }
    /// `[media]`
    MediaSection "media" {
        mode: MediaModeName = MediaModeName::Anchored,
        bind: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        #[serde(deserialize_with = "optional")]
        advertised: Option<IpAddr> = None,
        first_port: u16 = 20_000,
        last_port: u16 = 39_999,
        ports_of_account: u16 = 0,
        transcoding: bool = true,
        transcoded_streams: usize = 0,
        #[serde(deserialize_with = "optional")]
        sounds: Option<PathBuf> = None,
        #[serde(deserialize_with = "optional")]
        music: Option<PathBuf> = None,
        #[serde(deserialize_with = "optional")]
        recordings: Option<PathBuf> = None,
        allow_private_urls: bool = false,
        silence_timeout_seconds: u64 = 300,
        encryption: EncryptionName = EncryptionName::Allow,
        keys_in_the_clear: bool = false,
    }
    /// `[http]`
    HttpSection "http" {
        listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8080)),
        #[serde(deserialize_with = "optional")]
        tls_certificate: Option<PathBuf> = None,
        #[serde(deserialize_with = "optional")]
        tls_key: Option<PathBuf> = None,
        hsts_seconds: u64 = 31_536_000,
        body_limit: usize = 1 << 20,
        max_connections: usize = 0,
        requests_per_minute: u32 = 6_000,
        public_url: String = String::new(),
        names: Vec<String> = Vec::new(),
        trusted_proxies: Vec<IpNet> = Vec::new(),
        operator_networks: Vec<IpNet> = loopback(),
        cors_origins: Vec<String> = Vec::new(),
        cors_credentials: bool = false,
    }
    /// `[guard]`
    GuardSection "guard" {
        failures_of_user: u32 = 10,
        failures_of_source: u32 = 30,
        window_seconds: u64 = 300,
        block_seconds: u64 = 300,
        longest_block_seconds: u64 = 3_600,
        trust_seconds: u64 = 86_400,
        exempt_networks: Vec<IpNet> = Vec::new(),
    }
    /// `[yeti]`
    YetiSection "yeti" {
        token_seconds: u64 = 600,
        time_zone: String = "UTC".to_owned(),
    }
    /// `[vonage]`
    VonageSection "vonage" {
        wire: VonageWireName = VonageWireName::Numbers,
        linger_seconds: u64 = 60,
        tokens: Vec<TokenEntry> = Vec::new(),
    }
    /// `[hostedsuite]`
    HostedSuiteSection "hostedsuite" {
        time_zone: String = "UTC".to_owned(),
        items_per_page: u32 = 100,
    }
    /// `[phone]`
    PhoneSection "phone" {
        web_socket: String = String::new(),
        stun: Vec<String> = Vec::new(),
        turn: Vec<String> = Vec::new(),
        #[serde(deserialize_with = "optional")]
        turn_secret_file: Option<PathBuf> = None,
    }
    /// `[csv]`
    CsvSection "csv" {
        disarm_formulas: bool = true,
    }
    /// `[stop]`
    StopSection "stop" {
        grace_seconds: u64 = 30,
        flush_seconds: u64 = 10,
    }
    /// `[history]`
    HistorySection "history" {
        answer_budget_ms: u64 = 30,
        refuse_after_ms: u64 = 2_000,
        min_free_mb: u64 = 64,
        #[serde(deserialize_with = "optional")]
        spill_dir: Option<PathBuf> = None,
        readers: usize = 4,
        search_seconds: NonZeroU64 = const { NonZeroU64::new(10).expect("ten is not zero") },
        seal: bool = true,
        seal_after_minutes: u64 = 10,
        keep_days: u32 = 0,
        keep_recordings_days: u32 = 0,
    }
    /// `[events]`
    EventsSection "events" {
        keep_hours: u64 = 72,
        max_readers: usize = 2_000,
        max_readers_of_client: usize = 50,
    }
    /// `[exports]`
    ExportsSection "exports" {
        waiting_of_account: u32 = ExportBounds::default().waiting,
        kept_of_account: u32 = ExportBounds::default().kept,
        keep_hours: u64 = 720,
    }
    /// `[audit]`
    AuditSection "audit" {
        keep_days: u64 = 400,
    }
    /// `[log]`
    LogSection "log" {
        filter: String = "info".to_owned(),
        format: LogFormat = LogFormat::Text,
    }
}

/// Whose redirections (3xx) are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RedirectsName {
    /// Those of phones: call forwarding.
    Phones,
    /// Those of trunks too.
    Follow,
    /// Nobody's.
    Refuse,
}

/// Who carries the sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaModeName {
    /// This server.
    Anchored,
    /// The ends themselves.
    Direct,
}

/// Whether sound is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EncryptionName {
    /// Never.
    Refuse,
    /// Where the other side offers it.
    Allow,
    /// It is offered to the other side.
    Prefer,
    /// Always.
    Require,
}

/// A hash that digests of phones are made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum DigestName {
    /// MD5.
    #[serde(rename = "MD5")]
    Md5,
    /// SHA-256.
    #[serde(rename = "SHA-256")]
    Sha256,
}

/// How the Vonage dialect prints numbers, ids and times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VonageWireName {
    /// As JSON numbers.
    Numbers,
    /// As JSON strings.
    Strings,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What the holder of a token may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenRole {
    /// Everything in the account.
    #[default]
    Manager,
    /// Look, and change nothing.
    Viewer,
}

/// A bearer token and its account.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenEntry {
    /// The token.
    #[serde(default)]
    pub token: String,
    /// SHA-256 of the token instead, in hex.
    #[serde(default)]
    pub token_sha256: String,
    /// The account's id.
    pub account: u32,
    /// What its holder may do there.
    #[serde(default)]
    pub role: TokenRole,
    /// The areas that it is good for; all if none is named.
    #[serde(default)]
    pub scopes: Vec<String>,
}

impl FeaturesSection {
    /// What is dialed for a feature code.
    pub fn dialed(&self, kind: Kind) -> String {
        match kind {
            Kind::Park => self.park.clone(),
            Kind::PickUp => self.pick_up.clone(),
            Kind::EndWork => self.end_work.clone(),
            Kind::Slots => format!("{}-{}", self.first_slot, self.last_slot),
        }
    }
}

impl TokenEntry {
    /// The areas; a word that is none if there is one.
    pub fn scope(&self) -> Result<Scope, &str> {
        let areas = self.scopes.iter().map(|word| Area::named(word).ok_or(word.as_str()));
        areas.collect::<Result<Vec<_>, _>>().map(|areas| Scope::of(&areas))
    }

    /// SHA-256 of the token, however it is given; `None` if it is given by neither or both, or is no digest.
    pub fn sha256(&self) -> Option<[u8; 32]> {
        match (self.token.as_str(), self.token_sha256.as_str()) {
            ("", "") => None,
            (token, "") => Some(Sha256::digest(token).into()),
            ("", digest) => {
                let mut bytes = [0; 32];
                hex::decode_to_slice(digest, &mut bytes).ok().map(|()| bytes)
            }
            _ => None,
        }
    }
}

impl std::fmt::Debug for TokenEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenEntry").field("account", &self.account).finish_non_exhaustive()
    }
}

fn any(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))
}

fn loopback() -> Vec<IpNet> {
    ["127.0.0.0/8", "::1/128"].map(|net| net.parse().expect("a network in correct notation")).to_vec()
}

/// An empty text is no value.
fn optional<'de, D, T>(source: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    let text = String::deserialize(source)?;
    let wrong = |error: T::Err| de::Error::custom(format!("{error}: found \"{text}\""));
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(wrong) }
}

/// The options of all sections that are not the same, with their sections.
pub(super) fn differences(one: &super::Config, other: &super::Config) -> Vec<&'static str> {
    let mut names = Vec::new();
    if one.data_dir != other.data_dir {
        names.push("data_dir");
    }
    if one.node != other.node {
        names.push("node");
    }
    one.sip.differences(&other.sip, &mut names);
    one.features.differences(&other.features, &mut names);
    one.media.differences(&other.media, &mut names);
    one.http.differences(&other.http, &mut names);
    one.guard.differences(&other.guard, &mut names);
    one.yeti.differences(&other.yeti, &mut names);
    one.vonage.differences(&other.vonage, &mut names);
    one.hostedsuite.differences(&other.hostedsuite, &mut names);
    one.phone.differences(&other.phone, &mut names);
    one.csv.differences(&other.csv, &mut names);
    one.stop.differences(&other.stop, &mut names);
    one.history.differences(&other.history, &mut names);
    one.events.differences(&other.events, &mut names);
    one.exports.differences(&other.exports, &mut names);
    one.audit.differences(&other.audit, &mut names);
    one.log.differences(&other.log, &mut names);
    names
}
