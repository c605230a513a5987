//! What options may be. Every mistake is told at once: the option, what was found, what is accepted.

use std::{collections::HashSet, fmt, net::IpAddr, ops::RangeInclusive, path::Path};

use anyhow::{Result, bail};
use axum::http::uri::Authority;
use call::AccountId;
use directory::{Snapshot, model::Area};
use jiff::tz::TimeZone;

use super::{Config, MediaModeName};

/// Media ports that a call takes.
const PORTS_OF_A_CALL: u16 = 4;
/// The longest time that any option may say, in seconds: a year.
const LONGEST: u64 = 366 * 86_400;

/// A call is billed from its answer on, which its caller hears so much later at most, in milliseconds.
const LONGEST_BUDGET: u64 = 1_000;

/// A value that cannot work.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistake {
    option: &'static str,
    found: String,
    accepted: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: found {}, accepted: {}", self.option, self.found, self.accepted)
    }
}

/// The mistakes of a configuration.
#[derive(Default)]
struct Mistakes(Vec<Mistake>);

impl Mistakes {
    fn add(&mut self, option: &'static str, found: impl fmt::Display, accepted: impl Into<String>) {
        self.0.push(Mistake { option, found: found.to_string(), accepted: accepted.into() });
    }

    fn range(&mut self, option: &'static str, found: u64, accepted: RangeInclusive<u64>) {
        if !accepted.contains(&found) {
            self.add(option, found, format!("{} to {}", accepted.start(), accepted.end()));
        }
    }

    fn address(&mut self, option: &'static str, found: Option<IpAddr>) {
        if let Some(found) = found.filter(|ip| ip.is_unspecified() || ip.is_multicast()) {
            self.add(option, found, "an address that peers can reach");
        }
    }

    fn file(&mut self, option: &'static str, found: Option<&Path>) {
        if let Some(found) = found.filter(|path| !path.is_file()) {
            self.add(option, format!("\"{}\"", found.display()), "a file that is there");
        }
    }
}

/// Everything in it that cannot work, whatever else there is.
pub fn mistakes(config: &Config) -> Vec<Mistake> {
    let mut found = Mistakes::default();
    sip(config, &mut found);
    media(config, &mut found);
    http(config, &mut found);
    history(config, &mut found);
    found.0
}

/// All mistakes as one error.
pub fn refuse_mistakes(config: &Config) -> Result<()> {
    let found: Vec<_> = mistakes(config).iter().map(Mistake::to_string).collect();
    if found.is_empty() { Ok(()) } else { bail!("{}", found.join("\n")) }
}

/// As [`refuse_mistakes`], and what only shows when the parts of a server are made.
pub fn refuse_whole(config: &Config) -> Result<()> {
    refuse_mistakes(config)?;
    crate::assembly::check(config)
}

fn sip(config: &Config, found: &mut Mistakes) {
    let sip = &config.sip;
    let listeners = [sip.udp, sip.tcp, sip.tls, sip.ws, sip.wss];
    if listeners.iter().all(Option::is_none) {
        found.add("[sip] udp", "\"\"", "an address for one of udp, tcp, tls, ws and wss at least");
    }
    found.address("[sip] advertised", sip.advertised);
    found.range("[sip] no_answer_seconds", sip.no_answer_seconds, 1..=3_600);
    found.range("[sip] trunk_timeout_seconds", sip.trunk_timeout_seconds, 1..=60);
    found.range("[sip] max_calls", sip.max_calls as u64, 1..=1_000_000);
    found.range("[sip] receive_buffer", sip.receive_buffer as u64, 65_536..=1 << 30);
    found.range("[sip] expires_min_seconds", sip.expires_min_seconds, 1..=LONGEST);
    found.range("[sip] expires_max_seconds", sip.expires_max_seconds, sip.expires_min_seconds..=LONGEST);
    let expires = sip.expires_min_seconds..=sip.expires_max_seconds;
    if sip.expires_min_seconds <= sip.expires_max_seconds {
        found.range("[sip] expires_default_seconds", sip.expires_default_seconds, expires);
    }
    found.file("[sip] tls_certificate", sip.tls_certificate.as_deref());
    found.file("[sip] tls_key", sip.tls_key.as_deref());
    found.file("[sip] tls_trusted", sip.tls_trusted.as_deref());
    found.range("[features] park_seconds", config.features.park_seconds, 1..=86_400);
    found.range("[features] end_work_within_seconds", config.features.end_work_within_seconds, 1..=LONGEST);
}

