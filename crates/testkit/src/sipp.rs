//! Runs SIPp 3.6 (Debian's `sip-tester`) as a foreign caller or callee.
//!
//! The scenarios lie in `scenarios/sipp/`, named by role and expectation.

mod message_log;
mod statistics;

use std::{
    fs, io,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket},
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::{AtomicU16, Ordering},
    thread,
    time::Duration,
};

use anyhow::{Context, bail};
use tempfile::TempDir;
use tokio::process::{Child, Command};

pub use message_log::{Direction, LoggedMessage, MessageLog};
pub use statistics::Statistics;

/// The formats of the scenarios' descriptions.
const SOUND: &str = "RTP/AVP 0\n    a=rtpmap:0 PCMU/8000\n";
/// The same with telephone-event.
const SOUND_AND_KEYS: &str = "RTP/AVP 0 101\n    a=rtpmap:0 PCMU/8000\n    \
     a=rtpmap:101 telephone-event/8000\n    a=fmtp:101 0-15\n";
const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// What carries SIP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SippTransport {
    /// UDP.
    Udp,
    /// TCP, one connection for all calls.
    Tcp,
}

/// A run of SIPp that is being prepared.
#[derive(Clone, Debug)]
#[must_use]
pub struct Sipp {
    scenario: String,
    target: Option<SocketAddr>,
    ip: IpAddr,
    port: Option<u16>,
    transport: SippTransport,
    calls: u32,
    rate: u32,
    service: String,
    third: Option<String>,
    username: String,
    password: String,
    talk: Duration,
    ring: Duration,
    time_limit: Duration,
    keys: Vec<(String, String)>,
    rows: Option<String>,
    takes_keys: bool,
    keeps_messages: bool,
}

impl Sipp {
    /// A run of the scenario of this name: one call, no talk time, a limit of 30 s. In the name
    /// `uac-expect-486`, any status may stand for 486.
    pub fn scenario(name: &str) -> Self {
        Self {
            scenario: name.into(),
            target: None,
            ip: LOCAL,
            port: None,
            transport: SippTransport::Udp,
            calls: 1,
            rate: 10,
            service: "service".into(),
            third: None,
            username: "caller".into(),
            password: "secret".into(),
            talk: Duration::ZERO,
            ring: Duration::ZERO,
            time_limit: Duration::from_secs(30),
            keys: Vec::new(),
            rows: None,
            takes_keys: false,
            keeps_messages: true,
        }
    }

    /// Where requests are sent. A caller needs one.
    pub fn target(self, target: SocketAddr) -> Self {
        Self { target: Some(target), ..self }
    }

    /// The local address; 127.0.0.1 unless said.
    pub fn at(self, ip: IpAddr) -> Self {
        Self { ip, ..self }
    }

    /// The local port, for a run that takes over from one that has ended; any free one unless said.
    pub fn port(self, port: u16) -> Self {
        Self { port: Some(port), ..self }
    }

    /// What carries SIP; UDP unless said.
    pub fn transport(self, transport: SippTransport) -> Self {
        Self { transport, ..self }
    }

    /// How many calls it places or takes before it ends.
    pub fn calls(self, calls: u32) -> Self {
        Self { calls, ..self }
    }

    /// How many calls it places a second.
    pub fn rate(self, rate: u32) -> Self {
        Self { rate, ..self }
    }

    /// The number that it calls.
    pub fn calling(self, number: &str) -> Self {
        Self { service: number.into(), ..self }
    }

    /// The number that a callee calls in a call of its own, with its own credentials.
    pub fn then_calling(self, number: &str) -> Self {
        Self { third: Some(number.into()), ..self }.key("third", number)
    }

    /// The user that it calls or registers as, and the password with which it answers challenges (or, in
    /// the scenarios that challenge, expects).
    pub fn credentials(self, username: &str, password: &str) -> Self {
        Self { username: username.into(), password: password.into(), ..self }
    }

    /// How long it talks, in scenarios that hang up themselves.
    pub fn talk(self, talk: Duration) -> Self {
        Self { talk, ..self }
    }

    /// How long it lets ring, before it answers, refuses or cancels.
    pub fn ring(self, ring: Duration) -> Self {
        Self { ring, ..self }
    }

    /// How long the whole run may take; over that it fails.
    pub fn time_limit(self, time_limit: Duration) -> Self {
        Self { time_limit, ..self }
    }

    /// Sets a keyword of the scenario: `domain`, `caller`, `caller_name`, `user_agent`, `audio_ip`,
    /// `audio_port`, `contact` (host and port; its own unless said), `expires`, or one of a scenario's own.
    pub fn key(mut self, key: &str, value: impl ToString) -> Self {
        self.keys.push((key.into(), value.to_string()));
        self
    }

    /// Where its session descriptions say that it receives audio.
    pub fn audio(self, address: SocketAddr) -> Self {
        self.key("audio_ip", address.ip()).key("audio_port", address.port())
    }

