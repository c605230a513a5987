//! An export of a million call records through the server, and the same rows through PostgreSQL's `\\copy` into
//! gzip, one after the other in the same run.

mod postgres;

use std::{
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    history::CONFIG,
    http::Request,
    server::{self, Server},
    store::{Form, PASSWORD, Store, uuid},
};
use postgres::Postgres;

/// Options of the measurement.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Records in the store; the busiest account has a fifth of them.
    #[arg(long, default_value_t = 5_000_000)]
    records: u64,
    /// How often each is repeated.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// A server to measure instead of this one.
    #[arg(long)]
    server: Option<PathBuf>,
}

const EXPORTS: &str = "/api/rest/customer/v1/cdr-exports";
const JSON_API: &str = "application/vnd.api+json";

/// Between two looks at whether an export is done.
const PAUSE: Duration = Duration::from_millis(20);

/// Measures and prints a table.
pub fn run(options: &Options) -> Result<()> {
    let store = Store::open(options.records, 200, Form::Sealed)?;
    let folder = tempfile::tempdir()?;
    let program = options.server.clone().map_or_else(server::build, Ok)?;
    let repeated = |format| -> Result<Vec<Export>> {
        (0..options.runs).map(|_| export(&program, &store, folder.path(), format)).collect()
    };
    let (exports, columns) = (repeated("csv")?, repeated("parquet")?);
    let rows = exports[0].rows;
    let postgres = Postgres::start(folder.path(), &folder.path().join("export.csv.gz"))?;
    let copies: Vec<_> = (0..options.runs).map(|_| postgres.copy(rows)).collect::<Result<_>>()?;
    println!("{rows} rows, newest first, gzip level 2 (psql: 6); medians of {} runs\n", options.runs);
    println!("| | seconds | rows/s | memory grew by MB | file MB |\n| --- | --- | --- | --- | --- |");
    for (format, exports) in [("CSV in gzip", &exports), ("Parquet", &columns)] {
        let memory = exports.iter().map(|export| export.memory).max().unwrap_or(0) as f64 / 1e6;
        let speed = speed(rows, median(exports.iter().map(|export| export.length)));
        println!("| trunkline, {format} | {speed} | {memory:.0} | {:.0} |", exports[0].bytes as f64 / 1e6);
    }
    let seconds = median(copies.iter().map(|copy| copy.length));
    println!("| psql \\copy to gzip | {} | | {:.0} |", speed(rows, seconds), copies[0].bytes as f64 / 1e6);
    let each = |lengths: Vec<Duration>| format!("{lengths:.2?}");
    println!("\ntrunkline {}", each(exports.iter().map(|export| export.length).collect()));
    println!("psql      {}", each(copies.iter().map(|copy| copy.length).collect()));
    Ok(())
}

fn median(lengths: impl Iterator<Item = Duration>) -> f64 {
    let mut lengths: Vec<_> = lengths.collect();
    lengths.sort();
    lengths.get(lengths.len() / 2).map_or(f64::NAN, Duration::as_secs_f64)
}

fn speed(rows: u64, seconds: f64) -> String {
    format!("{seconds:.2} | {:.0}", rows as f64 / seconds)
}

/// One export, and what it took.
struct Export {
    rows: u64,
    length: Duration,
    /// By how much the server's memory has grown at most.
    memory: u64,
    bytes: u64,
}

/// Asks a fresh server for an export, and leaves the file in `folder`.
fn export(program: &Path, store: &Store, folder: &Path, format: &str) -> Result<Export> {
    let server = Server::start_program(program, &store.folder, &store.directory()?, CONFIG)?;
    let token = log_in(&server)?;
    let ask = |request: Request| {
        let request = request.with(format!("Authorization: {token}")).with(format!("Accept: {JSON_API}"));
        request.send(server.http)
    };
    let before = server.settled_memory()?;
    let began = Instant::now();
    let created = ask(Request::post(EXPORTS, JSON_API, document(store, format).to_string()))?.json()?;
    let id = created["data"]["id"].as_str().context("an export has no id")?.to_owned();
    let rows = loop {
        let shown = ask(Request::get(format!("{EXPORTS}/{id}")))?.json()?;
        let attributes = &shown["data"]["attributes"];
        match attributes["status"].as_str() {
            Some("Pending") => thread::sleep(PAUSE),
            Some("Completed") => break attributes["rows-count"].as_u64().context("no rows were counted")?,
            other => bail!("the export ended as {other:?}"),
        }
    };
    let length = began.elapsed();
    let memory = server.peak_memory()?.saturating_sub(before);
    let file = ask(Request::get(format!("{EXPORTS}/{id}/download")))?;
    ensure!(file.status == 200, "the file was not sent: {}", file.status);
    std::fs::write(
        folder.join(if format == "csv" { "export.csv.gz" } else { "export.parquet" }),
        &file.body,
    )?;
    Ok(Export { rows, length, memory, bytes: file.body.len() as u64 })
}

fn log_in(server: &Server) -> Result<String> {
    let body = json!({ "auth": { "login": "all", "password": PASSWORD } });
    let auth = "/api/rest/customer/v1/auth";
    let reply = Request::post(auth, "application/json", body.to_string()).send(server.http)?.json()?;
    Ok(reply["jwt"].as_str().context("the answer to a login has no token")?.to_owned())
}

fn document(store: &Store, format: &str) -> Value {
    let at = |length: Duration| (Timestamp::now() - length).to_string();
    let month = Duration::from_secs(31 * 86_400);
    json!({ "data": {
        "type": "cdr-exports",
        "attributes": { "format": format, "filters": { "time_start_gteq": at(month), "time_start_lt": at(Duration::ZERO) } },
        "relationships": { "account": { "data": { "type": "accounts", "id": uuid(store.carrier()) } } },
    } })
}
