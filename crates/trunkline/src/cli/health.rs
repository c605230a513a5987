//! `trunkline health`: asks the server whether it takes calls.

use std::{
    io::{Read, Write, stdout},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use crate::config::Config;

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Prints what `/readyz` says; an error if that is not `ok`.
pub fn ask(config: &Config) -> Result<()> {
    let server = nearby(config.http.listen);
    let answer = readyz(server).with_context(|| format!("no answer from {server}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").context("that is no HTTP")?;
    write!(stdout(), "{body}")?;
    ensure!(head.split(' ').nth(1) == Some("200"), "the server takes no calls");
    Ok(())
}

fn readyz(server: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&server, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET /readyz HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n")?;
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
