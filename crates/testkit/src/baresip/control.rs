//! The phone's control connection: JSON in netstrings.

use std::{collections::VecDeque, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{PATIENCE, START};

/// Something that the phone tells of.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its type, as `CALL_ESTABLISHED`.
    pub kind: String,
    /// The party at the other end.
    pub peer: String,
    /// What else is said: a reason, a digit.
    pub detail: String,
}

pub(super) struct Control {
    stream: TcpStream,
    received: Vec<u8>,
    events: VecDeque<Event>,
}

impl Control {
    pub(super) async fn connect(port: u16) -> Result<Self> {
        let connected = async {
            loop {
                match TcpStream::connect(("127.0.0.1", port)).await {
                    Ok(stream) => return stream,
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        };
        let stream = tokio::time::timeout(START, connected).await.context("baresip takes no commands")?;
        Ok(Self { stream, received: Vec::new(), events: VecDeque::new() })
    }

    /// Has a command carried out.
    pub(super) async fn command(&mut self, command: &str, parameters: &str) -> Result<()> {
        let text = json!({ "command": command, "params": parameters, "token": "x" }).to_string();
        self.stream.write_all(format!("{}:{text},", text.len()).as_bytes()).await?;
        loop {
            let message = tokio::time::timeout(PATIENCE, self.message()).await??;
            if message["response"] == true {
                ensure!(message["ok"] == true, "baresip cannot {command}: {message}");
                return Ok(());
            }
            self.events.extend(event(&message));
        }
    }

    /// The next event of a type.
    pub(super) async fn event(&mut self, kind: &str) -> Result<Event> {
        loop {
            while let Some(event) = self.events.pop_front() {
                if event.kind == kind {
                    return Ok(event);
                }
            }
            let message = self.message().await?;
            self.events.extend(event(&message));
        }
    }

    async fn message(&mut self) -> Result<Value> {
        loop {
            if let Some(message) = self.take_message()? {
                return Ok(message);
            }
            if self.stream.read_buf(&mut self.received).await? == 0 {
                bail!("baresip has gone");
            }
        }
    }

    /// Cuts a netstring off what was received.
    fn take_message(&mut self) -> Result<Option<Value>> {
        let Some(colon) = self.received.iter().position(|byte| *byte == b':') else { return Ok(None) };
        let length: usize = std::str::from_utf8(&self.received[..colon])?.parse()?;
        let end = colon + 1 + length;
        if self.received.len() <= end {
            return Ok(None);
        }
        let message = serde_json::from_slice(&self.received[colon + 1..end])?;
        self.received.drain(..=end);
        Ok(Some(message))
    }
}

fn event(message: &Value) -> Option<Event> {
    let text = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
    (message["event"] == true).then(|| Event {
        kind: text("type"),
        peer: text("peeruri"),
        detail: text("param"),
    })
}
