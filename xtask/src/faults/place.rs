//! A server on its own data, with what is preloaded into it.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::{SocketAddr, UdpSocket},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::bench::{Request, directory};

/// Where Debian has libfaketime.
const CLOCK: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
/// How long it may take to stop.
const PATIENCE: Duration = Duration::from_secs(90);

/// What is preloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preload {
    Nothing,
    /// What makes fsync slow, or fail.
    Disk,
    /// What sets the clock.
    Clock,
}

/// The server and where it lies.
pub struct Place {
    folder: TempDir,
    program: PathBuf,
    preload: Preload,
    running: Option<Running>,
    ports: (u16, u16),
    data: PathBuf,
}

struct Running {
    child: Child,
    http: SocketAddr,
    sip: SocketAddr,
}

impl Place {
    /// With its data in `data`, if that is given.
    pub fn new(program: &Path, preload: Preload, data: Option<&Path>, config: &str) -> Result<Self> {
        let folder = TempDir::with_prefix("faults-server-")?;
        let data = data.map_or_else(|| folder.path().join("data"), Path::to_owned);
        let ports = (free_port()?, free_port()?);
        let config = format!("data_dir = \"{}\"\n{config}", data.display());
        let place = Self { program: program.to_owned(), preload, running: None, ports, folder, data };
        fs::write(place.path("trunkline.toml"), config)?;
        fs::write(place.path("directory.toml"), directory(ports.0, ports.1) + &office())?;
        place.disk("0")?;
        place.clock("+0")?;
        let mut apply = Command::new(program);
        apply.args(["directory", "apply"]).arg(place.path("directory.toml"));
        let applied =
            apply.arg("--config").arg(place.path("trunkline.toml")).stdout(Stdio::null()).status()?;
        ensure!(applied.success(), "the directory was refused");
        if preload == Preload::Disk {
            place.build_library()?;
        }
        Ok(place)
    }

