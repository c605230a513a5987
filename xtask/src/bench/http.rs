//! One request after the other, each on a connection of its own.

use std::{
    fmt::Write as _,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

use anyhow::{Context, Result, ensure};

/// A request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The method.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// Lines of the header, without the ends of the lines.
    pub header: Vec<String>,
    /// The body.
    pub body: String,
}

/// What was answered.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The cookie that was set, with its name.
    pub cookie: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A request for something.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), ..Self::default() }
    }

    /// A request with a body of this media type.
    pub fn post(path: impl Into<String>, media_type: &str, body: impl Into<String>) -> Self {
        let header = vec![format!("Content-Type: {media_type}")];
        Self { method: "POST", path: path.into(), header, body: body.into() }
    }

    /// With a line of the header.
    #[must_use]
    pub fn with(mut self, line: impl Into<String>) -> Self {
        self.header.push(line.into());
        self
    }

    /// Asks it.
    pub fn send(&self, to: SocketAddr) -> Result<Reply> {
        let Self { method, path, header, body } = self;
        let mut text = String::new();
        write!(text, "{method} {path} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n")?;
        write!(text, "Content-Length: {}\r\n", body.len())?;
        header.iter().try_for_each(|line| write!(text, "{line}\r\n"))?;
        write!(text, "\r\n{body}")?;
        let mut stream = TcpStream::connect(to)?;
        stream.set_nodelay(true)?;
        stream.write_all(text.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Reply::read(&answer)
    }
}

impl Reply {
    fn read(answer: &[u8]) -> Result<Self> {
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").context("an answer has no end")?;
        let head = std::str::from_utf8(&answer[..end])?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let cookie = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("set-cookie").then(|| value.split(';').next().map(str::to_owned))?
        });
        let status = status.context("an answer has no status")?;
        Ok(Self { status, cookie, body: answer[end + 4..].to_vec() })
    }

    /// The body as text; an error if the status is not one of success.
    pub fn text(&self) -> Result<String> {
        let text = String::from_utf8_lossy(&self.body);
        ensure!((200..300).contains(&self.status), "{}: {text}", self.status);
        Ok(text.into_owned())
    }

    /// The body as JSON; an error if the status is not one of success.
    pub fn json(&self) -> Result<serde_json::Value> {
        Ok(serde_json::from_str(&self.text()?)?)
    }
}
