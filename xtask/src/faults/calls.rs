//! Numbered calls, and what their callers were told.

use std::{
    collections::HashMap,
    fs,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::place::Place;

/// SIPp's scenarios.
pub const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/testkit/scenarios/sipp");

/// What is called, how often and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Calls per second.
    pub rate: u32,
    pub length: Duration,
    /// Calls in all.
    pub calls: u32,
    pub number: &'static str,
    /// Callers and callees take new offers in the middle of a call.
    pub is_moved: bool,
}

impl Pace {
    /// Calls of 3 s to an outside number, until they are stopped.
    pub fn usual(rate: u32) -> Self {
        Self {
            rate,
            length: Duration::from_secs(3),
            calls: 1_000_000,
            number: "14155550100",
            is_moved: false,
        }
    }
}

/// SIPp on both sides.
pub struct Traffic {
    folder: TempDir,
    callers: Vec<Child>,
    callee: Child,
}

/// What a caller was told, in seconds of the day.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told {
    /// It sent its INVITE.
    pub called: Option<f64>,
    /// It got 200 to its INVITE.
    pub answered: Option<f64>,
    /// It hung up, or the other side did.
    pub hung_up: Option<f64>,
    /// It got 200 to its BYE.
    pub ended: Option<f64>,
}

impl Traffic {
    /// Begins to call.
    pub fn begin(place: &Place, pace: &Pace, packets_lost: Option<u32>) -> Result<Self> {
        let folder = TempDir::with_prefix("faults-")?;
        let mut callee = sipp(&folder, place.callee());
        match pace.is_moved {
            true => callee.args(["-sf", &talking(&folder)?]),
            false => callee.args(["-sn", "uas"]),
        };
        let callee = callee.args(lost(packets_lost)).spawn().context("cannot run `sipp`")?;
        let mut traffic = Self { folder, callers: Vec::new(), callee };
        traffic.call(place, pace, packets_lost)?;
        Ok(traffic)
    }

    /// Calls, once those who called before have finished.
    pub fn call(&mut self, place: &Place, pace: &Pace, packets_lost: Option<u32>) -> Result<()> {
        self.finish()?;
        let mut calling = sipp(&self.folder, place.caller());
        match pace.is_moved {
            true => calling.args(["-sf", &format!("{SCENARIOS}/uac-talk-then-bye.xml")]),
            false => calling.args(["-sn", "uac"]),
        };
        calling.args(lost(packets_lost));
        calling.args(["-s", pace.number, &place.sip()?.to_string()]);
        calling.args(["-d", &pace.length.as_millis().to_string()]);
        calling.args(["-r", &pace.rate.to_string(), "-m", &pace.calls.to_string(), "-l", "100000"]);
        calling.args(["-trace_msg", "-message_file", &messages(self.callers.len())]);
        self.callers.push(calling.spawn()?);
        Ok(())
    }

    /// Waits until all calls are over.
    pub fn finish(&mut self) -> Result<()> {
        for caller in &mut self.callers {
            caller.wait()?;
        }
        Ok(())
    }

    /// Both sides are gone without a word; what callers were told is kept.
    pub fn vanish(&mut self) {
        self.kill();
    }

    /// Ends it; gives what the callers were told, by Call-ID.
    pub fn end(mut self) -> Result<HashMap<String, Told>> {
        self.kill();
        let mut told = HashMap::new();
        for number in 0..self.callers.len() {
            let log =
                fs::read(self.folder.path().join(messages(number))).context("SIPp wrote no messages")?;
            told.extend(read(&String::from_utf8_lossy(&log)));
        }
        Ok(told)
    }

