//! The server as a process: started on made-up customers, killed and started again on the same data.

use std::{
    io::{BufRead, BufReader},
    net::{SocketAddr, UdpSocket},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

use tempfile::TempDir;
use testkit::heard::tone;

const PROGRAM: &str = env!("CARGO_BIN_EXE_trunkline");
const DATA: &str = "data";
/// The music on hold of every server here: a tone, in hertz.
pub const MUSIC: u32 = 1_700;
/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Data and configuration that outlive a process.
pub struct Setup {
    folder: TempDir,
    config: PathBuf,
    variables: Vec<(&'static str, &'static str)>,
}

/// A running server. Killed when dropped.
pub struct Process {
    child: Child,
    pub http: SocketAddr,
    pub sip: SocketAddr,
    pub sip_tcp: SocketAddr,
}

/// What a process has.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Open files and sockets.
    pub files: usize,
    pub threads: u64,
    /// Resident bytes.
    pub memory: u64,
}

impl Setup {
    /// Applies the directory and writes the configuration; `variables` go before it.
    pub fn new(directory: &str, variables: &[(&'static str, &'static str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("trunkline.toml");
        let music = folder.path().join("music.wav");
        std::fs::write(&music, tone(MUSIC, 10).unwrap()).unwrap();
        std::fs::write(&config, configuration(&folder.path().join(DATA), &music)).unwrap();
        let file = folder.path().join("directory.toml");
        std::fs::write(&file, directory).unwrap();
        let applied = Command::new(PROGRAM)
            .args(["directory", "apply"])
            .arg(&file)
            .arg("--config")
            .arg(&config)
            .output();
        let applied = applied.unwrap();
        assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
        Self { folder, config, variables: variables.to_vec() }
    }

    /// Starts the server and waits until it is up. Its log goes to `trunkline.log` beside the data.
    pub fn start(&self) -> Process {
        let log = std::fs::File::options().create(true).append(true).open(self.log_path()).unwrap();
        let mut command = Command::new(PROGRAM);
        command
            .arg("serve")
            .arg("--config")
            .arg(&self.config)
            .envs(self.variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log);
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Vec<_> = line.split([' ', ',', '\n']).filter_map(|word| word.parse().ok()).collect();
        let [http, sip, sip_tcp] = said[..] else { panic!("the server said {line:?}\n{}", self.log()) };
        Process { child, http, sip, sip_tcp }
    }

    /// Ends the server as a power cut would, and starts it again on the same data.
    pub fn start_after(&self, mut before: Process) -> Process {
        before.child.kill().unwrap();
        before.child.wait().unwrap();
        self.start()
    }

    /// Waits until a server that was told to stop has stopped, and starts it again on the same data.
    pub fn start_after_end(&self, mut before: Process) -> Process {
        assert!(before.child.wait().unwrap().success());
        self.start()
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// The configuration file.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// The server's data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join(DATA)
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("trunkline.log")
    }
}

impl Process {
    /// What it has now.
    pub fn usage(&self) -> Usage {
        let folder = PathBuf::from(format!("/proc/{}", self.child.id()));
        let status = std::fs::read_to_string(folder.join("status")).unwrap();
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().find_map(|word| word.parse::<u64>().ok()).unwrap()
        };
        Usage {
            files: std::fs::read_dir(folder.join("fd")).unwrap().count(),
            threads: number("Threads:"),
            memory: number("VmRSS:") * 1_024,
        }
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Tells it to stop (SIGTERM).
    pub fn tell_to_stop(&self) {
        self.signal("TERM");
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits until it has ended by itself; its exit status.
    pub async fn ended(&mut self) -> Option<i32> {
        let ended = async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return status.code();
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, ended).await.expect("it never ended")
    }

    /// The text of a route.
    pub async fn get(&self, path: &str) -> String {
        reqwest::get(format!("http://{}{path}", self.http)).await.unwrap().text().await.unwrap()
    }

    /// A value out of `/metrics`.
    pub async fn metric(&self, name: &str) -> u64 {
        let text = self.get("/metrics").await;
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
    }

    /// Waits until a value of `/metrics` is as wanted.
    pub async fn wait_for_metric(&self, name: &str, wanted: u64) {
        wait_until(&format!("{name} is {wanted}"), async || self.metric(name).await == wanted).await;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks again and again until it is so.
pub async fn wait_until(what: &str, is_so: impl AsyncFn() -> bool) {
    let asked = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, asked).await.is_ok(), "it never came about that {what}");
}

/// A UDP port that nobody uses now.
pub fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Servers made so far by this process.
static MADE: AtomicU16 = AtomicU16::new(0);
/// Media ports of each server.
const PORTS: u16 = 1_000;

/// The first media port of the next server. Each has others than those made shortly before: to these, the phones
/// of a test that has just ended may still be speaking. Of two tests that run as processes side by side
/// (cargo-nextest, the group "servers"), each has a half of the ports.
fn first_port() -> u16 {
    let made = MADE.fetch_add(1, Ordering::Relaxed);
    let slot = std::env::var("NEXTEST_TEST_GROUP_SLOT").ok().and_then(|slot| slot.parse::<u16>().ok());
    let turn = slot.map_or(made % 20, |slot| {
        let earlier = (std::process::id() % 10) as u16;
        slot % 2 * 10 + (earlier + made) % 10
    });
    20_000 + turn * PORTS
}

fn configuration(data: &Path, music: &Path) -> String {
    let (data, music) = (data.display(), music.display());
    let first_port = first_port();
    let last_port = first_port + PORTS - 1;
    format!(
        r#"
data_dir = "{data}"

[sip]
udp = "127.0.0.1:0"
tcp = "127.0.0.1:0"
no_answer_seconds = 3
trunk_timeout_seconds = 1

[media]
bind = "127.0.0.1"
music = "{music}"
first_port = {first_port}
last_port = {last_port}

[http]
listen = "127.0.0.1:0"

[vonage]
tokens = [{{ token = "office-token", account = 1234 }}, {{ token = "carrier-token", account = 9001 }}]

[log]
filter = "trace,rsipstack=trace"
"#
    )
}
