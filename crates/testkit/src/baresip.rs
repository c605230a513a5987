//! baresip as a real softphone: it registers, calls, is called, holds and transfers, sends a tone of its own,
//! and keeps what it hears.

mod control;
mod trace;

use std::{
    fmt::Write as _,
    net::{SocketAddr, TcpListener, UdpSocket},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use control::Control;
pub use control::Event;

use crate::{
    heard::{Heard, RATE, tone},
    ladder::{header, ladder},
};

/// How long the phone's tone lasts; longer than any test.
const TONE_SECONDS: u32 = 120;
/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a phone may take to start. It is told its ports, and another process may be faster to take them.
const START: Duration = Duration::from_secs(4);
const ATTEMPTS: u32 = 4;

/// A running phone. Killed when dropped.
pub struct Baresip {
    /// Keeps the process alive.
    _child: Child,
    folder: TempDir,
    control: Control,
    server: SocketAddr,
}

/// How a phone is set up.
#[derive(Clone, Debug)]
pub struct Setup<'a> {
    /// Where it registers.
    pub server: SocketAddr,
    /// Its SIP user.
    pub user: &'a str,
    /// Its secret.
    pub secret: &'a str,
    /// The tone that it sends, in hertz.
    pub tone: u32,
    /// How it answers.
    pub answering: Answering,
}

/// How a phone answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answering {
    /// When it is told to.
    ByHand,
    /// By itself.
    AtOnce,
}

impl Baresip {
    /// Starts a phone and waits until it is registered.
    pub async fn start(setup: Setup<'_>) -> Result<Self> {
        for _ in 1..ATTEMPTS {
            if let Ok(phone) = Self::try_start(&setup).await {
                return Ok(phone);
            }
        }
        Self::try_start(&setup).await
    }

    async fn try_start(setup: &Setup<'_>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let control_port = free_tcp_port()?;
        write_files(folder.path(), setup, control_port)?;
        let log = std::fs::File::create(folder.path().join("log"))?;
        let child = Command::new("baresip")
            .arg("-s")
            .arg("-f")
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("baresip cannot be started")?;
        let control = Control::connect(control_port).await?;
        let phone = Self { _child: child, folder, control, server: setup.server };
        phone.registered().await?;
        Ok(phone)
    }

    async fn registered(&self) -> Result<()> {
        let registered = async {
            while !self.log().contains("} 200 OK (") {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(START, registered).await.is_err() {
            bail!("baresip did not register:\n{}", self.log());
        }
        Ok(())
    }

    /// What it has printed.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(self.folder.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// What it sent and received since it registered: a line for each request.
    pub fn ladder(&self) -> Vec<String> {
        let log = self.log();
        let messages = trace::messages(&log, self.server);
        ladder(messages.into_iter().filter(|(_, text)| !is_registration(text)))
    }

    /// Calls a number at the server.
    pub async fn dial(&mut self, number: &str) -> Result<()> {
        let uri = self.uri(number);
        self.control.command("dial", &uri).await
    }

    /// Answers the call that rings.
    pub async fn accept(&mut self) -> Result<()> {
        self.control.command("accept", "").await
    }

    /// Hangs up the current call.
    pub async fn hang_up(&mut self) -> Result<()> {
        self.control.command("hangup", "").await
    }

    /// Puts the other side on hold by a re-INVITE.
    pub async fn hold(&mut self) -> Result<()> {
        self.control.command("hold", "").await
    }

    /// Takes it back.
    pub async fn resume(&mut self) -> Result<()> {
        self.control.command("resume", "").await
    }

    /// Sends the other side elsewhere by REFER.
    pub async fn transfer(&mut self, number: &str) -> Result<()> {
        let uri = self.uri(number);
        self.control.command("transfer", &uri).await
    }

    /// Presses a key (RFC 4733).
    pub async fn press(&mut self, key: char) -> Result<()> {
        self.control.command("sndcode", &key.to_string()).await
    }

    /// Waits for an event of this type; those before it are passed over.
    pub async fn expect(&mut self, kind: &str) -> Result<Event> {
        let found = tokio::time::timeout(PATIENCE, self.control.event(kind)).await;
        found.with_context(|| format!("baresip told of no {kind}:\n{}", self.log()))?
    }

    /// What it heard in its latest call, which must be over, up to the first re-INVITE that it was sent or sent
    /// itself: there it stops to keep what it hears.
    pub fn heard(&self) -> Result<Heard> {
        let files = std::fs::read_dir(self.folder.path())?.filter_map(|entry| Some(entry.ok()?.path()));
        let is_heard = |file: &PathBuf| file.to_string_lossy().ends_with("-dec.wav");
        Heard::from_file(&files.filter(is_heard).max().context("baresip kept no sound")?)
    }

    fn uri(&self, number: &str) -> String {
        format!("sip:{number}@{}", self.server)
    }
}

fn is_registration(text: &str) -> bool {
    header(text, "CSeq").is_some_and(|cseq| cseq.ends_with("REGISTER"))
}

fn write_files(folder: &Path, setup: &Setup<'_>, control_port: u16) -> Result<()> {
    std::fs::write(folder.join("tone.wav"), tone(setup.tone, TONE_SECONDS)?)?;
    std::fs::write(folder.join("contacts"), "")?;
    let answers = match setup.answering {
        Answering::ByHand => "manual",
        Answering::AtOnce => "auto",
    };
    let Setup { server, user, secret, .. } = setup;
    let account = format!(
        "<sip:{user}@{server}>;auth_user={user};auth_pass={secret};answermode={answers};audio_codecs=PCMU;regint=60\n"
    );
    std::fs::write(folder.join("accounts"), account)?;
    std::fs::write(folder.join("config"), config(folder, control_port)?)?;
    Ok(())
}

fn config(folder: &Path, control_port: u16) -> Result<String> {
    let (folder, sip) = (folder.display(), UdpSocket::bind("127.0.0.1:0")?.local_addr()?);
    let mut config = format!(
        "poll_method epoll\nsip_listen {sip}\naudio_path {folder}\nsnd_path {folder}\nrtp_timeout 0\n\
         audio_player aubridge,nobody\naudio_alert aubridge,nobody\naudio_source aufile,{folder}/tone.wav\n\
         ausrc_srate {RATE}\nauplay_srate {RATE}\nausrc_channels 1\nauplay_channels 1\n\
         module_path /usr/lib/baresip/modules\nctrl_tcp_listen 127.0.0.1:{control_port}\n"
    );
    for module in ["g711", "aubridge", "aufile", "sndfile"] {
        writeln!(config, "module {module}.so")?;
    }
    for module in ["account", "menu", "ctrl_tcp"] {
        writeln!(config, "module_app {module}.so")?;
    }
    Ok(config)
}

fn free_tcp_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
