//! The sound of a phone whose signalling another does (SIPp): it says a tone of its own as long as it lives,
//! presses keys (RFC 4733), and keeps all that it hears, packet by packet.
//!
//! Tones are whole hundreds of hertz, so that each packet of 20 ms holds whole periods and is told from those of
//! others for certain.

mod ear;
mod mouth;

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use tokio::{net::UdpSocket, sync::watch, task::JoinSet, time::timeout};

use ear::Ear;
pub use ear::Sound;
use mouth::Mouth;

/// The payload type of telephone-event, in the session descriptions of ours.
pub(crate) const EVENTS: u8 = 101;
/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(20);
/// Packets that must sound alike before that counts as heard: 300 ms.
const CERTAIN: usize = 15;

/// A voice and an ear. They end when it is dropped.
#[derive(Debug)]
pub struct Voice {
    socket: Arc<UdpSocket>,
    ear: watch::Sender<Ear>,
    mouth: watch::Sender<Mouth>,
    _tasks: JoinSet<()>,
}

impl Voice {
    /// A voice that has nobody to speak to yet.
    pub async fn new(hertz: u32) -> io::Result<Self> {
        let socket = Arc::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?);
        let (ear, mouth) = (watch::Sender::new(Ear::default()), watch::Sender::new(Mouth::default()));
        let mut tasks = JoinSet::new();
        tasks.spawn(ear::listen(socket.clone(), ear.clone()));
        tasks.spawn(mouth::speak(socket.clone(), mouth.clone(), hertz));
        Ok(Self { socket, ear, mouth, _tasks: tasks })
    }

    /// Where it receives.
    pub fn address(&self) -> SocketAddr {
        let port = self.socket.local_addr().expect("a bound socket has an address").port();
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
    }

    /// Speaks to there from now on, and listens to what comes from there, or from where it spoke to before.
    pub fn speak_to(&self, target: SocketAddr) {
        self.ear.send_modify(|ear| ear.listen_to(target));
        self.mouth.send_modify(|mouth| mouth.target = Some(target));
    }

    /// Says silence instead of its tone, or its tone again.
    pub fn mute(&self, is_muted: bool) {
        self.mouth.send_modify(|mouth| mouth.is_muted = is_muted);
    }

    /// Presses keys, one after the other; returns when the last is let go.
    pub async fn press(&self, keys: &str) -> Result<()> {
        self.mouth.send_modify(|mouth| mouth.keys.extend(keys.chars()));
        self.until_mouth("its keys are pressed", |mouth| mouth.keys.is_empty()).await
    }

    /// Waits until it has said so many more packets.
    pub async fn say(&self, packets: u32) -> Result<()> {
        let said = self.mouth.borrow().said;
        self.until_mouth("it has spoken", |mouth| mouth.said >= said + packets).await
    }

    /// Waits until it hears this tone, and nothing else, for 300 ms on end.
    pub async fn until_hears(&self, tone: u32) -> Result<()> {
        let from = self.ear.borrow().sounds().len();
        let is_heard = |ear: &Ear| {
            let sounds = &ear.sounds()[from..];
            sounds.len() >= CERTAIN
                && sounds[sounds.len() - CERTAIN..].iter().all(|sound| *sound == Sound::Tone(tone))
        };
        self.until_ear(&format!("{tone} Hz is heard"), is_heard).await
    }

    /// Waits until it has been sent so many packets more of sound.
    pub async fn hear(&self, packets: usize) -> Result<()> {
        let from = self.ear.borrow().sounds().len();
        self.until_ear("sound is heard", |ear| ear.sounds().len() >= from + packets).await
    }

    /// Waits until it has been sent these keys, since its beginning.
    pub async fn until_keys(&self, keys: &str) -> Result<()> {
        self.until_ear(&format!("the keys {keys} are heard"), |ear| ear.keys() == keys).await
    }

    /// How many packets of sound it has been sent.
    pub fn heard(&self) -> usize {
        self.ear.borrow().sounds().len()
    }

    /// What it has heard since the packet number `from`, in order, each change once. Silence is left out.
    pub fn story(&self, from: usize) -> Vec<Sound> {
        let ear = self.ear.borrow();
        let mut story = ear.sounds()[from..].to_vec();
        story.retain(|sound| *sound != Sound::Silence);
        story.dedup();
        story
    }

    /// All sounds that it has heard, each with how many packets on end.
    pub fn counts(&self) -> Vec<(Sound, usize)> {
        let ear = self.ear.borrow();
        let runs = ear.sounds().chunk_by(|one, other| one == other);
        runs.map(|run| (run[0], run.len())).collect()
    }

    /// The samples of the last so many packets of sound.
    pub fn samples(&self, packets: usize) -> Vec<i16> {
        self.ear.borrow().samples(packets)
    }

    async fn until_ear(&self, what: &str, is_so: impl FnMut(&Ear) -> bool) -> Result<()> {
        let mut ear = self.ear.subscribe();
        let waited = timeout(PATIENCE, ear.wait_for(is_so)).await.is_ok();
        ensure!(waited, "{what}: never; heard {:?}, keys {:?}", self.counts(), self.ear.borrow().keys());
        Ok(())
    }

    async fn until_mouth(&self, what: &str, is_so: impl FnMut(&Mouth) -> bool) -> Result<()> {
        let mut mouth = self.mouth.subscribe();
        let waited = timeout(PATIENCE, mouth.wait_for(is_so)).await;
        waited.with_context(|| format!("{what}: never"))?.map(drop).context("the voice has gone")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pair() -> (Voice, Voice) {
        let (one, other) = (Voice::new(400).await.unwrap(), Voice::new(1_100).await.unwrap());
        one.speak_to(other.address());
        other.speak_to(one.address());
        (one, other)
    }

    #[tokio::test]
    async fn voices_hear_each_others_tones_and_keys_and_nothing_else() {
        let (one, other) = pair().await;
        one.until_hears(1_100).await.unwrap();
        other.press("5#").await.unwrap();
        one.until_keys("5#").await.unwrap();
        one.until_hears(1_100).await.unwrap();
        assert_eq!(one.story(0), [Sound::Tone(1_100)]);
        other.until_hears(400).await.unwrap();
    }

    #[tokio::test]
    async fn strangers_are_not_heard() {
        let (one, _other) = pair().await;
        let stranger = Voice::new(1_900).await.unwrap();
        stranger.speak_to(one.address());
        stranger.say(10).await.unwrap();
        one.until_hears(1_100).await.unwrap();
        assert_eq!(one.story(0), [Sound::Tone(1_100)]);
    }

    #[tokio::test]
    async fn a_muted_voice_says_silence() {
        let (one, other) = pair().await;
        one.until_hears(1_100).await.unwrap();
        other.mute(true);
        one.hear(20).await.unwrap();
        let from = one.heard();
        one.hear(10).await.unwrap();
        assert_eq!(one.story(from), []);
        other.mute(false);
        one.until_hears(1_100).await.unwrap();
    }
}
