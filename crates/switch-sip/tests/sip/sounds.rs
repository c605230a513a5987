//! Sounds, keys and silence on calls whose media goes through the switch or past it.

use std::{path::Path, time::Duration};

use call::{
    EventKind,
    command::{Digits, LegCommand, RecordingKind, Sound},
};
use switch::SwitchError;
use switch_sip::{SipConfig, SoundConfig};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Office, Talk, anchored_media};

pub fn anchored(config: &mut SipConfig) {
    config.media = anchored_media(43_000..=43_999);
}

fn digits() -> LegCommand {
    LegCommand::SendDigits(Digits::parse("4#").unwrap())
}

fn local(name: &str) -> LegCommand {
    LegCommand::Play(Sound::Local(name.into()))
}

fn url(url: &str) -> LegCommand {
    LegCommand::Play(Sound::Url(url.into()))
}

#[tokio::test]
async fn where_media_goes_from_end_to_end_verbs_for_media_are_a_conflict_that_says_why() {
    let office = Office::open().await;
    let talk = Talk::begin(&office).await;
    for verb in [local("a"), LegCommand::StartRecording(RecordingKind::OnDemand)] {
        let Err(SwitchError::Conflict(reason)) = talk.command(&office, talk.called, verb).await else {
            panic!("it is no conflict")
        };
        assert!(reason.contains("media = \"anchored\""), "{reason}");
    }
}

#[tokio::test]
async fn a_phone_without_telephone_event_gets_keys_by_info_one_after_the_other() {
    let office = Office::with(anchored).await;
    let talk = Talk::begin(&office).await;
    talk.command(&office, talk.called, digits()).await.unwrap();
    for key in ["4", "#"] {
        let info = talk.b.expect("INFO").await;
        assert_eq!(info.header("Content-Type"), "application/dtmf-relay");
        assert_eq!(info.body, format!("Signal={key}\r\nDuration=100\r\n"));
        talk.b.reply(&info, "200 OK", "").await;
    }
}

#[tokio::test]
async fn a_key_by_info_is_told_once_and_sent_on() {
    let office = Office::with(anchored).await;
    let mut talk = Talk::begin(&office).await;
    let kind = ["Content-Type: application/dtmf-relay".to_owned()];
    talk.a.within(&mut talk.at_a, "INFO", &kind, "Signal= 7\r\nDuration= 160\r\n").await;
    talk.a.expect_status(200).await;
    let info = talk.b.expect("INFO").await;
    assert_eq!(info.body, "Signal= 7\r\nDuration= 160\r\n");
    talk.b.reply(&info, "200 OK", "").await;
    office.story.until(|kind| matches!(kind, EventKind::DigitReceived { digit, .. } if digit.0 == '7')).await;
}

#[tokio::test]
async fn sounds_that_cannot_be_played_are_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let sounds = SoundConfig { folder: Some(folder.path().into()), ..SoundConfig::default() };
    let office = Office::with(|config| {
        anchored(config);
        config.sounds = sounds;
    })
    .await;
    let talk = Talk::begin(&office).await;
    for (verb, reason) in [
        (local("nothing"), "there is no such sound"),
        (url("http://127.0.0.1/a.wav"), "the URL leads to an address that is not public"),
        (url("ftp://example.com/a.wav"), "the URL is not an absolute http or https URL"),
    ] {
        let refusal = talk.command(&office, talk.called, verb).await;
        assert!(matches!(refusal, Err(SwitchError::Unreachable(told)) if told == reason), "{refusal:?}");
    }
}

/// A place on the web that answers every request so.
async fn web(answer: &'static str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/a.wav", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4_096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    url
}

#[tokio::test]
async fn a_sound_that_turns_out_to_be_none_is_refused_with_the_reason() {
    let office = Office::with(|config| {
        anchored(config);
        config.sounds = SoundConfig { allow_private_urls: true, ..SoundConfig::default() };
    })
    .await;
    let talk = Talk::begin(&office).await;
    let missing = web("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
    let text = web("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ntext").await;
    let closed = "http://127.0.0.1:1/a.wav".to_owned();
    for (place, reason) in [
        (missing, "the sound cannot be fetched from its URL"),
        (closed, "the sound cannot be fetched from its URL"),
        (text, "the sound is no WAV file of 8 or 16 kHz with PCM of 16 bits or G.711"),
    ] {
        let refusal = talk.command(&office, talk.called, url(&place)).await;
        assert!(matches!(refusal, Err(SwitchError::Unreachable(told)) if told == reason), "{refusal:?}");
    }
}

/// A tenth of a second of silence.
fn short_file(path: &Path) {
    let mut file =
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x07\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x20\x03\0\0"
            .to_vec();
    file.resize(file.len() + 800, 0xff);
    std::fs::write(path, file).unwrap();
}

#[tokio::test]
async fn a_file_that_is_over_is_told_as_ended_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    short_file(&folder.path().join("bell.wav"));
    let sounds = SoundConfig { folder: Some(folder.path().into()), ..SoundConfig::default() };
    let office = Office::with(|config| {
        anchored(config);
        config.sounds = sounds;
    })
    .await;
    let talk = Talk::begin(&office).await;
    talk.command(&office, talk.called, local("bell")).await.unwrap();
    office.story.until(|kind| *kind == EventKind::PlaybackStarted { leg: talk.called }).await;
    office.story.until(|kind| *kind == EventKind::PlaybackEnded { leg: talk.called }).await;
}

fn short_patience(config: &mut SipConfig) {
    anchored(config);
    config.silence_timeout = Some(Duration::from_millis(300));
}

#[tokio::test]
async fn a_call_whose_parties_send_nothing_ends() {
    let office = Office::with(short_patience).await;
    let talk = Talk::begin(&office).await;
    tokio::join!(talk.a.expect_bye(), talk.b.expect_bye());
    let ends = talk.rest(&office).await;
    assert!(ends.iter().all(|end| end.ends_with("ended switch failed 200")), "{ends:?}");
}

#[tokio::test]
async fn on_hold_silence_is_as_it_should_be() {
    let office = Office::with(short_patience).await;
    let mut talk = Talk::begin(&office).await;
    talk.command(&office, talk.called, LegCommand::Hold).await.unwrap();
    // Nobody need be heard, so both are asked whether they are there.
    for _ in 0..2 {
        for phone in [&talk.a, &talk.b] {
            let question = phone.expect("OPTIONS").await;
            phone.reply(&question, "200 OK", "").await;
        }
    }
    talk.a.hang_up(&mut talk.at_a).await;
}
