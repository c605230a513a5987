//! The built-in switch does what every switch must do; the phones around it are SIPp's.
#![allow(clippy::unwrap_used, reason = "clippy takes only #[test] functions for tests")]

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::RangeInclusive,
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use call::{
    AccountId, CustomerId, DeviceId,
    command::{Sound, Target},
    party::Transport,
};
use directory::{
    Snapshot,
    model::{
        Account, Billing, CallingRules, Customer, Device, Extension, HiddenFields, KeepDays, Limits,
        SpendingLimits, Ways,
    },
    snapshot::Entries,
};
use md5::{Digest, Md5};
use sha2::Sha256;
use switch::{
    EventSource, SharedSwitch, SystemClock,
    conformance::{Manner, Originated, Play, Stage},
    conformance_suite, event_channel,
};
use switch_sip::{MediaMode, SipConfig, SipSwitch, SoundConfig, features::Kind, media::MediaConfig};
use tempfile::TempDir;
use testkit::sipp::{Sipp, SippRun};

conformance_suite!(
    sipp_stage,
    verbs: [
        holding_and_resuming,
        a_phone_that_holds,
        answering_a_ringing_phone,
        transferring_a_call,
        transferring_to_a_busy_phone,
        transferring_to_nobody,
        wishes_during_a_transfer,
        losing_the_transferred_party,
        transferring_to_a_leg_of_another_call,
        legs_that_cannot_be_joined,
        parking_and_retrieving,
        slots_that_are_taken,
        sending_digits,
        a_phone_that_presses_a_key,
        playing_a_sound,
        recording_a_leg,
        placing_a_recorded_call,
        ending_after_call_work,
        verbs_for_legs_that_ring,
        verbs_for_legs_that_have_ended,
        many_wishes_at_once,
    ],
    lacking: [
    ]
);

const REALM: &str = "test";
const ACCOUNT: AccountId = AccountId(10);
/// Each play has a caller and a called phone of its own, so that none rings in another play.
const LINES: RangeInclusive<u32> = 1..=30;
/// A phone that never registers.
const ABSENT: u32 = 99;
/// A file in the folder of sounds.
const SOUND: &str = "long";
const SHORT: Duration = Duration::from_millis(50);
const NO_ANSWER: Duration = Duration::from_secs(2);

struct SippStage {
    switch: Arc<SipSwitch>,
    events: Option<EventSource>,
    server: SocketAddr,
    lines: RangeInclusive<u32>,
    /// Runs that must end as their scenarios say.
    runs: Vec<SippRun>,
    /// Runs that are there to be rung, or are ended in a way that no scenario foretells.
    extras: Vec<SippRun>,
    /// The folder of sounds and recordings.
    _folder: TempDir,
}

/// A minute of silence.
fn long_file() -> Vec<u8> {
    let length = 480_000_u32;
    let mut file =
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x07\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data".to_vec();
    file.extend(length.to_le_bytes());
    file.resize(file.len() + length as usize, 0xff);
    file
}

async fn sipp_stage() -> SippStage {
    let (sink, events) = event_channel(10_000);
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let media = MediaConfig { address: here, advertised: here, ports: 10_000..=29_999 };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("long.wav"), long_file()).unwrap();
    let config = SipConfig {
        udp: "127.0.0.1:0".parse().ok(),
        no_answer: NO_ANSWER,
        media: MediaMode::Anchored(media),
        sounds: SoundConfig { folder: Some(folder.path().into()), ..SoundConfig::default() },
        recordings: Some(folder.path().join("recordings")),
        ..SipConfig::default()
    };
    let directory = Arc::new(Snapshot::new(entries()));
    let source = Arc::new(move || directory.clone());
    let switch = SipSwitch::start(config, source, sink, Arc::new(SystemClock::default())).await.unwrap();
    let server = switch.local_addr(Transport::Udp).unwrap();
    let (runs, extras) = (Vec::new(), Vec::new());
    SippStage { switch, events: Some(events), server, lines: LINES, runs, extras, _folder: folder }
}

#[async_trait]
impl Stage for SippStage {
    fn switch(&self) -> SharedSwitch {
        self.switch.clone()
    }

    fn events(&mut self) -> EventSource {
        self.events.take().unwrap()
    }

    async fn play(&mut self, play: Play) {
        let line = self.lines.next().unwrap();
        let (caller, called) = scenarios(play);
        let dialed = match play {
            Play::NoRoute => "999".into(),
            Play::Unregistered => extension(ABSENT),
            _ => extension(line),
        };
        let mut runs = Vec::new();
        if let Some(called) = called {
            runs.push(self.called(line, called).await);
        }
        let caller = Sipp::scenario(caller).calling(&dialed).ring(SHORT).talk(SHORT);
        let name = caller_name(line);
        runs.push(caller.credentials(&name, &secret(&name)).target(self.server).spawn().await.unwrap());
        if play == Play::EndsWork {
            for run in runs.drain(..) {
                run.wait().await.unwrap();
            }
            let name = called_name(line);
            let phone = Sipp::scenario("uac-wait-bye")
                .calling(Kind::EndWork.default_code())
                .credentials(&name, &secret(&name));
            runs.push(phone.target(self.server).spawn().await.unwrap());
        }
        let end_is_foretold = !matches!(play, Play::Rings | Play::AnswersWhenTold);
        if end_is_foretold { self.runs.extend(runs) } else { self.extras.extend(runs) }
    }