    /// Offers and accepts keys in RTP (telephone-event) beside PCMU.
    pub fn with_keys(self) -> Self {
        Self { takes_keys: true, ..self }
    }

    /// Rows that the scenario's `[field0]`, `[field1]` … are taken from, one for each call, in turn.
    pub fn rows<'a>(self, rows: impl IntoIterator<Item = &'a [&'a str]>) -> Self {
        let lines = rows.into_iter().map(|row| row.join(";") + "\n");
        Self { rows: Some("SEQUENTIAL\n".to_owned() + &lines.collect::<String>()), ..self }
    }

    /// Does not log messages, for runs under load.
    pub fn without_messages(self) -> Self {
        Self { keeps_messages: false, ..self }
    }

    /// Starts it. When this returns, a callee takes calls.
    pub async fn spawn(self) -> anyhow::Result<SippRun> {
        let port = self.port.map_or_else(|| free_port(self.ip, self.transport), Ok)?;
        let address = SocketAddr::new(self.ip, port);
        let folder = TempDir::with_prefix("sipp-")?;
        fs::write(folder.path().join("scenario.xml"), self.scenario_text()?)?;
        let mut command = self.command(folder.path(), address)?;
        let child = command.spawn().context("cannot run `sipp`: is Debian's package `sip-tester` there?")?;
        let mut run = SippRun { child, folder, address, scenario: self.scenario.clone() };
        run.until_bound(self.transport).await?;
        Ok(run)
    }

    /// The scenario with the length of its ringing (SIPp has no option for a second pause), the status
    /// that it expects and the formats that its descriptions name.
    fn scenario_text(&self) -> anyhow::Result<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/sipp");
        let code = self.scenario.strip_prefix("uac-expect-").filter(|code| code.parse::<u16>().is_ok());
        let name = if code.is_some() { "uac-expect-CODE" } else { &self.scenario };
        let path = folder.join(format!("{name}.xml"));
        let text = fs::read_to_string(&path).with_context(|| format!("no scenario `{name}`"))?;
        let ring = format!("\"{}\"", self.ring.as_millis());
        let text = text.replace("CODE", code.unwrap_or("CODE")).replace("\"RING\"", &ring);
        Ok(if self.takes_keys { text.replace(SOUND, SOUND_AND_KEYS) } else { text })
    }

    fn command(&self, folder: &Path, address: SocketAddr) -> anyhow::Result<Command> {
        let mut command = Command::new("sipp");
        command.current_dir(folder).env("TZ", "UTC").kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::from(log(folder, "stderr.log")?));
        command.args(self.target.map(|target| target.to_string()));
        let (ip, port) = (address.ip().to_string(), address.port().to_string());
        let sound = sound_port();
        let (sound, control) = (sound.to_string(), (sound + 1).to_string());
        let transport = match self.transport {
            SippTransport::Udp => "u1",
            SippTransport::Tcp => "t1",
        };
        command.args([
            "-sf",
            "scenario.xml",
            "-t",
            transport,
            "-i",
            &ip,
            "-p",
            &port,
            "-cp",
            &control,
            "-mp",
            &sound,
        ]);
        command.args([
            "-nostdin",
            "-trace_stat",
            "-stf",
            "stat.csv",
            "-trace_err",
            "-error_file",
            "errors.log",
        ]);
        command.args(["-au", &self.username, "-ap", &self.password, "-s", &self.service]);
        command.args(["-m", &self.calls.to_string(), "-r", &self.rate.to_string()]);
        command.args(["-d", &self.talk.as_millis().to_string()]);
        command.args(["-timeout", &self.time_limit.as_secs().max(1).to_string(), "-timeout_error"]);
        self.set_scenario(&mut command, folder, address)?;
        Ok(command)
    }

    fn set_scenario(&self, command: &mut Command, folder: &Path, address: SocketAddr) -> anyhow::Result<()> {
        if self.keeps_messages {
            command.args(["-trace_msg", "-message_file", "messages.log"]);
        }
        if let Some(rows) = &self.rows {
            fs::write(folder.join("rows.csv"), rows)?;
            command.args(["-inf", "rows.csv"]);
        }
        let (domain, contact) = (self.domain(), address.to_string());
        if let Some(resource) = self.request_resource() {
            command.args(["-auth_uri", &resource]);
        }
        let defaults = [
            ("domain", &*domain),
            ("caller", &self.username),
            ("caller_name", &self.username),
            ("username", &self.username),
            ("password", &self.password),
            ("user_agent", "SIPp"),
            ("audio_ip", "127.0.0.1"),
            ("audio_port", "9"),
            ("contact", &contact),
            ("expires", "300"),
            ("hold", "sendonly"),
            ("hold_ip", "127.0.0.1"),
        ];
        let own = self.keys.iter().map(|(key, value)| (&**key, &**value));
        for (key, value) in defaults.into_iter().filter(|(key, _)| self.is_unset(key)).chain(own) {
            command.args(["-key", key, value]);
        }
        Ok(())
    }

    /// The request URI without its scheme, which digests are to be for (by default SIPp takes another one);
    /// `None` for a callee that calls nobody, which would check digests against it.
    fn request_resource(&self) -> Option<String> {
        let domain = self.domain();
        if let Some(third) = &self.third {
            return Some(format!("{third}@{domain}"));
        }
        match self.scenario.split_once('-')? {
            ("uac", what) if what.starts_with("register") => Some(domain),
            ("uac", _) => Some(format!("{}@{domain}", self.service)),
            _ => None,
        }
    }

    /// The host part of the URIs that it names.
    fn domain(&self) -> String {
        let set = self.keys.iter().find(|(key, _)| key == "domain");
        let default = || self.target.map_or(LOCAL, |target| target.ip()).to_string();
        set.map_or_else(default, |(_, domain)| domain.clone())
    }

    fn is_unset(&self, key: &str) -> bool {
        !self.keys.iter().any(|(set, _)| set == key)
    }
}

