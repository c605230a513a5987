//! What SIPp sent and received, and when (`-trace_msg`).

use std::net::SocketAddr;

use anyhow::Context;
use call::Timestamp;
use jiff::{civil::DateTime, tz::TimeZone};

use crate::ladder::{self, ladder};

/// What stands before each message.
const RULE: &str = "-----------------------------------------------";

/// All messages of a run, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageLog(pub Vec<LoggedMessage>);

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From SIPp.
    Sent,
    /// To SIPp.
    Received,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedMessage {
    /// When, by the machine's wall clock.
    pub at: Timestamp,
    /// Which way.
    pub direction: Direction,
    /// The whole text.
    pub text: String,
}

impl MessageLog {
    pub(super) fn parse(log: &str) -> anyhow::Result<Self> {
        let blocks = log.split(RULE).map(str::trim_start).filter(|block| !block.is_empty());
        // The last block may still be being written.
        let messages = blocks.filter(|block| block.contains("\r\n\r\n")).map(LoggedMessage::parse);
        messages.collect::<anyhow::Result<_>>().map(Self)
    }

    /// The first message that went this way and whose first line begins so, as `INVITE` or `SIP/2.0 200`.
    pub fn first(&self, direction: Direction, start: &str) -> Option<&LoggedMessage> {
        self.0.iter().find(|message| message.is(direction, start))
    }

    /// The last such message.
    pub fn last(&self, direction: Direction, start: &str) -> Option<&LoggedMessage> {
        self.0.iter().rfind(|message| message.is(direction, start))
    }

    /// The messages that went this way and whose first line begins so.
    pub fn all<'a>(
        &'a self,
        direction: Direction,
        start: &'a str,
    ) -> impl Iterator<Item = &'a LoggedMessage> {
        self.0.iter().filter(move |message| message.is(direction, start))
    }

    /// A line for each request.
    pub fn ladder(&self) -> Vec<String> {
        ladder(self.0.iter().map(|message| (message.direction, &*message.text)))
    }

    /// The messages of one dialog, by its Call-ID.
    #[must_use]
    pub fn of_dialog(&self, sip_call_id: &str) -> Self {
        let is_of = |message: &&LoggedMessage| message.header("Call-ID") == Some(sip_call_id);
        Self(self.0.iter().filter(is_of).cloned().collect())
    }
}

impl LoggedMessage {
    fn parse(block: &str) -> anyhow::Result<Self> {
        let (stamp, rest) = block.split_once('\n').context("a logged message has a time")?;
        let (heading, text) = rest.split_once("\n\n").context("a logged message has a heading")?;
        let direction =
            if heading.contains("message received") { Direction::Received } else { Direction::Sent };
        Ok(Self { at: instant(stamp.trim())?, direction, text: text.into() })
    }

    fn is(&self, direction: Direction, start: &str) -> bool {
        self.direction == direction && self.text.starts_with(start)
    }

    /// The first line: a request's method and URI, or a response's status.
    pub fn first_line(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    /// The first header of this name; long forms only.
    pub fn header(&self, name: &str) -> Option<&str> {
        ladder::header(&self.text, name)
    }

    /// The body.
    pub fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }

    /// Where its session description says that its sender receives audio.
    pub fn audio(&self) -> anyhow::Result<SocketAddr> {
        let value = |start| self.body().lines().find_map(|line| line.strip_prefix(start));
        let address = value("c=IN IP4 ").or_else(|| value("c=IN IP6 ")).context("no `c=` line")?;
        let port = value("m=audio ").and_then(|media| media.split(' ').next()).context("no audio")?;
        Ok(SocketAddr::new(address.parse()?, port.parse()?))
    }
}

/// SIPp runs with UTC as its time zone.
fn instant(stamp: &str) -> anyhow::Result<Timestamp> {
    let time =
        DateTime::strptime("%Y-%m-%d %H:%M:%S%.f", stamp).with_context(|| format!("a time: {stamp}"))?;
    Ok(Timestamp::from_micros(time.to_zoned(TimeZone::UTC)?.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "----------------------------------------------- 2026-11-21 12:03:11.576522\n\
        UDP message sent (511 bytes):\n\nINVITE sip:a@b SIP/2.0\r\nCall-ID: 1@x\r\nSubject: a: b\r\n\r\nv=0\r\n\n\
        ----------------------------------------------- 2026-11-21 12:03:11.576701\n\
        UDP message received [309] bytes :\n\nSIP/2.0 180 Ringing\r\ncall-id: 2@x\r\n\r\n\n\
        ----------------------------------------------- 2026-11-21 12:03:11.60";

    #[test]
    fn messages_are_read_with_time_direction_and_headers() {
        let log = MessageLog::parse(LOG).unwrap();
        assert_eq!(log.0.len(), 2);
        let invite = log.first(Direction::Sent, "INVITE").unwrap();
        assert_eq!(invite.at, Timestamp::from_micros(1_795_262_591_576_522));
        assert_eq!(invite.header("subject"), Some("a: b"));
        assert!(invite.body().starts_with("v=0"));
        assert_eq!(log.of_dialog("2@x").0[0].first_line(), "SIP/2.0 180 Ringing");
        assert_eq!(log.first(Direction::Sent, "SIP/2.0"), None);
    }
}