    fn kill(&mut self) {
        for child in self.callers.iter_mut().chain([&mut self.callee]) {
            // Already gone is as good.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        self.kill();
    }
}

fn messages(caller: usize) -> String {
    format!("messages-{caller}.log")
}

fn lost(percent: Option<u32>) -> Vec<String> {
    percent.map_or_else(Vec::new, |percent| vec!["-lost".to_owned(), percent.to_string()])
}

/// The scenario of a callee that answers at once and takes new offers; where it lies.
fn talking(folder: &TempDir) -> Result<String> {
    let text = fs::read_to_string(format!("{SCENARIOS}/uas-talk.xml"))?.replace("\"RING\"", "\"0\"");
    let path = folder.path().join("uas-talk.xml");
    fs::write(&path, text)?;
    Ok(path.to_string_lossy().into_owned())
}

/// A stranger, at an address of its own, sends so many INVITEs a second for so long.
pub fn flood(place: &Place, rate: u32, time: Duration) -> Result<()> {
    let folder = TempDir::with_prefix("flood-")?;
    let calls = u64::from(rate) * time.as_secs();
    let mut calling = Command::new("sipp");
    calling.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    calling.args([
        "-sn",
        "uac",
        "-s",
        "14155550100",
        &place.sip()?.to_string(),
        "-i",
        "127.0.0.2",
        "-nostdin",
    ]);
    calling.args(["-r", &rate.to_string(), "-m", &calls.to_string()]);
    let mut calling = calling.spawn().context("cannot run `sipp`")?;
    std::thread::sleep(time);
    // Already gone is as good.
    let _ = calling.kill();
    calling.wait()?;
    Ok(())
}

/// SIPp at a port.
pub fn sipp(folder: &TempDir, port: u16) -> Command {
    let mut command = Command::new("sipp");
    command.current_dir(folder.path()).env("TZ", "UTC");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.args(["-i", "127.0.0.1", "-p", &port.to_string(), "-nostdin", "-buff_size", "8388608"]);
    for (key, value) in [("user_agent", "SIPp"), ("audio_ip", "127.0.0.1"), ("audio_port", "9")] {
        command.args(["-key", key, value]);
    }
    command
}

/// Reads SIPp's log: a ruler with the time, which way, and the message.
fn read(log: &str) -> HashMap<String, Told> {
    let mut calls: HashMap<String, Told> = HashMap::new();
    for part in log.split("-----------------------------------------------").skip(1) {
        let Some(message) = Message::read(part) else { continue };
        let told = calls.entry(message.call_id.to_owned()).or_default();
        match (message.is_received, message.start, message.method) {
            (true, "SIP/2.0 200", "INVITE") => drop(told.answered.get_or_insert(message.at)),
            (true, "SIP/2.0 200", "BYE") => drop(told.ended.get_or_insert(message.at)),
            (false, start, "INVITE") if start.starts_with("INVITE") => {
                told.called.get_or_insert(message.at);
            }
            (_, start, "BYE") if start.starts_with("BYE") => {
                told.hung_up.get_or_insert(message.at);
            }
            _ => {}
        }
    }
    calls
}

struct Message<'a> {
    at: f64,
    is_received: bool,
    /// As much of the first line as a status line says first.
    start: &'a str,
    call_id: &'a str,
    method: &'a str,
}

impl<'a> Message<'a> {
    fn read(part: &'a str) -> Option<Self> {
        let (head, text) = part.split_once("\n\n").or_else(|| part.split_once("\n\r\n"))?;
        let mut head = head.lines();
        let at = seconds(head.next()?.trim().split(' ').nth(1)?)?;
        let how = head.next()?;
        // What SIPp drops itself, as if the network had, nobody was told.
        if how.contains("lost") {
            return None;
        }
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        Some(Self {
            at,
            is_received: how.contains("received"),
            start: text.lines().next()?.get(..11)?,
            call_id: field("Call-ID:")?,
            method: field("CSeq:")?.split(' ').nth(1)?,
        })
    }
}

/// Reads `13:56:37.348890`.
fn seconds(text: &str) -> Option<f64> {
    let mut parts = text.split(':').map(|part| part.parse::<f64>().ok());
    Some(parts.next()?? * 3_600.0 + parts.next()?? * 60.0 + parts.next()??)
}
