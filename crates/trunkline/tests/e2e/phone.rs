//! Phones of SIPp whose sound is known: each says a tone of its own and keeps what it hears.

use std::time::Duration;

use testkit::{
    sipp::{Direction, MessageLog, Sipp, SippOutcome, SippRun},
    voice::{Sound, Voice},
};

use crate::{directory::SECRET, harness::wait_until, scene::Scene};

/// Longer than any test.
const LIMIT: Duration = Duration::from_secs(120);

/// What the phones say, in hertz: 1001, 1002 (and 1004a), 1003 (and 1004b, and the far side of a trunk).
pub const A: u32 = 400;
pub const B: u32 = 700;
pub const C: u32 = 1_100;

/// A phone, or the far side of a trunk.
pub struct Phone {
    run: SippRun,
    pub voice: Voice,
}

impl Phone {
    /// A phone of the office that is registered and does as its scenario says when it is called.
    pub async fn called(scene: &Scene, extension: &str, scenario: Sipp) -> Self {
        let voice = voice(extension).await;
        let run = scene.phone(extension, scenario.audio(voice.address()).time_limit(LIMIT)).await;
        Self { run, voice }
    }

    /// A phone that answers, and talks until the other side hangs up.
    pub async fn talking(scene: &Scene, extension: &str) -> Self {
        Self::called(scene, extension, Sipp::scenario("uas-talk").with_keys()).await
    }

    /// The far side of the first trunk, which answers and talks.
    pub async fn outside(scene: &Scene, scenario: Sipp) -> Self {
        let voice = voice("1003").await;
        let run = scene.first(scenario.audio(voice.address()).time_limit(LIMIT)).await;
        Self { run, voice }
    }

    /// Phone 1001, calling a number.
    pub async fn calling(scene: &Scene, number: &str) -> Self {
        Self::calls(scene, number, "uac-talk").await
    }

    /// Phone 1001, doing as a scenario says.
    pub async fn calls(scene: &Scene, number: &str, scenario: &str) -> Self {
        Self::dials(scene, "1001", number, scenario).await
    }

    /// A phone, doing as a scenario says.
    pub async fn dials(scene: &Scene, extension: &str, number: &str, scenario: &str) -> Self {
        let voice = voice(extension).await;
        let caller = scene.caller(scenario).credentials(extension, SECRET).calling(number);
        let caller = caller.time_limit(LIMIT);
        Self { run: caller.with_keys().audio(voice.address()).spawn().await.unwrap(), voice }
    }

    /// Waits until it knows where to send its sound, and speaks there.
    pub async fn speaks(&self) {
        let is_told = async || self.told().is_some();
        wait_until("a phone knows where to send its sound", is_told).await;
        self.voice.speak_to(self.told().unwrap());
    }

    /// Where the latest session description that it got wants its sound.
    fn told(&self) -> Option<std::net::SocketAddr> {
        let messages = self.messages();
        let received = messages.0.iter().filter(|message| message.direction == Direction::Received);
        received.filter_map(|message| message.audio().ok()).next_back()
    }

    /// What it sent and received so far.
    pub fn messages(&self) -> MessageLog {
        self.run.messages().unwrap()
    }

    /// Waits until it has received a message that begins so.
    pub async fn receives(&self, start: &str) {
        let is_there = async || self.messages().first(Direction::Received, start).is_some();
        wait_until(&format!("{start} comes"), is_there).await;
    }

    /// Waits until it has received two messages that begin so.
    pub async fn receives_again(&self, start: &str) {
        let are_there = async || self.messages().all(Direction::Received, start).count() >= 2;
        wait_until(&format!("{start} comes again"), are_there).await;
    }

    /// Waits until it hears this tone.
    pub async fn hears(&self, tone: u32) {
        self.voice.until_hears(tone).await.unwrap();
    }

    /// Whether it hears nothing now while `other` talks on.
    pub async fn hears_nothing_of(&self, other: &Self) -> bool {
        let from = self.voice.heard();
        other.voice.say(25).await.unwrap();
        self.voice.story(from).is_empty()
    }

    /// Everything that it heard, each change once.
    pub fn story(&self) -> Vec<Sound> {
        eprintln!("{:?} at {}", self.voice.counts(), self.run.address());
        self.voice.story(0)
    }

    /// Waits for the end of its call; gives what it sent and received.
    pub async fn ends(self) -> SippOutcome {
        self.run.wait().await.unwrap()
    }
}

/// Tones as [`Phone::story`] tells them.
pub fn tones(hertz: &[u32]) -> Vec<Sound> {
    hertz.iter().copied().map(Sound::Tone).collect()
}

async fn voice(extension: &str) -> Voice {
    let hertz = match extension {
        "1001" => A,
        "1002" | "1004a" => B,
        _ => C,
    };
    Voice::new(hertz).await.unwrap()
}
