//! Asking the server on this machine.

use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result};
use tls::Certificate;

use crate::{assembly, config::Config};

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the server says.
pub struct Answer {
    pub status: u16,
    pub body: String,
}

/// Sends a request without a body.
pub fn ask(config: &Config, method: &str, path: &str) -> Result<Answer> {
    let server = nearby(config.http.listen);
    let own = assembly::http_certificate(config)?;
    let answer = exchange(server, own.as_ref(), method, path);
    let answer = answer.with_context(|| format!("no answer from {server}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").context("that is no HTTP")?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok(Answer { status: status.context("that is no HTTP")?, body: body.to_owned() })
}

fn exchange(
    server: SocketAddr,
    own: Option<&Certificate>,
    method: &str,
    path: &str,
) -> std::io::Result<String> {
    let stream = TcpStream::connect_timeout(&server, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    match own {
        Some(own) => say(tls::connect_to_own(stream, own)?, server, method, path),
        None => say(stream, server, method, path),
    }
}

fn say(
    mut stream: impl Read + Write,
    server: SocketAddr,
    method: &str,
    path: &str,
) -> std::io::Result<String> {
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// A listener at any address can be reached at this machine's own.
fn nearby(mut listen: SocketAddr) -> SocketAddr {
    if listen.ip().is_unspecified() {
        let own =
            if listen.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { IpAddr::from(Ipv6Addr::LOCALHOST) };
        listen.set_ip(own);
    }
    listen
}
