//! The forms that the fields of a directory file have.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use call::{AccountId, Number, Timestamp, party::Transport};
use ipnet::IpNet;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use url::Url;
use uuid::Uuid;

use super::form::{Form, text, whole};
use crate::{
    country::numeric_code,
    mac,
    model::{
        Area, Encryption, HiddenFields, Hours, NumberlistAction, NumberlistId, NumberlistMode, PlanRate,
        Profile, ProfileId, RenewPeriod, RingSource, Role, TrunkIdentity, TrunkSource, WebhookFormat,
    },
    password,
    words::Word,
};

/// Most digits in a number, prefix or extension. E.164 allows 15; some networks put routing digits before
/// them.
const MOST_DIGITS: usize = 24;

pub(super) fn name() -> Form<'static, Arc<str>> {
    text("text of 1 to 100 characters without blanks at its ends and without control characters", is_name)
}

pub(super) fn screen_pop() -> Form<'static, Arc<str>> {
    text("text of 1 to 500 characters without control characters", |text| {
        (1..=500).contains(&text.chars().count()) && !text.contains(char::is_control)
    })
}

pub(super) fn realm<T: for<'t> From<&'t str> + 'static>() -> Form<'static, T> {
    text(r#"text of 1 to 100 characters without " and \, such as "sip.example.com""#, |text| {
        is_name(text) && !text.contains(['"', '\\'])
    })
}

pub(super) fn login() -> Form<'static, Arc<str>> {
    text("text of 1 to 100 characters without blanks and control characters", |text| {
        is_name(text) && !text.contains(char::is_whitespace)
    })
}

pub(super) fn sip_user() -> Form<'static, Arc<str>> {
    let is_accepted = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+*".contains(&byte);
    text("1 to 64 letters, digits and - _ . + *", move |text| {
        (1..=64).contains(&text.len()) && text.bytes().all(is_accepted)
    })
}

/// What we call ourselves to a trunk that asks.
pub(super) fn auth_user() -> Form<'static, Arc<str>> {
    text(r#"text of 1 to 100 characters without blanks, " and \"#, |text| {
        is_name(text) && !text.contains(char::is_whitespace) && !text.contains(['"', '\\'])
    })
}

/// A user's password or a phone's secret.
pub(super) fn password() -> Form<'static, Arc<str>> {
    text("text of 1 to 200 characters", |text| (1..=200).contains(&text.chars().count())).secret()
}

/// A secret that nobody can guess, so that a plain digest of it is as good as a hash.
pub(super) fn long_secret() -> Form<'static, Arc<str>> {
    text("text of 20 to 200 characters", |text| (20..=200).contains(&text.chars().count())).secret()
}

/// What requests can be signed with.
pub(super) const SIGNING_SECRET: &str =
    "whsec_ with 24 to 64 bytes, or whsk_ with the 32 bytes of an Ed25519 key, both in base64";

pub(super) fn signing_secret() -> Form<'static, Arc<str>> {
    text(SIGNING_SECRET, is_signing_secret).secret()
}

pub(super) fn is_signing_secret(text: &str) -> bool {
    let bytes = |prefix| text.strip_prefix(prefix).and_then(|encoded| STANDARD.decode(encoded).ok());
    bytes("whsec_").is_some_and(|key| (24..=64).contains(&key.len()))
        || bytes("whsk_").is_some_and(|seed| matches!(seed.len(), 32 | 64))
}

/// Where webhooks may lead. Whether an address is public is looked at when it is connected to.
pub(super) fn receiver_url() -> Form<'static, Arc<str>> {
    let accepted = "an http or https URL of at most 2048 characters, without a user name or password";
    text(accepted, |text| {
        let url = Url::parse(text).ok().filter(|_| text.len() <= 2_048);
        url.is_some_and(|url| {
            let has_credentials = !url.username().is_empty() || url.password().is_some();
            matches!(url.scheme(), "http" | "https") && url.has_host() && !has_credentials
        })
    })
}

pub(super) fn webhook_format() -> Form<'static, WebhookFormat> {
    Form::text(r#""cloudevents", "vonage" or "yeti""#, WebhookFormat::from_word)
}

pub(super) fn event_type() -> Form<'static, Arc<str>> {
    let accepted = r#"a kind of event, whole ("leg.answered") or what stands before the point ("leg")"#;
    text(accepted, call::kind::is_name)
}

pub(super) fn sha256() -> Form<'static, Arc<str>> {
    Form::text("64 hex digits", |text| hex(text, 64)).secret()
}

