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

/// Milliseconds that a call lasts.
const LENGTH: &str = "3000";

/// SIPp on both sides.
pub struct Traffic {
    folder: TempDir,
    caller: Child,
    callee: Child,
}

/// What a caller was told, in seconds of the day.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told {
    /// It got 200 to its INVITE.
    pub answered: Option<f64>,
    /// It hung up.
    pub hung_up: Option<f64>,
    /// It got 200 to its BYE.
    pub ended: Option<f64>,
}

impl Traffic {
    /// Begins to call.
    pub fn begin(place: &Place, rate: u32, packets_lost: Option<u32>) -> Result<Self> {
        let folder = TempDir::with_prefix("faults-")?;
        let lost = packets_lost.map(|percent| format!("-lost={percent}"));
        let lost: Vec<_> = lost.iter().flat_map(|option| option.split('=')).collect();
        let callee = sipp(&folder, place.callee()).args(["-sn", "uas"]).args(&lost).spawn()?;
        let mut calling = sipp(&folder, place.caller());
        calling.args(&lost);
        calling.args(["-sn", "uac", "-s", "14155550100", &place.sip()?.to_string(), "-d", LENGTH]);
        calling.args(["-r", &rate.to_string(), "-m", "1000000", "-l", "100000"]);
        calling.args(["-trace_msg", "-message_file", "messages.log"]);
        let caller = calling.spawn().context("cannot run `sipp`")?;
        Ok(Self { folder, caller, callee })
    }

    /// Both sides are gone without a word; what callers were told is kept.
    pub fn vanish(&mut self) -> Result<()> {
        for child in [&mut self.caller, &mut self.callee] {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Ends it; gives what the callers were told, by Call-ID.
    pub fn end(mut self) -> Result<HashMap<String, Told>> {
        for child in [&mut self.caller, &mut self.callee] {
            // Already gone is as good.
            let _ = child.kill();
            child.wait()?;
        }
        let log = fs::read(self.folder.path().join("messages.log")).context("SIPp wrote no messages")?;
        Ok(read(&String::from_utf8_lossy(&log)))
    }
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

fn sipp(folder: &TempDir, port: u16) -> Command {
    let mut command = Command::new("sipp");
    command.current_dir(folder.path()).env("TZ", "UTC");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.args(["-i", "127.0.0.1", "-p", &port.to_string(), "-nostdin", "-buff_size", "8388608"]);
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
            (false, start, "BYE") if start.starts_with("BYE") => {
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
