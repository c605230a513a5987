//! A release build of the server, running on its own data for one measurement.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};

/// Clock ticks in a second, as `/proc` counts processor time.
const TICKS: f64 = 100.0;

/// A server whose memory has not grown for so long has read what it reads after its start.
const QUIET: Duration = Duration::from_secs(1);

/// A running server. Killed when dropped.
pub struct Server {
    child: Child,
    /// Address of the APIs.
    pub http: SocketAddr,
    /// Address of SIP.
    pub sip: SocketAddr,
}

/// What a process has used.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Processor time.
    pub processor: Duration,
    /// Resident memory in bytes.
    pub memory: u64,
}

impl Server {
    /// Builds the program, applies the directory and starts the server in `folder`.
    pub fn start(folder: &Path, directory: &str, config: &str) -> Result<Self> {
        Self::start_program(&build()?, folder, directory, config)
    }

    /// The same with a program that is there.
    pub fn start_program(program: &Path, folder: &Path, directory: &str, config: &str) -> Result<Self> {
        let (directory_file, config_file) = (folder.join("directory.toml"), folder.join("trunkline.toml"));
        std::fs::write(&directory_file, directory)?;
        std::fs::write(&config_file, format!("data_dir = \"{}\"\n{config}", folder.join("data").display()))?;
        let applied = Command::new(program)
            .args(["directory".as_ref(), "apply".as_ref(), directory_file.as_os_str()])
            .arg("--config")
            .arg(&config_file)
            .stdout(Stdio::null())
            .status()?;
        ensure!(applied.success(), "the benchmark's directory was refused");
        let mut child = Command::new(program)
            .arg("serve")
            .arg("--config")
            .arg(&config_file)
            .stdout(Stdio::piped())
            .spawn()?;
        let said = child.stdout.take().context("the server has no output")?;
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line)?;
        let (http, sip) = addresses(&line).with_context(|| format!("the server said: {line:?}"))?;
        Ok(Self { child, http, sip })
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// What the server has used up to now.
    pub fn usage(&self) -> Result<Usage> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let number = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
        let processor = Duration::from_secs_f64((number(11) + number(12)) / TICKS);
        Ok(Usage { processor, memory: number(21) as u64 * 4_096 })
    }

    /// The most memory that the server has had, in bytes.
    pub fn peak_memory(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
        Ok(kilobytes.context("the system does not tell the memory of a process")? * 1_024)
    }

    /// The memory that the server has once it has read what it reads after its start, in bytes. From here on it counts
    /// as the most.
    pub fn settled_memory(&self) -> Result<u64> {
        let mut before = 0;
        loop {
            let memory = self.usage()?.memory;
            if memory <= before {
                std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5")?;
                return Ok(memory);
            }
            before = memory;
            thread::sleep(QUIET);
        }
    }

    /// A value out of `/metrics`.
    pub fn metric(&self, name: &str) -> Result<f64> {
        let text = self.get("/metrics")?;
        let line = text.lines().find(|line| line.starts_with(name) && line[name.len()..].starts_with(' '));
        let value = line.and_then(|line| line.rsplit(' ').next()).and_then(|value| value.parse().ok());
        value.with_context(|| format!("no {name} in /metrics"))
    }

    fn get(&self, path: &str) -> Result<String> {
        let mut stream = TcpStream::connect(self.http)?;
        let mut request = String::new();
        write!(request, "GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds the program; gives its path.
pub fn build() -> Result<std::path::PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "build",
        "--quiet",
        "--release",
        "--locked",
        "--package",
        "trunkline",
        "--message-format=json",
    ]);
    let output = cargo.stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the release build failed");
    let messages = String::from_utf8(output.stdout)?;
    let programs = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let program = programs.filter_map(|message| message["executable"].as_str().map(Into::into)).next_back();
    program.context("the release build made no program")
}

/// Reads `trunkline is up: http ADDRESS, sip udp ADDRESS, …`.
fn addresses(line: &str) -> Option<(SocketAddr, SocketAddr)> {
    let mut addresses = line.split([' ', ',']).filter_map(|word| word.parse().ok());
    Some((addresses.next()?, addresses.next()?))
}