/// Where people are sent back to. In the clear only on their own machine; private schemes are written like
/// a domain name (RFC 8252 section 7).
pub(super) fn redirect_uri() -> Form<'static, Arc<str>> {
    let accepted = concat!(
        "a URI without fragment, at most 500 characters: https, http to localhost, or a scheme of the ",
        r#"application's own, such as "https://app.example.com/back" or "com.example.app:/back""#,
    );
    text(accepted, |uri| {
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"#\"\\<>^`{|}".contains(&byte);
        uri.len() <= 500 && uri.bytes().all(is_plain) && leads_back(uri)
    })
}

fn leads_back(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let host = |rest: &str| {
        let authority = rest.strip_prefix("//")?.split(['/', '?']).next()?.to_owned();
        (!authority.is_empty() && !authority.contains('@')).then_some(authority)
    };
    let is_own = |host: &str| ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    match scheme {
        "https" => host(rest).is_some(),
        "http" => host(rest).is_some_and(|host| {
            is_own(host.rsplit_once(':').map_or(&host, |(name, _)| name)) || is_own(&host)
        }),
        _ => is_host_name(scheme) && scheme.contains('.') && !rest.is_empty(),
    }
}

pub(super) fn password_hash() -> Form<'static, Arc<str>> {
    let accepted = "an argon2id hash as PHC string, such as $argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>";
    text(accepted, password::is_hash).secret()
}

pub(super) fn ha1_md5() -> Form<'static, Arc<str>> {
    Form::text("32 hex digits", |text| hex(text, 32)).secret()
}

pub(super) fn ha1_sha256() -> Form<'static, Arc<str>> {
    Form::text("64 hex digits", |text| hex(text, 64)).secret()
}

pub(super) fn account_id() -> Form<'static, AccountId> {
    whole("a whole number from 1 to 4294967295", 1..=u32::MAX).map(AccountId)
}

pub(super) fn uuid() -> Form<'static, Uuid> {
    Form::text(r#"a UUID such as "069b073a-e7d9-11f0-932e-0a63caf27539""#, |text| Uuid::try_parse(text).ok())
}

pub(super) fn role() -> Form<'static, Role> {
    Form::text(r#""manager", "viewer" or "client""#, Role::from_word)
}

pub(super) fn area() -> Form<'static, Area> {
    let accepted =
        r#""calls", "commands", "history", "exports", "events", "directory", "billing" or "system""#;
    Form::text(accepted, Area::from_word)
}

pub(super) fn transport() -> Form<'static, Transport> {
    Form::text(r#""udp", "tcp", "tls" or "ws""#, Transport::from_word)
}

pub(super) fn encryption() -> Form<'static, Encryption> {
    Form::text(r#""refuse", "allow", "prefer" or "require""#, Word::from_word)
}

pub(super) fn flag() -> Form<'static, bool> {
    Form::new("true or false", |value| value.as_bool())
}

pub(super) fn mac_address() -> Form<'static, [u8; 6]> {
    Form::text(r#"a MAC address such as "38-99-62-93-E2-A9""#, mac::parse)
}

pub(super) fn extension() -> Form<'static, Number> {
    text("text of 1 to 24 digits", |text| has_digits(text, 1))
}

pub(super) fn outside_number() -> Form<'static, Number> {
    text("text of + and 1 to 24 digits", |text| {
        text.strip_prefix('+').is_some_and(|text| has_digits(text, 1))
    })
}

pub(super) fn caller_id() -> Form<'static, Number> {
    text("text of 1 to 24 digits, with or without + before them", |text| {
        has_digits(text.strip_prefix('+').unwrap_or(text), 1)
    })
}

pub(super) fn prefix() -> Form<'static, String> {
    text("text of at most 24 digits without +; empty fits every number", |text| has_digits(text, 0))
}

pub(super) fn prepend() -> Form<'static, String> {
    text("text of at most 24 digits, * and #, with or without + before them", |text| {
        let rest = text.strip_prefix('+').unwrap_or(text);
        rest.len() <= MOST_DIGITS && rest.bytes().all(|byte| byte.is_ascii_digit() || b"*#".contains(&byte))
    })
}

/// A prefix that says something.
pub(super) fn some_prefix() -> Form<'static, String> {
    text("text of 1 to 24 digits without +", |text| has_digits(text, 1))
}

/// ISO 3166-1 numeric.
pub(super) fn country() -> Form<'static, u16> {
    Form::text(r#"two capital letters of ISO 3166-1, such as "DE""#, numeric_code)
}

