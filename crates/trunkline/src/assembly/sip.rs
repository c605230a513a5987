//! The built-in switch.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, anyhow, bail, ensure};
use directory::model::Encryption;
use switch::{Clock, EventSink};
use switch_sip::{
    DigestAlgorithm, FeatureCodes, MediaMode, Redirects, RegistrationLimits, SessionLimits, SipConfig,
    SipSwitch, SoundConfig, StreamLimits,
    features::{Code, Kind, LIST},
    media::MediaConfig,
    reachable,
};
use tls::Certificate;

use super::{Entrances, Opened, doors::certificate, recordings};
use crate::config::{
    Config, DigestName, EncryptionName, FeaturesSection, MediaModeName, MediaSection, RedirectsName,
    SipSection,
};

/// Starts the built-in switch.
pub async fn start_switch(
    config: &Config,
    opened: &Opened,
    entrances: &Entrances,
    (sink, clock): (EventSink, Arc<dyn Clock>),
) -> Result<Arc<SipSwitch>> {
    let sip = SipConfig {
        bearers: entrances.bearers.clone(),
        guard: entrances.guard.clone(),
        streams: StreamLimits::new(entrances.sip.clone()),
        registrations: opened.state.table("registrations"),
        mailboxes: opened.mailboxes.clone(),
        ..sip_config(config)?
    };
    let directory = opened.directory.clone();
    let switch = SipSwitch::start(sip, Arc::new(move || directory.snapshot()), sink, clock).await;
    switch.context("cannot start SIP")
}

/// How the built-in switch behaves.
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
        certificate: sip_certificate(sip)?,
        trusted: sip.tls_trusted.clone(),
        advertised: sip.advertised,
        ports_of_account: (media.ports_of_account > 0).then_some(media.ports_of_account),
        transcoded_streams: transcoded_streams(media),
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
        encryption: encryption(media.encryption),
        keys_in_the_clear: media.keys_in_the_clear,
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

fn transcoded_streams(media: &MediaSection) -> Option<usize> {
    match (media.transcoding, media.transcoded_streams) {
        (false, _) => Some(0),
        (true, 0) => None,
        (true, most) => Some(most),
    }
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
    let single = LIST.iter().filter(|code| code.kind != Kind::Slots);
    let codes: Vec<_> = single.map(|code| (code.name, features.dialed(code.kind))).collect();
    for (number, (option, code)) in codes.iter().enumerate() {
        ensure!(
            code.len() > 1 && code.starts_with(['*', '#']),
            "[features] {option}: found {code:?}, accepted: * or # and digits"
        );
        if let Some((other, _)) = codes.iter().take(number).find(|(_, other)| other == code) {
            bail!("[features] {option}: found {code:?}, accepted: another code than {other} has");
        }
    }
    // An extension may follow it.
    let pick_up = &features.pick_up;
    let hidden = codes.iter().find(|(_, code)| code != pick_up && code.starts_with(pick_up.as_str()));
    if let Some((other, code)) = hidden {
        bail!("[features] pick_up: found {pick_up:?}, accepted: no beginning of {other}, which is {code:?}");
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
    let mut codes = FeatureCodes::default();
    for Code { kind, name, .. } in &LIST {
        codes.set(*kind, &features.dialed(*kind)).map_err(|why| anyhow!("[features] {name}: {why}"))?;
    }
    Ok(codes)
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

fn sip_certificate(sip: &SipSection) -> Result<Option<Certificate>> {
    let found = certificate("[sip]", sip.tls_certificate.as_deref(), sip.tls_key.as_deref())?;
    let is_needed = sip.tls.is_some() || sip.wss.is_some();
    ensure!(
        found.is_some() || !is_needed,
        "[sip] tls_certificate: found nothing, but tls or wss needs a certificate"
    );
    Ok(found)
}

fn encryption(name: EncryptionName) -> Encryption {
    match name {
        EncryptionName::Refuse => Encryption::Refuse,
        EncryptionName::Allow => Encryption::Allow,
        EncryptionName::Prefer => Encryption::Prefer,
        EncryptionName::Require => Encryption::Require,
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
        assert_eq!(
            refused(|features| features.pick_up = "*6".into()),
            "[features] pick_up: found \"*6\", accepted: no beginning of park, which is \"*68\""
        );
    }
}
