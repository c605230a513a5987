//! Calls through the built-in switch from one SIPp to another: 1 s long, sound between the ends, each one
//! journalled and recorded.

use std::{
    net::UdpSocket,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::server::Server;

/// How long records may take to be all there after the last call.
const SETTLE: Duration = Duration::from_secs(10);

/// Options of the measurement.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Calls per second to offer, one measurement each.
    #[arg(long, value_delimiter = ',', default_value = "500")]
    rates: Vec<u32>,
    /// Seconds that each takes.
    #[arg(long, default_value_t = 30)]
    seconds: u32,
    /// How often each is repeated; every run is shown.
    #[arg(long, default_value_t = 1)]
    runs: u32,
    /// Length of each call in milliseconds.
    #[arg(long, default_value_t = 1_000)]
    length: u32,
}

/// Measures and prints a table.
pub fn run(options: &Options) -> Result<()> {
    println!("SIPp as caller and callee on the same machine, calls of {} ms, media direct,", options.length);
    println!("every call journalled and recorded (SQLite, synchronous=FULL)\n");
    println!("| calls/s offered | calls | failed | recorded | processor ms/call | memory MB | seconds |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for rate in &options.rates {
        for _ in 0..options.runs {
            println!("{}", measure(*rate, options)?);
        }
    }
    Ok(())
}

fn measure(rate: u32, options: &Options) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let (caller, callee) = (free_port()?, free_port()?);
    let server = Server::start(folder.path(), &directory(caller, callee), CONFIG)?;
    let mut answering = sipp(folder.path(), callee).args(["-sn", "uas"]).spawn()?;
    let calls = rate * options.seconds;
    let before = server.usage()?;
    let began = Instant::now();
    let mut calling = sipp(folder.path(), caller);
    calling.args(["-sn", "uac", "-s", "14155550100", &server.sip.to_string()]);
    calling.args(["-r", &rate.to_string(), "-m", &calls.to_string(), "-d", &options.length.to_string()]);
    calling.args(["-l", &(calls.max(1)).to_string(), "-trace_stat", "-stf", "uac.csv", "-fd", "5"]);
    let status = calling.spawn()?.wait()?;
    let took = began.elapsed();
    let recorded = settle(&server, calls)?;
    let after = server.usage()?;
    end(&mut answering)?;
    ensure!(status.code().is_some_and(|code| code <= 1), "SIPp could not work: {status}");
    let failed = failed_calls(&folder.path().join("uac.csv"))?;
    let per_call = (after.processor - before.processor).as_secs_f64() * 1_000.0 / f64::from(calls);
    let memory = after.memory as f64 / 1e6;
    Ok(format!(
        "| {rate} | {calls} | {failed} | {recorded} | {per_call:.3} | {memory:.0} | {:.1} |",
        took.as_secs_f64()
    ))
}

fn settle(server: &Server, calls: u32) -> Result<f64> {
    let began = Instant::now();
    loop {
        let recorded = server.metric("trunkline_calls_recorded_total")?;
        if recorded >= f64::from(calls) || began.elapsed() > SETTLE {
            return Ok(recorded);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn sipp(folder: &Path, port: u16) -> Command {
    let mut command = Command::new("sipp");
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.args(["-i", "127.0.0.1", "-p", &port.to_string(), "-nostdin", "-buff_size", "8388608"]);
    command
}

fn end(child: &mut Child) -> Result<()> {
    child.kill().context("SIPp's callee was gone")?;
    child.wait()?;
    Ok(())
}

/// The column `FailedCall(C)` of the last line of SIPp's statistics.
fn failed_calls(statistics: &Path) -> Result<u32> {
    let text = std::fs::read_to_string(statistics).context("SIPp wrote no statistics")?;
    let mut lines = text.lines();
    let names = lines.next().context("SIPp's statistics are empty")?;
    let column =
        names.split(';').position(|name| name == "FailedCall(C)").context("SIPp counts no failures")?;
    let last = lines.last().context("SIPp's statistics have no values")?;
    Ok(last.split(';').nth(column).context("SIPp's statistics are cut")?.parse()?)
}

fn free_port() -> Result<u16> {
    Ok(UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port())
}

const CONFIG: &str = r#"
[sip]
udp = "127.0.0.1:0"
tcp = ""
max_calls = 100000
[media]
mode = "direct"
bind = "127.0.0.1"
[http]
listen = "127.0.0.1:0"
[log]
filter = "warn"
"#;

fn directory(caller: u16, callee: u16) -> String {
    format!(
        r#"realm = "trunkline"

[[customers]]
name = "Bench"

[[accounts]]
id = 1
customer = "Bench"
name = "Caller"

[[accounts]]
id = 2
customer = "Bench"
name = "Callee"

[[trunks]]
name = "caller"
account = 1
host = "127.0.0.1"
port = {caller}
transport = "udp"
sources = ["127.0.0.1:{caller}"]
transit = true
routes = []

[[trunks]]
name = "callee"
account = 2
host = "127.0.0.1"
port = {callee}
transport = "udp"
sources = []
routes = [{{ prefix = "" }}]
"#
    )
}