/// SIPp, running. Dropping it ends it.
#[derive(Debug)]
pub struct SippRun {
    child: Child,
    folder: TempDir,
    address: SocketAddr,
    scenario: String,
}

/// How a run went.
#[derive(Debug)]
pub struct SippOutcome {
    /// What SIPp counted.
    pub statistics: Statistics,
    /// What was sent and received; empty if it was not to be kept.
    pub messages: MessageLog,
}

impl SippRun {
    /// Where it sends from and receives.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What was sent and received so far.
    pub fn messages(&self) -> anyhow::Result<MessageLog> {
        MessageLog::parse(&self.text_of("messages.log")?)
    }

    /// Waits for its end. An error, with all its logs, if not every call went as the scenario says.
    pub async fn wait(mut self) -> anyhow::Result<SippOutcome> {
        let status = self.child.wait().await?;
        if !status.success() {
            bail!("{} failed ({status}):\n{}", self.scenario, self.logs());
        }
        let statistics = Statistics::parse(&self.text_of("stat.csv")?)?;
        Ok(SippOutcome { statistics, messages: self.messages()? })
    }

    /// Waits for the port that it was told to take, as the system shows it.
    async fn until_bound(&mut self, transport: SippTransport) -> anyhow::Result<()> {
        let table = match transport {
            SippTransport::Udp => "/proc/net/udp",
            SippTransport::Tcp => "/proc/net/tcp",
        };
        let port = format!(":{:04X} ", self.address.port());
        let mut ticks = tokio::time::interval(Duration::from_millis(5));
        while !fs::read_to_string(table)?.contains(&port) {
            ticks.tick().await;
            if let Some(status) = self.child.try_wait()? {
                // A caller may be through before it was seen.
                return if status.success() { Ok(()) } else { self.failed_at_start() };
            }
        }
        Ok(())
    }

    fn failed_at_start(&self) -> anyhow::Result<()> {
        bail!("{} does not start:\n{}", self.scenario, self.logs())
    }

    fn text_of(&self, name: &str) -> io::Result<String> {
        match fs::read(self.folder.path().join(name)) {
            Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(error),
        }
    }

    fn logs(&self) -> String {
        let logs = ["stderr.log", "errors.log", "messages.log"];
        logs.map(|name| format!("--- {name}\n{}\n", self.text_of(name).unwrap_or_default())).concat()
    }
}

/// In a test that fails, what it saw is part of what went wrong.
impl Drop for SippRun {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{} at {}:\n{}", self.scenario, self.address, self.logs());
        }
    }
}

fn log(folder: &Path, name: &str) -> io::Result<fs::File> {
    let path: PathBuf = folder.join(name);
    fs::File::create(path)
}

/// Where SIPp binds the sockets of its sound, and behind it those of its control and its video, whether it needs them
/// or not: ports of its own, as two SIPps that look for free ones at once take each other's. Tests that run as
/// processes side by side (cargo-nextest), six at most, have five hundred each, below those of the relay.
fn sound_port() -> u16 {
    static STARTED: AtomicU16 = AtomicU16::new(0);
    let slot = std::env::var("NEXTEST_TEST_GLOBAL_SLOT").ok().and_then(|slot| slot.parse::<u16>().ok());
    7_000 + slot.unwrap_or_default() % 6 * 500 + STARTED.fetch_add(1, Ordering::Relaxed) % 125 * 4
}

fn free_port(ip: IpAddr, transport: SippTransport) -> io::Result<u16> {
    let address = match transport {
        SippTransport::Udp => UdpSocket::bind((ip, 0))?.local_addr()?,
        SippTransport::Tcp => TcpListener::bind((ip, 0))?.local_addr()?,
    };
    Ok(address.port())
}