fn media(config: &Config, found: &mut Mistakes) {
    let media = &config.media;
    found.address("[media] advertised", media.advertised);
    found.file("[media] music", media.music.as_deref());
    found.range("[media] silence_timeout_seconds", media.silence_timeout_seconds, 0..=LONGEST);
    if media.mode == MediaModeName::Direct {
        return;
    }
    found.range("[media] first_port", media.first_port.into(), 1..=65_535);
    let ports = u32::from(media.last_port) + 1;
    let ports = ports.saturating_sub(media.first_port.into());
    if ports < PORTS_OF_A_CALL.into() {
        let least = u32::from(media.first_port) + u32::from(PORTS_OF_A_CALL) - 1;
        let accepted = format!("{least} or more, as a call takes {PORTS_OF_A_CALL} ports from first_port on");
        found.add("[media] last_port", media.last_port, accepted);
    }
    if (1..PORTS_OF_A_CALL).contains(&media.ports_of_account) {
        let accepted = format!("0, or {PORTS_OF_A_CALL} or more, as a call takes so many");
        found.add("[media] ports_of_account", media.ports_of_account, accepted);
    }
}

fn http(config: &Config, found: &mut Mistakes) {
    found.file("[http] tls_certificate", config.http.tls_certificate.as_deref());
    found.file("[http] tls_key", config.http.tls_key.as_deref());
    let is_host = |name: &str| name.parse::<Authority>().is_ok_and(|host| host.host() == name);
    for name in config.http.names.iter().filter(|name| !is_host(name)) {
        found.add(
            "[http] names",
            format!("\"{name}\""),
            "a host name without a port, such as \"pbx.example.com\"",
        );
    }
    found.range("[http] body_limit", config.http.body_limit as u64, 1_024..=1 << 30);
    found.range("[http] requests_per_minute", config.http.requests_per_minute.into(), 0..=1_000_000);
    found.range("[yeti] token_seconds", config.yeti.token_seconds, 0..=LONGEST);
    found.range("[vonage] linger_seconds", config.vonage.linger_seconds, 0..=86_400);
    found.range("[hostedsuite] items_per_page", config.hostedsuite.items_per_page.into(), 1..=1_000);
    let zone = &config.hostedsuite.time_zone;
    if TimeZone::get(zone).is_err() {
        found.add(
            "[hostedsuite] time_zone",
            format!("\"{zone}\""),
            "an IANA name, such as \"Europe/Berlin\"",
        );
    }
    let mut known = HashSet::new();
    for entry in &config.vonage.tokens {
        let sha256 = entry.sha256();
        if entry.token.is_empty() && entry.token_sha256.is_empty() {
            found.add("[vonage] tokens", "an empty token", "a long random text");
        } else if sha256.is_none() {
            let what = format!("another token_sha256 of account {} (not shown)", entry.account);
            found.add("[vonage] tokens", what, "64 hex digits, without a token besides");
        }
        if let Err(word) = entry.scope() {
            let areas: Vec<_> = Area::all().map(Area::name).collect();
            found.add("[vonage] tokens", format!("the scope \"{word}\""), areas.join(", "));
        }
        if !known.insert(sha256) {
            found.add("[vonage] tokens", format!("a token of account {} twice", entry.account), "each once");
        }
    }
}

fn history(config: &Config, found: &mut Mistakes) {
    let history = &config.history;
    found.range("[history] answer_budget_ms", history.answer_budget_ms, 0..=LONGEST_BUDGET);
    found.range("[history] refuse_after_ms", history.refuse_after_ms, 500..=600_000);
    found.range("[history] min_free_mb", history.min_free_mb, 0..=1 << 20);
    found.range("[exports] waiting_of_account", config.exports.waiting_of_account.into(), 1..=100_000);
    found.range("[exports] kept_of_account", config.exports.kept_of_account.into(), 1..=1_000_000);
    found.range("[exports] keep_hours", config.exports.keep_hours, 0..=87_600);
    found.range("[history] readers", history.readers as u64, 1..=256);
    found.range("[history] search_seconds", history.search_seconds.get(), 1..=86_400);
    found.range("[audit] keep_days", config.audit.keep_days, 1..=36_600);
    found.range("[events] keep_hours", config.events.keep_hours, 1..=8_784);
    found.range("[events] max_readers", config.events.max_readers as u64, 0..=100_000);
    found.range("[events] max_readers_of_client", config.events.max_readers_of_client as u64, 0..=100_000);
    found.range("[stop] grace_seconds", config.stop.grace_seconds, 0..=86_400);
    found.range("[stop] flush_seconds", config.stop.flush_seconds, 0..=86_400);
    if config.data_dir.as_os_str().is_empty() {
        found.add("data_dir", "\"\"", "a folder");
    }
    if let Err(error) = crate::logging::filter(&config.log) {
        found.add("[log] filter", format!("\"{}\"", config.log.filter), error.to_string());
    }
}

