//! What honest clients notice while strangers hold idle and half-open connections at every door.

mod clients;
mod crowd;

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::{
    server::{Server, build},
    sipp::free_port,
};
use clients::Seen;
use crowd::{Crowd, Doors};

/// Files that the server may open.
const FILES: u32 = 4_096;

/// Where the caller over TCP is.
const TCP_CALLER: &str = "127.0.0.40";

/// Options of the measurement.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Connections that the strangers want to hold.
    #[arg(long, default_value_t = 20_000)]
    connections: usize,
    /// Addresses that they come from.
    #[arg(long, default_value_t = 20)]
    sources: usize,
    /// Seconds of quiet before they come.
    #[arg(long, default_value_t = 30)]
    quiet: u64,
    /// Seconds that they are there.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// A server to measure instead of this one.
    #[arg(long)]
    server: Option<PathBuf>,
}

/// Measures and prints a table; an error if an honest client was refused or not answered.
pub fn run(options: &Options) -> Result<()> {
    rlimit::increase_nofile_limit(u64::MAX).context("the limit of open files")?;
    let program = options.server.clone().map_or_else(build, Ok)?;
    let folder = tempfile::tempdir()?;
    let place = Place::new(folder.path())?;
    let server = Server::start_program(
        &limited(folder.path(), &program)?,
        folder.path(),
        &place.directory(),
        &place.config(),
    )?;
    println!(
        "{} connections from {} sources, {FILES} files may be open, 20 calls/s over UDP and over TCP\n",
        options.connections, options.sources
    );
    let before = clients::measure(&server, &place, Duration::from_secs(options.quiet))?;
    let crowd = Crowd::gather(place.doors(&server), options.connections, options.sources);
    let during = clients::measure(&server, &place, Duration::from_secs(options.seconds))?;
    let tried = crowd.disperse();
    print(&before, &during);
    println!("\n{tried} connections were made");
    let failed: usize = during.iter().map(|seen| seen.failed).sum();
    ensure!(failed == 0, "{failed} requests of honest clients failed");
    Ok(())
}

fn print(before: &[Seen], during: &[Seen]) {
    println!(
        "| what | quiet: asked | failed | median ms | p99 | attacked: asked | failed | median ms | p99 | p99 by quiet |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for (quiet, attacked) in before.iter().zip(during) {
        let ratio = attacked.at(99) / quiet.at(99);
        println!("| {} | {} | {} | {ratio:.1} |", quiet.what, quiet.row(), attacked.row());
    }
}

/// A program that may open few files.
fn limited(folder: &Path, program: &Path) -> Result<PathBuf> {
    let script = folder.join("limited");
    let program = program.canonicalize()?;
    fs::write(
        &script,
        format!("#!/bin/sh\nexec prlimit --nofile={FILES}:{FILES} {} \"$@\"\n", program.display()),
    )?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    Ok(script)
}

/// Ports, and the files of a certificate.
struct Place {
    udp_caller: u16,
    tcp_caller: u16,
    callee: u16,
    tcp: u16,
    tls: u16,
    ws: u16,
    certificate: PathBuf,
    key: PathBuf,
}

impl Place {
    fn new(folder: &Path) -> Result<Self> {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
        fs::write(&certificate, made.cert.pem())?;
        fs::write(&key, made.signing_key.serialize_pem())?;
        Ok(Self {
            udp_caller: free_port()?,
            tcp_caller: free_port()?,
            callee: free_port()?,
            tcp: free_tcp_port()?,
            tls: free_tcp_port()?,
            ws: free_tcp_port()?,
            certificate,
            key,
        })
    }

    fn doors(&self, server: &Server) -> Doors {
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Doors { http: server.http, tcp: at(self.tcp), tls: at(self.tls), ws: at(self.ws) }
    }

    fn config(&self) -> String {
        let Self { tcp, tls, ws, certificate, key, .. } = self;
        format!(
            "[sip]\nudp = \"127.0.0.1:0\"\ntcp = \"127.0.0.1:{tcp}\"\ntls = \"127.0.0.1:{tls}\"\nws = \"127.0.0.1:{ws}\"\n\
             tls_certificate = {certificate:?}\ntls_key = {key:?}\n\
             [media]\nmode = \"direct\"\nbind = \"127.0.0.1\"\n[http]\nlisten = \"127.0.0.1:0\"\n[log]\nfilter = \"error\"\n"
        )
    }

    fn directory(&self) -> String {
        let udp_source = format!("127.0.0.1:{}", self.udp_caller);
        let trunks = [
            ("udp", 1, self.udp_caller, "udp", format!("sources = [\"{udp_source}\"]\nroutes = []\n")),
            ("tcp", 1, self.tcp_caller, "tcp", format!("sources = [\"{TCP_CALLER}\"]\nroutes = []\n")),
            ("callee", 2, self.callee, "udp", "sources = []\nroutes = [{ prefix = \"\" }]\n".to_owned()),
        ];
        let trunks = trunks.map(|(name, account, port, transport, more)| {
            format!(
                "[[trunks]]\nname = \"{name}\"\naccount = {account}\nhost = \"127.0.0.1\"\nport = {port}\n\
                 transport = \"{transport}\"\ntransit = true\nprobe_seconds = 0\n{more}\n"
            )
        });
        format!("{DIRECTORY}{}", trunks.concat())
    }
}

fn free_tcp_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

const DIRECTORY: &str = r#"realm = "trunkline"

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

[[users]]
login = "bench"
customer = "Bench"
password = "bench-password"
name = "Bench"
role = "manager"

"#;
