//! How long every list and report takes over a store full of calls, through the server's own interfaces.

mod questions;

use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;

use super::{http::Reply, server::Server, store::Store};
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
}

/// Where the server listens, and that it is quiet.
pub const CONFIG: &str = "[sip]\nudp = \"127.0.0.1:0\"\ntcp = \"\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
                          [log]\nfilter = \"warn\"\n";

/// Measures and prints a table.
pub fn run(options: &Options) -> Result<()> {
    let store = Store::open(options.records, options.accounts)?;
    let server = Server::start(&store.folder, &store.directory()?, CONFIG)?;
    println!(
        "{} records of {} accounts in thirty days; requests over HTTP, each asked {} times\n",
        options.records, options.accounts, options.times
    );
    println!("| question | status | bytes | median ms | p99 ms |\n| --- | --- | --- | --- | --- |");
    for question in questions::all(&store, &server)? {
        if question.what.contains(&options.only) {
            println!("{}", ask(&question, &server, options.times)?);
        }
    }
    Ok(())
}

fn ask(question: &Question, server: &Server, times: usize) -> Result<String> {
    let Reply { status, body } = question.request.send(server.http)?;
    let mut spent = Vec::new();
    for _ in 0..times {
        let began = Instant::now();
        question.request.send(server.http)?;
        spent.push(began.elapsed());
    }
    spent.sort();
    let at = |share: usize| spent.get(spent.len() * share / 100).copied().unwrap_or_default();
    let millis = |length: Duration| length.as_secs_f64() * 1_000.0;
    let what = &question.what;
    Ok(format!("| {what} | {status} | {} | {:.1} | {:.1} |", body.len(), millis(at(50)), millis(at(99))))
}