    /// Starts it.
    pub fn start(&mut self) -> Result<()> {
        let log = File::options().create(true).append(true).open(self.path("trunkline.log"))?;
        let mut command = Command::new(&self.program);
        command.arg("serve").arg("--config").arg(self.path("trunkline.toml"));
        command.stdout(Stdio::piped()).stderr(log);
        self.preload(&mut command);
        let mut child = command.spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("it has no output")?).read_line(&mut line)?;
        let mut said = line.split([' ', ',']).filter_map(|word| word.parse().ok());
        let (Some(http), Some(sip)) = (said.next(), said.next()) else {
            anyhow::bail!("the server said {line:?}; {}", fs::read_to_string(self.path("trunkline.log"))?)
        };
        self.running = Some(Running { child, http, sip });
        Ok(())
    }

    /// Kills it; says when, in seconds of the day.
    pub fn kill(&mut self) -> Result<f64> {
        let mut running = self.running.take().context("it does not run")?;
        running.child.kill()?;
        let at = now();
        running.child.wait()?;
        Ok(at)
    }

    /// Tells it to stop so often, half a second apart, and waits until it has; says when it was told last.
    pub fn stop(&mut self, times: u32) -> Result<f64> {
        let mut running = self.running.take().context("it does not run")?;
        let mut at = now();
        for _ in 0..times {
            // It may have stopped already.
            let _ =
                Command::new("kill").arg(running.child.id().to_string()).stderr(Stdio::null()).status()?;
            at = now();
            sleep(Duration::from_millis(500));
        }
        let began = Instant::now();
        while running.child.try_wait()?.is_none() {
            ensure!(began.elapsed() < PATIENCE, "it does not stop");
            sleep(Duration::from_millis(50));
        }
        Ok(at)
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) -> Result<()> {
        let id = self.running.as_ref().context("it does not run")?.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status()?;
        ensure!(sent.success(), "SIG{name} was not sent");
        Ok(())
    }

    /// A value out of its metrics.
    pub fn metric(&self, name: &str) -> Result<u64> {
        let text = Request::get("/metrics").send(self.http()?)?.text()?;
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        Ok(value.with_context(|| format!("no {name} in the metrics"))?.parse()?)
    }

    /// Waits until no call goes on.
    pub fn wait_until_idle(&self, patience: Duration) -> Result<()> {
        let began = Instant::now();
        loop {
            let active = self.metric("trunkline_calls_active")?;
            if active == 0 {
                return Ok(());
            }
            ensure!(began.elapsed() < patience, "{active} calls whose peers have vanished go on");
            sleep(Duration::from_millis(250));
        }
    }

    /// Runs another command of the program on its data; gives what it says.
    pub fn tell(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(&self.program);
        command.args(arguments).arg("--config").arg(self.path("trunkline.toml"));
        let output = command.output()?;
        ensure!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Changes its database while it does not run.
    pub fn sql(&self, statement: &str) -> Result<()> {
        let mut command = Command::new("sqlite3");
        let status = command.arg(self.data.join("history.db")).arg(statement).status();
        ensure!(status.context("cannot run `sqlite3`")?.success(), "the database cannot be changed");
        Ok(())
    }

    /// The version of its tables while it does not run.
    pub fn layout(&self) -> Result<u32> {
        let mut command = Command::new("sqlite3");
        let output = command.arg(self.data.join("history.db")).arg("PRAGMA user_version").output()?;
        Ok(String::from_utf8(output.stdout)?.trim().parse()?)
    }

    /// Where its data lie.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Copies its data elsewhere.
    pub fn back_up(&self) -> Result<()> {
        let folder = self.path("backup");
        self.tell(&["backup", &folder.to_string_lossy()]).map(drop)
    }

    /// Loses its data, and puts the copy in their place.
    pub fn restore(&self) -> Result<()> {
        fs::remove_dir_all(&self.data)?;
        let folder = self.path("backup");
        self.tell(&["restore", &folder.to_string_lossy()]).map(drop)
    }

    /// What the preloaded library does to fsync: milliseconds, or `fail`.
    pub fn disk(&self, word: &str) -> Result<()> {
        Ok(fs::write(self.path("disk"), word)?)
    }

    /// What the clock is set by.
    pub fn clock(&self, word: &str) -> Result<()> {
        Ok(fs::write(self.path("clock"), word)?)
    }

    pub fn http(&self) -> Result<SocketAddr> {
        Ok(self.running.as_ref().context("it does not run")?.http)
    }

    pub fn sip(&self) -> Result<SocketAddr> {
        Ok(self.running.as_ref().context("it does not run")?.sip)
    }

    pub fn caller(&self) -> u16 {
        self.ports.0
    }

    pub fn callee(&self) -> u16 {
        self.ports.1
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn preload(&self, command: &mut Command) {
        match self.preload {
            Preload::Nothing => {}
            Preload::Disk => {
                command.env("LD_PRELOAD", self.path("sync_fault.so"));
                command.env("SYNC_FAULT_CONTROL", self.path("disk")).env("SYNC_FAULT_PATH", "history.db");
            }
            Preload::Clock => {
                command.env("LD_PRELOAD", CLOCK).env("FAKETIME_TIMESTAMP_FILE", self.path("clock"));
                command.env("FAKETIME_CACHE_DURATION", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
            }
        }
    }

    fn build_library(&self) -> Result<()> {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/testkit/faults/sync_fault.c");
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O1", "-o"]).arg(self.path("sync_fault.so")).arg(source).arg("-ldl");
        ensure!(cc.status().context("cannot run `cc`")?.success(), "the library cannot be built");
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(running) = &mut self.running {
            // Already gone is as good.
            let _ = running.child.kill();
            let _ = running.child.wait();
        }
    }
}

/// A free port for UDP.
pub fn free_port() -> Result<u16> {
    Ok(UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Seconds of the day, UTC.
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() % 86_400.0
}

/// The callers' user, and their phones 1000 to 1003: the number +12125550100 is for the first.
fn office() -> String {
    let user = r#"
[[users]]
login = "faults"
customer = "Bench"
password = "faults"
name = "Faults"
role = "manager"

[[numbers]]
number = "+12125550100"
account = 1
extension = "1000"
"#;
    let phone = |number: u16| {
        let mac = number % 100;
        format!(
            r#"
[[devices]]
account = 1
sip_user = "{number}"
mac = "02-00-00-00-10-{mac:02}"
secret = "faults"
[[extensions]]
account = 1
number = "{number}"
devices = ["{number}"]
"#
        )
    };
    user.to_owned() + &(1000..1004).map(phone).collect::<String>()
}
