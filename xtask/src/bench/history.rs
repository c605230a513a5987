//! How long every list and report takes over a store full of calls, through the server's own interfaces.

mod clickhouse;
mod questions;

use std::{
    net::SocketAddr,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::Result;
use clap::Args;

use super::{
    http::{Reply, Request},
    server::{self, Server},
    store::{Form, Store},
};
use clickhouse::ClickHouse;
use questions::Question;

/// Options of the measurement.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Records in the store; it is kept under `~/.cache/trunkline/bench` and used again.
    #[arg(long, default_value_t = 5_000_000)]
    records: u64,
    /// Accounts that they belong to.
    #[arg(long, default_value_t = 200)]
    accounts: u32,
    /// How often each question is asked; the first time does not count.
    #[arg(long, default_value_t = 40)]
    times: usize,
    /// Only questions that contain this.
    #[arg(long, default_value = "")]
    only: String,
    /// A store that is not sealed.
    #[arg(long)]
    hot: bool,
    /// The HTTP interface of a ClickHouse that may read the sealed files where they lie: it is given the same rows, and
    /// asked what it has a question for right after the server was.
    #[arg(long)]
    clickhouse: Option<SocketAddr>,
    /// Only fill the store, and the ClickHouse, so that a later run has nothing to do but to ask.
    #[arg(long)]
    prepare: bool,
    /// A server to measure instead of this one.
    #[arg(long)]
    server: Option<PathBuf>,
}

/// Where the server listens, and that it is quiet.
pub const CONFIG: &str = "[sip]\nudp = \"127.0.0.1:0\"\ntcp = \"\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
                          [log]\nfilter = \"warn\"\n";

/// Measures and prints a table.
pub fn run(options: &Options) -> Result<()> {
    let form = if options.hot { Form::Hot } else { Form::Sealed };
    let store = Store::open(options.records, options.accounts, form)?;
    let clickhouse = options.clickhouse.map(|at| ClickHouse::load(at, &store)).transpose()?;
    if options.prepare {
        return Ok(());
    }
    let program = options.server.clone().map_or_else(server::build, Ok)?;
    let began = Instant::now();
    let server = Server::start_program(&program, &store.folder, &store.directory()?, CONFIG)?;
    let (start, idle) = (began.elapsed(), server.usage()?.memory / 1_000_000);
    println!(
        "{} records of {} accounts in thirty days; requests over HTTP, each asked {} times\n",
        options.records, options.accounts, options.times
    );
    println!("| question | status | bytes | first ms | median ms | p99 ms | ClickHouse ms |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for question in questions::all(&store, &server)? {
        if question.what.contains(&options.only) {
            println!("{}", ask(&question, &server, clickhouse.as_ref(), options.times)?);
        }
    }
    println!("\nup after {start:.1?}, its directory applied; {idle} MB resident then,");
    println!(
        "{} MB after the questions, {} MB at most",
        server.usage()?.memory / 1_000_000,
        server.peak_memory()? / 1_000_000
    );
    Ok(())
}

fn ask(
    question: &Question,
    server: &Server,
    clickhouse: Option<&ClickHouse>,
    times: usize,
) -> Result<String> {
    let began = Instant::now();
    let Reply { status, body, .. } = question.request.send(server.http)?;
    let first = began.elapsed();
    let spent = timed(&question.request, server.http, times)?;
    let theirs = match clickhouse.zip(question.sql.as_ref()) {
        Some((clickhouse, sql)) => {
            clickhouse.query(sql)?;
            format!("{:.1}", millis(at(&timed(&ClickHouse::request(sql), clickhouse.http, times)?, 50)))
        }
        None => String::new(),
    };
    let what = &question.what;
    let (first, median, slow) = (millis(first), millis(at(&spent, 50)), millis(at(&spent, 99)));
    Ok(format!("| {what} | {status} | {} | {first:.1} | {median:.1} | {slow:.1} | {theirs} |", body.len()))
}

/// How long it takes each time, the shortest first.
fn timed(request: &Request, http: SocketAddr, times: usize) -> Result<Vec<Duration>> {
    let mut spent = Vec::new();
    for _ in 0..times {
        let began = Instant::now();
        request.send(http)?;
        spent.push(began.elapsed());
    }
    spent.sort();
    Ok(spent)
}

fn at(spent: &[Duration], hundredths: usize) -> Duration {
    spent.get(spent.len() * hundredths / 100).copied().unwrap_or_default()
}

fn millis(length: Duration) -> f64 {
    length.as_secs_f64() * 1_000.0
}