    async fn ready_to_originate(&mut self) -> Originated {
        let (first, second) = (self.lines.next().unwrap(), self.lines.next().unwrap());
        let phones = [self.called(first, "uas-originated").await, self.called(second, "uas-talk").await];
        self.extras.extend(phones);
        let [from, to] = [first, second].map(|line| Target::Extension(extension(line).as_str().into()));
        Originated { account: ACCOUNT, from, to }
    }

    async fn phone(&mut self, manner: Manner) -> Target {
        let line = self.lines.next().unwrap();
        let scenario = match manner {
            Manner::Waits | Manner::Rings => "uas-no-answer",
            Manner::Answers => "uas-talk",
            Manner::Busy => "uas-busy",
        };
        let run = self.called(line, scenario).await;
        self.extras.push(run);
        Target::Extension(extension(line).as_str().into())
    }

    fn sound(&self) -> Sound {
        Sound::Local(SOUND.into())
    }

    async fn settle(&mut self) {
        for run in self.runs.drain(..) {
            let outcome = run.wait().await.unwrap();
            assert_eq!((outcome.statistics.successful, outcome.statistics.failed), (1, 0));
        }
    }
}

impl SippStage {
    /// A called phone: it registers, and then acts by a scenario at the same address.
    async fn called(&self, line: u32, scenario: &str) -> SippRun {
        let name = called_name(line);
        let register = Sipp::scenario("uac-register").credentials(&name, &secret(&name));
        let register = register.target(self.server).spawn().await.unwrap();
        let port = register.address().port();
        register.wait().await.unwrap();
        // What rings may be called once more beside that, to answer by itself.
        let calls = if scenario == "uas-answer-when-told" { 2 } else { 1 };
        Sipp::scenario(scenario).calls(calls).port(port).ring(SHORT).talk(SHORT).spawn().await.unwrap()
    }
}

/// What the caller and the called phone do.
fn scenarios(play: Play) -> (&'static str, Option<&'static str>) {
    match play {
        Play::CallerHangsUp | Play::EndsWork => ("uac-answered", Some("uas-answer")),
        Play::CalleeHangsUp => ("uac-wait-bye", Some("uas-answer-then-bye")),
        Play::Busy => ("uac-expect-486", Some("uas-busy")),
        Play::Rejected => ("uac-expect-603", Some("uas-decline")),
        Play::NoAnswer => ("uac-expect-480", Some("uas-no-answer")),
        Play::Cancelled => ("uac-cancel", Some("uas-no-answer")),
        Play::NoRoute => ("uac-expect-404", None),
        Play::Unregistered => ("uac-expect-480", None),
        Play::Rings => ("uac-expect-487", Some("uas-no-answer")),
        Play::Talks => ("uac-talk", Some("uas-talk")),
        Play::HoldsAndResumes => ("uac-talk", Some("uas-hold-then-bye")),
        Play::PressesKey => ("uac-press-key", Some("uas-talk")),
        Play::AnswersWhenTold => ("uac-talk", Some("uas-answer-when-told")),
    }
}

fn caller_name(line: u32) -> String {
    format!("caller{line}")
}

fn called_name(line: u32) -> String {
    format!("called{line}")
}

fn extension(line: u32) -> String {
    (2_000 + line).to_string()
}

fn secret(user: &str) -> String {
    format!("secret of {user}")
}

fn entries() -> Entries {
    let lines = || LINES.chain([ABSENT]);
    let account = Account {
        id: ACCOUNT,
        uuid: uuid::Uuid::from_u128(10),
        customer: CustomerId(1),
        center: None,
        name: "office".into(),
        limits: Limits::default(),
        billing: Billing::default(),
        calling: CallingRules::default(),
        rings: Vec::new(),
    };
    let extension = |line| Extension {
        account: ACCOUNT,
        number: extension(line).as_str().into(),
        name: None,
        devices: [DeviceId(1_000 + line)].into_iter().collect(),
    };
    Entries {
        realm: REALM.into(),
        customers: vec![Customer {
            id: CustomerId(1),
            name: "one".into(),
            keep: KeepDays::default(),
            hidden: HiddenFields::default(),
        }],
        accounts: vec![account],
        devices: lines()
            .flat_map(|line| [device(line, &caller_name(line)), device(1_000 + line, &called_name(line))])
            .collect(),
        extensions: lines().map(extension).collect(),
        ..Entries::default()
    }
}

fn device(id: u32, user: &str) -> Device {
    let a1 = format!("{user}:{REALM}:{}", secret(user));
    Device {
        id: DeviceId(id),
        account: ACCOUNT,
        mac: [0, 0, id.to_be_bytes()[0], id.to_be_bytes()[1], id.to_be_bytes()[2], id.to_be_bytes()[3]],
        sip_user: user.into(),
        ha1_md5: hex(&Md5::digest(&a1)).into(),
        ha1_sha256: hex(&Sha256::digest(&a1)).into(),
        caller_id: None,
        caller_name: None,
        spending: SpendingLimits::default(),
        limits: Limits::default(),
        ways: Ways::default(),
        rings: Vec::new(),
        encryption: None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
