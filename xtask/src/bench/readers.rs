//! Whether long searches of one tenant hold up the look-ups and pages of another.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::{
    history::CONFIG,
    http::Request,
    server::Server,
    store::{Form, PASSWORD, Store},
};

const YETI: &str = "/api/rest/customer/v1";
/// Searches that look at every call of a month, which no index helps.
const SEARCH: &str = "cdrs?filter%5Btime_start_gteq%5D=2000-01-01&filter%5Bdst_prefix_in_cont%5D=5&\
                      filter%5Bsrc_name_in_cont%5D=nobody&sort=-duration";

/// Options of the measurement.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Records in the store; it is kept under `~/.cache/trunkline/bench` and used again.
    #[arg(long, default_value_t = 1_000_000)]
    records: u64,
    /// Accounts that they belong to.
    #[arg(long, default_value_t = 200)]
    accounts: u32,
    /// Searches of the one tenant at the same time.
    #[arg(long, default_value_t = 4)]
    searches: u32,
    /// Seconds that they go on.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

/// Measures and prints a table.
pub fn run(options: &Options) -> Result<()> {
    let store = Store::open(options.records, options.accounts, Form::Sealed)?;
    let server = Server::start(&store.folder, &store.directory()?, CONFIG)?;
    println!(
        "{} records of {} accounts; look-ups and first pages of one account over HTTP\n",
        options.records, options.accounts
    );
    println!(
        "| while | question | asked | median ms | p99 ms | most ms |\n| --- | --- | --- | --- | --- | --- |"
    );
    let (one, other) = (log_in("one", &server)?, log_in("carrier", &server)?);
    let page = get("cdrs", &one);
    let first = page.send(server.http)?.json()?;
    let id = first["data"][0]["id"].as_str().context("the page has no record")?.to_owned();
    let questions = [("look-up by id", get(&format!("cdrs/{id}"), &one)), ("first page of 50", page)];
    measure("nothing else", &questions, &server, Duration::from_secs(options.seconds / 2))?;
    let done = Arc::new(AtomicBool::new(false));
    let made = Arc::new(AtomicU64::new(0));
    let searches: Vec<_> = (0..options.searches)
        .map(|_| {
            let (search, http, done, made) = (get(SEARCH, &other), server.http, done.clone(), made.clone());
            thread::spawn(move || -> Result<()> {
                while !done.load(Ordering::Relaxed) {
                    let reply = search.send(http)?;
                    ensure!([200, 503].contains(&reply.status), "a search answers {}", reply.status);
                    made.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            })
        })
        .collect();
    let title = format!("{} searches of another account", options.searches);
    let measured = measure(&title, &questions, &server, Duration::from_secs(options.seconds));
    let finished = made.load(Ordering::Relaxed);
    done.store(true, Ordering::Relaxed);
    for search in searches {
        search.join().map_err(|_| anyhow::anyhow!("a search panicked"))??;
    }
    println!("\n{finished} searches ended meanwhile");
    measured
}

/// Asks them in turn for so long.
fn measure(title: &str, questions: &[(&str, Request)], server: &Server, time: Duration) -> Result<()> {
    let (began, mut spent) = (Instant::now(), vec![Vec::new(); questions.len()]);
    while began.elapsed() < time {
        for ((_, request), spent) in questions.iter().zip(&mut spent) {
            let asked = Instant::now();
            request.send(server.http)?.text()?;
            spent.push(asked.elapsed());
        }
    }
    for ((what, _), mut spent) in questions.iter().zip(spent) {
        spent.sort();
        let at = |thousandths: usize| {
            let place = (spent.len() * thousandths / 1_000).min(spent.len().saturating_sub(1));
            spent.get(place).copied().unwrap_or_default().as_secs_f64() * 1_000.0
        };
        println!(
            "| {title} | {what} | {} | {:.1} | {:.1} | {:.1} |",
            spent.len(),
            at(500),
            at(990),
            at(1_000)
        );
    }
    Ok(())
}

fn get(path: &str, token: &str) -> Request {
    let request = Request::get(format!("{YETI}/{path}")).with(format!("Authorization: {token}"));
    request.with("Accept: application/vnd.api+json")
}

fn log_in(login: &str, server: &Server) -> Result<String> {
    let body = format!(r#"{{"auth":{{"login":"{login}","password":"{PASSWORD}"}}}}"#);
    let answer = Request::post(format!("{YETI}/auth"), "application/json", body).send(server.http)?.json()?;
    Ok(answer["jwt"].as_str().context("no token is issued")?.to_owned())
}
