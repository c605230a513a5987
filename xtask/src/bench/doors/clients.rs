//! Honest clients: callers over UDP and TCP, users who log in, and whoever asks how the server is.

use std::{
    path::Path,
    process::Child,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use super::{
    super::{
        Request,
        server::Server,
        sipp::{Statistics, at, call, end, setups, sipp, sipp_at},
    },
    Place, TCP_CALLER,
};

/// Calls a second of each caller.
const RATE: u64 = 20;

/// What one kind of client has seen.
pub struct Seen {
    pub what: &'static str,
    asked: usize,
    pub failed: usize,
    /// In milliseconds, the shortest first.
    times: Vec<f64>,
}

impl Seen {
    pub fn at(&self, hundredths: usize) -> f64 {
        at(&self.times, hundredths)
    }

    pub fn row(&self) -> String {
        format!("{} | {} | {:.1} | {:.1}", self.asked, self.failed, self.at(50), self.at(99))
    }
}

/// Lets all of them do what they do for so long.
pub fn measure(server: &Server, place: &Place, time: Duration) -> Result<Vec<Seen>> {
    let folder = tempfile::tempdir()?;
    let mut callee = sipp(folder.path(), place.callee).args(["-sn", "uas"]).spawn()?;
    let [over_udp, over_tcp] = ["udp", "tcp"].map(|kind| folder.path().join(kind));
    let callers = [
        start_caller(&over_udp, ("127.0.0.1", place.udp_caller, "u1"), server.sip, time)?,
        start_caller(&over_tcp, (TCP_CALLER, place.tcp_caller, "t1"), place.doors(server).tcp, time)?,
    ];
    let login = Request::post(
        "/api/rest/customer/v1/auth",
        "application/json",
        r#"{"auth":{"login":"bench","password":"bench-password"}}"#,
    );
    let http = server.http;
    let logins = thread::spawn(move || ask("a login", &login, http, time, Duration::from_millis(250)));
    let health = ask("/healthz", &Request::get("/healthz"), http, time, Duration::from_millis(50));
    let logins = logins.join().ok().context("the client that logs in panicked")?;
    for mut caller in callers {
        let status = caller.wait()?;
        ensure!(status.code().is_some_and(|code| code <= 1), "SIPp could not work: {status}");
    }
    end(&mut callee)?;
    Ok(vec![calls("a call over UDP", &over_udp)?, calls("a call over TCP", &over_tcp)?, logins, health])
}

fn start_caller(
    folder: &Path,
    (address, port, transport): (&str, u16, &str),
    server: std::net::SocketAddr,
    time: Duration,
) -> Result<Child> {
    std::fs::create_dir(folder)?;
    let mut caller = sipp_at(folder, address, port);
    call(&mut caller, folder, server)?;
    caller.args(["-t", transport, "-r", &RATE.to_string(), "-m", &(RATE * time.as_secs()).to_string()]);
    Ok(caller.spawn()?)
}

fn calls(what: &'static str, folder: &Path) -> Result<Seen> {
    let statistics = Statistics::read(&folder.join("uac.csv"))?;
    let count = |name: &str| -> Result<usize> { Ok(statistics.value(name)?.parse()?) };
    let (asked, done) = (count("TotalCallCreated")?, count("SuccessfulCall(C)")?);
    let refused = count("GenericCounter1(C)")?;
    Ok(Seen { what, asked, failed: asked - done + refused, times: setups(folder)? })
}

fn ask(
    what: &'static str,
    request: &Request,
    to: std::net::SocketAddr,
    time: Duration,
    pause: Duration,
) -> Seen {
    let (began, mut seen) = (Instant::now(), Seen { what, asked: 0, failed: 0, times: Vec::new() });
    while began.elapsed() < time {
        let asked = Instant::now();
        let is_answered = request.send(to).is_ok_and(|reply| (200..300).contains(&reply.status));
        seen.asked += 1;
        seen.failed += usize::from(!is_answered);
        seen.times.push(asked.elapsed().as_secs_f64() * 1_000.0);
        thread::sleep(pause);
    }
    seen.times.sort_by(f64::total_cmp);
    seen
}
