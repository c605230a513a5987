//! SIPp on both sides of a measured server.

use std::{
    net::{SocketAddr, UdpSocket},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use super::server::Server;

/// How long records may take to be all there after the last call.
const SETTLE: Duration = Duration::from_secs(10);

/// Waits until so many calls are recorded, as long as records may take; gives how many are.
pub fn settle(server: &Server, calls: u32) -> Result<f64> {
    let began = Instant::now();
    loop {
        let recorded = server.metric("trunkline_calls_recorded_total")?;
        if recorded >= f64::from(calls) || began.elapsed() > SETTLE {
            return Ok(recorded);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// SIPp in `folder`, at a port.
pub fn sipp(folder: &Path, port: u16) -> Command {
    sipp_at(folder, "127.0.0.1", port)
}

/// The same at an address of this machine.
pub fn sipp_at(folder: &Path, address: &str, port: u16) -> Command {
    let mut command = Command::new("sipp");
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.args(["-i", address, "-p", &port.to_string(), "-nostdin", "-buff_size", "8388608"]);
    command
}

/// Ends SIPp.
pub fn end(child: &mut Child) -> Result<()> {
    child.kill().context("SIPp's callee was gone")?;
    child.wait()?;
    Ok(())
}

/// A caller who takes a refusal for an answer, and how SIPp is told to be one: with calls of a second, statistics in
/// `uac.csv`, and the times of set-ups.
const CALLER: &str = include_str!("sipp/caller.xml");

/// Lets SIPp call a number at `server`.
pub fn call(command: &mut Command, folder: &Path, server: SocketAddr) -> Result<()> {
    std::fs::write(folder.join("caller.xml"), CALLER)?;
    command.args(["-sf", "caller.xml", "-s", "14155550100", &server.to_string(), "-d", "1000"]);
    command.args(["-trace_stat", "-stf", "uac.csv", "-fd", "1", "-trace_rtt", "-rtt_freq", "10"]);
    Ok(())
}

/// SIPp's statistics: names, and the values of each moment that was written down, the end of the run last.
pub struct Statistics {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Statistics {
    /// Reads what `-trace_stat` wrote.
    pub fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).context("SIPp wrote no statistics")?;
        let mut lines = text.lines().map(|line| line.split(';').map(str::to_owned).collect());
        let names = lines.next().context("SIPp's statistics are empty")?;
        Ok(Self { names, rows: lines.collect() })
    }

    /// The value of a column at the end.
    pub fn value(&self, name: &str) -> Result<&str> {
        let last = self.rows.last().context("SIPp's statistics have no values")?;
        let value = last.get(self.column(name)?).map(String::as_str);
        value.with_context(|| format!("SIPp's statistics lack {name} at the end"))
    }

    fn column(&self, name: &str) -> Result<usize> {
        let column = self.names.iter().position(|known| known == name);
        column.with_context(|| format!("SIPp's statistics lack {name}"))
    }
}

/// How long each set-up took, as SIPp's log of response times tells, in milliseconds, the shortest first.
pub fn setups(folder: &Path) -> Result<Vec<f64>> {
    let is_log = |path: &PathBuf| path.to_string_lossy().ends_with("_rtt.csv");
    let files = std::fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let file = files.into_iter().find(is_log).context("SIPp wrote no response times")?;
    let text = std::fs::read_to_string(file)?;
    let mut setups: Vec<f64> =
        text.lines().filter_map(|line| line.split(';').nth(1)?.trim().parse().ok()).collect();
    setups.sort_by(f64::total_cmp);
    Ok(setups)
}

/// Of values in their order, the one below which so many of a hundred are.
pub fn at(sorted: &[f64], hundredths: usize) -> f64 {
    sorted.get(sorted.len() * hundredths / 100).copied().unwrap_or_default()
}

/// A port of UDP that nobody has.
pub fn free_port() -> Result<u16> {
    Ok(UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port())
}