pub(super) fn hours() -> Form<'static, Hours> {
    let accepted = r#"days and times such as "mon-fri 08:00-18:00" or "sat 09:00-24:00""#;
    Form::text(accepted, Hours::parse)
}

pub(super) fn time_zone() -> Form<'static, TimeZone> {
    Form::text(r#"a time zone such as "Europe/Berlin" or "UTC""#, |name| TimeZone::get(name).ok())
}

pub(super) fn strip() -> Form<'static, u8> {
    whole("a whole number from 0 to 24", 0..=MOST_DIGITS as u8)
}

pub(super) fn priority() -> Form<'static, u16> {
    whole("a whole number from 0 to 65535", 0..=u16::MAX)
}

pub(super) fn port() -> Form<'static, u16> {
    whole("a whole number from 1 to 65535", 1..=u16::MAX)
}

pub(super) fn host() -> Form<'static, Arc<str>> {
    text(r#"a host name or an address, such as "sip.example.com", "192.0.2.1" or "2001:db8::1""#, |text| {
        text.parse::<IpAddr>().is_ok() || is_host_name(text)
    })
}

pub(super) fn network() -> Form<'static, IpNet> {
    let accepted = r#"an address or a network without host bits, such as "192.0.2.1" or "10.0.0.0/24""#;
    Form::text(accepted, parse_network)
}

pub(super) fn source() -> Form<'static, TrunkSource> {
    let accepted = concat!(
        "an address, an address with a port, or a network without host bits, that no other trunk has, ",
        r#"such as "192.0.2.1", "192.0.2.1:5070", "[2001:db8::1]:5060" or "10.0.0.0/24""#,
    );
    Form::text(accepted, parse_source)
}

pub(super) fn interval() -> Form<'static, Duration> {
    let seconds = whole::<u32>("seconds, a whole number from 1 to 86400", 1..=86_400);
    seconds.map(|seconds| Duration::from_secs(seconds.into()))
}

/// How many calls there may be at one time.
pub(super) fn call_limit() -> Form<'static, u32> {
    whole("a whole number from 0 to 1000000", 0..=1_000_000)
}

pub(super) fn call_rate() -> Form<'static, u32> {
    whole("a whole number from 1 to 100000", 1..=100_000)
}

pub(super) fn call_length() -> Form<'static, Duration> {
    let seconds = whole::<u32>("seconds, a whole number from 1 to 604800", 1..=604_800);
    seconds.map(|seconds| Duration::from_secs(seconds.into()))
}

pub(super) fn keep_days() -> Form<'static, u32> {
    whole("days, a whole number from 0 (for ever) to 36500", 0..=36_500)
}

pub(super) fn registration_length() -> Form<'static, Duration> {
    let seconds = whole::<u32>("seconds, a whole number from 60 to 86400", 60..=86_400);
    seconds.map(|seconds| Duration::from_secs(seconds.into()))
}

/// `None` if there is to be none.
pub(super) fn probe_interval() -> Form<'static, Option<Duration>> {
    let seconds = whole::<u32>("seconds, a whole number from 0 to 3600; 0 = never", 0..=3_600);
    seconds.map(|seconds| (seconds > 0).then(|| Duration::from_secs(seconds.into())))
}

pub(super) fn trunk_identity() -> Form<'static, TrunkIdentity> {
    Form::text(r#""pai", "rpid" or "none""#, Word::from_word)
}

pub(super) fn money() -> Form<'static, Decimal> {
    let accepted =
        r#"an amount as text, from "0" to "1000000" with at most 12 decimal places, such as "0.015""#;
    Form::text(accepted, |text| decimal(text, 1_000_000))
}

pub(super) fn ring_source() -> Form<'static, RingSource> {
    Form::text(r#""inside" or "outside""#, Word::from_word)
}

/// What a phone is sent in a header of SIP as it is.
pub(super) fn header_value() -> Form<'static, Arc<str>> {
    let accepted = r#"1 to 200 visible ASCII characters, blanks between them too, such as "<http://127.0.0.1>;info=ring2""#;
    text(accepted, |text| {
        let is_visible = |byte: u8| (b' '..=b'~').contains(&byte);
        (1..=200).contains(&text.len()) && text.trim() == text && text.bytes().all(is_visible)
    })
}

/// Minutes of calls in a while.
pub(super) fn minutes() -> Form<'static, u32> {
    whole("a whole number from 0 to 1000000", 0..=1_000_000)
}