/// Tokens are for accounts that are there.
pub fn refuse_strangers(config: &Config, directory: &Snapshot) -> Result<()> {
    for entry in &config.vonage.tokens {
        if directory.account(AccountId(entry.account)).is_none() {
            bail!("[vonage] tokens: found account {}, accepted: an account of the directory", entry.account);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let config = Config::parse("test.toml", text, std::iter::empty()).unwrap();
        mistakes(&config).iter().map(Mistake::to_string).collect()
    }

    #[test]
    fn the_defaults_can_work() {
        assert_eq!(told(""), Vec::<String>::new());
    }

    #[test]
    fn what_cannot_work_is_named_with_what_is_accepted() {
        let cases = [
            ("[sip]\nmax_calls = 0", "[sip] max_calls: found 0, accepted: 1 to 1000000"),
            ("[sip]\nno_answer_seconds = 0", "[sip] no_answer_seconds: found 0, accepted: 1 to 3600"),
            ("[sip]\ntrunk_timeout_seconds = 0", "[sip] trunk_timeout_seconds: found 0, accepted: 1 to 60"),
            (
                "[sip]\nexpires_min_seconds = 7200",
                "[sip] expires_max_seconds: found 3600, accepted: 7200 to 31622400",
            ),
            (
                "[sip]\nexpires_default_seconds = 5",
                "[sip] expires_default_seconds: found 5, accepted: 60 to 3600",
            ),
            (
                "[sip]\nudp = \"\"\ntcp = \"\"",
                "[sip] udp: found \"\", accepted: an address for one of udp, tcp, tls, ws and wss at least",
            ),
            (
                "[sip]\nadvertised = \"0.0.0.0\"",
                "[sip] advertised: found 0.0.0.0, accepted: an address that peers can reach",
            ),
            (
                "[sip]\ntls_key = \"/nowhere/key\"",
                "[sip] tls_key: found \"/nowhere/key\", accepted: a file that is there",
            ),
            ("[sip]\nreceive_buffer = 1", "[sip] receive_buffer: found 1, accepted: 65536 to 1073741824"),
            (
                "[media]\nfirst_port = 20000\nlast_port = 20001",
                "[media] last_port: found 20001, accepted: 20003 or more, as a call takes 4 ports from first_port on",
            ),
            (
                "[media]\nports_of_account = 3",
                "[media] ports_of_account: found 3, accepted: 0, or 4 or more, as a call takes so many",
            ),
            ("[features]\npark_seconds = 0", "[features] park_seconds: found 0, accepted: 1 to 86400"),
            (
                "[http]\nnames = [\"pbx.example.com\", \"https://pbx.example.com\"]",
                "[http] names: found \"https://pbx.example.com\", accepted: a host name without a port, such as \"pbx.example.com\"",
            ),
            (
                "[http]\nnames = [\"pbx.example.com:80\"]",
                "[http] names: found \"pbx.example.com:80\", accepted: a host name without a port, such as \"pbx.example.com\"",
            ),
            ("[http]\nbody_limit = 0", "[http] body_limit: found 0, accepted: 1024 to 1073741824"),
            (
                "[http]\nrequests_per_minute = 1000001",
                "[http] requests_per_minute: found 1000001, accepted: 0 to 1000000",
            ),
            (
                "[hostedsuite]\nitems_per_page = 0",
                "[hostedsuite] items_per_page: found 0, accepted: 1 to 1000",
            ),
            (
                "[hostedsuite]\ntime_zone = \"Mars\"",
                "[hostedsuite] time_zone: found \"Mars\", accepted: an IANA name, such as \"Europe/Berlin\"",
            ),
            (
                "[vonage]\ntokens = [{ token = \"\", account = 1 }]",
                "[vonage] tokens: found an empty token, accepted: a long random text",
            ),
            (
                "[vonage]\ntokens = [{ token = \"long\", account = 1, scopes = [\"calls\", \"all\"] }]",
                "[vonage] tokens: found the scope \"all\", accepted: calls, commands, history, exports, events, directory, billing, system",
            ),
            (
                "[history]\nanswer_budget_ms = 3000",
                "[history] answer_budget_ms: found 3000, accepted: 0 to 1000",
            ),
            ("[history]\nreaders = 0", "[history] readers: found 0, accepted: 1 to 256"),
            ("[history]\nrefuse_after_ms = 0", "[history] refuse_after_ms: found 0, accepted: 500 to 600000"),
            ("[audit]\nkeep_days = 0", "[audit] keep_days: found 0, accepted: 1 to 36600"),
            ("[stop]\ngrace_seconds = 100000", "[stop] grace_seconds: found 100000, accepted: 0 to 86400"),
        ];
        for (text, expected) in cases {
            assert_eq!(told(text), [expected], "{text}");
        }
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        assert_eq!(told("[sip]\nmax_calls = 0\nno_answer_seconds = 0\n[http]\nbody_limit = 0").len(), 3);
    }

    #[test]
    fn a_token_of_an_account_that_is_not_there_is_refused() {
        let text = "[vonage]\ntokens = [{ token = \"long\", account = 7 }]";
        let config = Config::parse("test.toml", text, std::iter::empty()).unwrap();
        let error = refuse_strangers(&config, &Snapshot::default()).unwrap_err().to_string();
        assert_eq!(error, "[vonage] tokens: found account 7, accepted: an account of the directory");
    }
}
