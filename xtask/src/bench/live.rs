//! What the live list takes while thousands of calls go on and change, and what their signalling notices of it.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow, ensure};
use clap::Args;

use super::{
    http::Request,
    load::{Callee, Offered, Outcome, offer},
    server::{Server, build},
    signalling::{CONFIG, directory},
    sipp::{at, free_port},
};

/// Events that a call makes from its beginning to its end.
const EVENTS: f64 = 10.0;
/// How fast the calls begin that stand by, in calls a second, and how long they last at most.
const RISE: f64 = 400.0;
const STAND_BY: Duration = Duration::from_secs(3_600);
/// How long a call lasts that changes the list.
const LENGTH: Duration = Duration::from_secs(2);
/// What is asked in turn: of the live list, and the page of the console that shows what goes on, which is made anew for
/// each update.
const QUESTIONS: [(&str, &str); 6] = [
    ("first page of 100", "/v1/calls?limit=100"),
    ("100 with a part of a number", "/v1/calls?limit=100&text=14155550100"),
    ("how many by state", "/v1/calls?limit=1&group_by=state"),
    ("how many by trunk", "/v1/calls?limit=1&group_by=trunk"),
    ("the console's page", "/console"),
    ("the same, by trunk", "/console?group=trunk"),
];
const TOKEN: &str = "looker";
const LOGIN: &str = "looker";
const PASSWORD: &str = "looker-password";

/// Options of the measurement.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Calls that go on.
    #[arg(long, default_value_t = 10_000)]
    calls: usize,
    /// Events a second that change them.
    #[arg(long, default_value_t = 200.0)]
    events: f64,
    /// Seconds that are measured, without questions and with.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Questions a second.
    #[arg(long, default_value_t = 20)]
    questions: u32,
    /// A server to measure instead of this one.
    #[arg(long)]
    server: Option<PathBuf>,
}

/// Measures and prints a table.
pub fn run(options: &Options) -> Result<()> {
    let program = options.server.clone().map_or_else(build, Ok)?;
    let folder = tempfile::tempdir()?;
    let (standing, callee, changing) = (free_port()?, free_port()?, free_port()?);
    let entries = directory(standing, callee) + &changer(changing);
    let server = Server::start_program(&program, folder.path(), &entries, &config())?;
    let _answering = Callee::start(callee, server.sip)?;
    let stand_by = Offered { port: standing, rate: RISE, calls: options.calls, length: STAND_BY };
    let sip = server.sip;
    // They end with the server.
    thread::spawn(move || offer(stand_by, sip));
    wait_for(options.calls, &server)?;
    println!(
        "{} calls go on, {} events/s, {} questions/s\n",
        options.calls, options.events, options.questions
    );
    let quiet = change(changing, &server, options)?;
    let stop = AtomicBool::new(false);
    let (busy, asked) = thread::scope(|scope| -> Result<_> {
        let asking = scope.spawn(|| ask(&server, options.questions, &stop));
        let busy = change(changing, &server, options);
        stop.store(true, Relaxed);
        let asked = asking.join().map_err(|_| anyhow!("whoever asks has failed"))??;
        Ok((busy?, asked))
    })?;
    print(&quiet, &busy, &asked);
    Ok(())
}

fn print(quiet: &Outcome, busy: &Outcome, asked: &[Vec<f64>]) {
    println!("| what | asked | median ms | p99 ms |\n| --- | --- | --- | --- |");
    for ((what, _), spent) in QUESTIONS.iter().zip(asked) {
        println!("| {what} | {} | {:.1} | {:.1} |", spent.len(), at(spent, 50), at(spent, 99));
    }
    println!("\n| while | calls | failed | set-up ms: median | p99 |\n| --- | --- | --- | --- | --- |");
    for (what, Outcome { offered, failed, setups, .. }) in [("nobody asks", quiet), ("somebody asks", busy)] {
        println!("| {what} | {offered} | {failed} | {:.1} | {:.1} |", at(setups, 50), at(setups, 99));
    }
}

/// Waits until so many calls go on.
fn wait_for(calls: usize, server: &Server) -> Result<()> {
    let began = Instant::now();
    while server.metric("trunkline_calls_active")? < calls as f64 {
        ensure!(began.elapsed() < Duration::from_secs(300), "the calls that are to stand by do not begin");
        thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// Calls come and go.
fn change(port: u16, server: &Server, options: &Options) -> Result<Outcome> {
    let rate = options.events / EVENTS;
    let calls = (rate * options.seconds as f64).ceil() as usize;
    offer(Offered { port, rate, calls, length: LENGTH }, server.sip)
}

/// Asks in turn until it is enough: how long each answer took, in milliseconds, the shortest first.
fn ask(server: &Server, rate: u32, stop: &AtomicBool) -> Result<Vec<Vec<f64>>> {
    let mut spent: Vec<Vec<f64>> = vec![Vec::new(); QUESTIONS.len()];
    let cookie = sign_in(server)?;
    let turn = Duration::from_secs(1) / rate.max(1);
    for number in (0..QUESTIONS.len()).cycle() {
        if stop.load(Relaxed) {
            break;
        }
        let asked = Instant::now();
        let request = Request::get(QUESTIONS[number].1).with(format!("Cookie: {cookie}"));
        request.with(format!("Authorization: Bearer {TOKEN}")).send(server.http)?.text()?;
        spent[number].push(asked.elapsed().as_secs_f64() * 1_000.0);
        thread::sleep(turn.saturating_sub(asked.elapsed()));
    }
    spent.iter_mut().for_each(|spent| spent.sort_by(f64::total_cmp));
    Ok(spent)
}

/// The cookie of who has signed in at the console.
fn sign_in(server: &Server) -> Result<String> {
    let form = format!("login={LOGIN}&password={PASSWORD}");
    let reply =
        Request::post("/console/sign-in", "application/x-www-form-urlencoded", form).send(server.http)?;
    reply.cookie.ok_or_else(|| anyhow!("signing in was answered with {}", reply.status))
}

fn config() -> String {
    let config = CONFIG.replace("[http]\n", "[http]\nrequests_per_minute = 0\n");
    format!("{config}[vonage]\ntokens = [{{ token = \"{TOKEN}\", account = 1 }}]\n")
}

/// The trunk of the calls that come and go, and who looks.
fn changer(port: u16) -> String {
    format!(
        "[[trunks]]\nname = \"changer\"\naccount = 1\nhost = \"127.0.0.1\"\nport = {port}\ntransport = \"udp\"\n\
         sources = [\"127.0.0.1:{port}\"]\ntransit = true\nprobe_seconds = 0\nroutes = []\n\
         [[users]]\nlogin = \"{LOGIN}\"\ncustomer = \"Bench\"\npassword = \"{PASSWORD}\"\nname = \"Looker\"\nrole = \"manager\"\n"
    )
}