/// An amount that may be owed.
pub(super) fn balance() -> Form<'static, Decimal> {
    let accepted = r#"an amount as text, from "-1000000000" to "1000000000" with at most 12 decimal places, such as "-20.5""#;
    Form::text(accepted, |text| match text.strip_prefix('-') {
        Some(owed) => decimal(owed, 1_000_000_000).map(std::ops::Neg::neg),
        None => decimal(text, 1_000_000_000),
    })
}

/// The code of a currency of ISO 4217, by its form.
pub(super) fn currency() -> Form<'static, Arc<str>> {
    text(r#"three capital letters, such as "EUR""#, |text| {
        text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
    })
}

/// What marks calls and rates. Without commas: lists of tags are told with them.
pub(super) fn tag() -> Form<'static, Arc<str>> {
    text("text of 1 to 100 characters without commas, blanks at its ends and control characters", |text| {
        is_name(text) && !text.contains(',')
    })
}

pub(super) fn number_length() -> Form<'static, u8> {
    whole("a whole number from 0 to 100", 0..=PlanRate::MAX_LENGTH)
}

pub(super) fn instant() -> Form<'static, Timestamp> {
    Form::new("a date and time with its offset, such as 2026-01-01T00:00:00Z", |value| {
        let instant: jiff::Timestamp = value.as_datetime()?.to_string().parse().ok()?;
        Some(Timestamp::from_micros(instant.as_microsecond()))
    })
}

/// An instant that may be of anything that has happened here.
pub(super) fn recent_instant() -> Form<'static, Timestamp> {
    instant().that("a date and time with its offset from 2000 on, such as 2026-01-01T00:00:00Z", |at| {
        *at >= Timestamp::from_seconds(946_684_800)
    })
}

pub(super) fn renew_period() -> Form<'static, RenewPeriod> {
    Form::text(r#""day" or "month""#, RenewPeriod::from_word)
}

pub(super) fn profile_id() -> Form<'static, ProfileId> {
    whole("a whole number from 1 to 4294967295", 1..=u32::MAX).map(ProfileId)
}

pub(super) fn numberlist_id() -> Form<'static, NumberlistId> {
    whole("a whole number from 1 to 4294967295", 1..=u32::MAX).map(NumberlistId)
}

pub(super) fn numberlist_mode() -> Form<'static, NumberlistMode> {
    Form::text(r#""strict" (whole numbers) or "prefix" (what numbers begin with)"#, NumberlistMode::from_word)
}

pub(super) fn numberlist_action() -> Form<'static, NumberlistAction> {
    Form::text(r#""reject" or "accept""#, NumberlistAction::from_word)
}

pub(super) fn permission() -> Form<'static, &'static str> {
    let accepted = "\"recordings\", or something that portals show, such as \"outgoing-cdrs\" or \"incoming-statistics\"";
    Form::text(accepted, Profile::permission)
}

pub(super) fn hidden_field() -> Form<'static, &'static str> {
    let accepted = "an attribute of `cdrs` or `incoming-cdrs` that can be hidden, such as \"auth-orig-ip\" or \"vendor-price\"";
    Form::text(accepted, HiddenFields::name)
}

pub(super) fn percent() -> Form<'static, Decimal> {
    let accepted = r#"percent as text, from "0" to "1000" with at most 12 decimal places, such as "19""#;
    Form::text(accepted, |text| decimal(text, 1_000))
}

fn is_name(text: &str) -> bool {
    let is_short = (1..=100).contains(&text.chars().count());
    is_short && text.trim() == text && !text.contains(char::is_control)
}

fn has_digits(text: &str, least: usize) -> bool {
    (least..=MOST_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn hex(text: &str, length: usize) -> Option<Arc<str>> {
    let is_hex = text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| text.to_ascii_lowercase().into())
}

/// A host name of RFC 1123 that nobody could take for an address.
fn is_host_name(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(is_inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_numeric = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.len() <= 253 && !is_numeric && text.split('.').all(is_label)
}

fn parse_network(text: &str) -> Option<IpNet> {
    let network = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?;
    (network.addr() == network.network()).then_some(network)
}

fn parse_source(text: &str) -> Option<TrunkSource> {
    if let Some(net) = parse_network(text) {
        return Some(TrunkSource { net, port: None });
    }
    let address = text.parse::<SocketAddr>().ok().filter(|address| address.port() != 0)?;
    Some(TrunkSource { net: address.ip().into(), port: Some(address.port()) })
}

fn decimal(text: &str, most: u32) -> Option<Decimal> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let amount = Decimal::from_str_exact(text).ok().filter(|_| is_plain)?;
    (amount <= Decimal::from(most) && amount.scale() <= 12).then_some(amount)
}
