//! How many rows of an account the store exports in a second, and by how much its memory grows meanwhile, on a store
//! that the example `fill` has filled. Rows are quoted values in gzip, with fewer conversions than a dialect's.
//!
//! `cargo run --release -p history --example export_rate -- FOLDER ACCOUNT [TIMES]`

use std::{
    env, fs,
    io::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use call::{AccountId, CustomerId, Timestamp, event::Side};
use history::{
    ExportStatus, Exports, LegField, NewExport, OpenOptions, RateField, RecordField, RecordQuery,
    SqliteHistory, Upkeep,
    export::{ExportFormat, FieldValue, FileType, Opened, Packing, RowPrinter, UnreadableRequest},
};

/// Between two looks at whether an export is done.
const PAUSE: Duration = Duration::from_millis(20);

/// All that an account has, newest first.
struct Quoted;

impl ExportFormat for Quoted {
    fn name(&self) -> &'static str {
        "quoted"
    }

    fn file_type(&self) -> FileType {
        FileType { extension: "csv.gz", packing: Packing::Gzip }
    }

    fn open(&self, account: AccountId, _: &str) -> Result<Opened, UnreadableRequest> {
        Ok(Opened { query: RecordQuery::newest(vec![account], u32::MAX), printer: Box::new(Self) })
    }
}

impl RowPrinter for Quoted {
    fn fields(&self) -> Vec<RecordField> {
        let leg = |field| RecordField::Leg(Side::Origination, field);
        let rate = |field| RecordField::Rate(Side::Origination, field);
        let legs = [LegField::FromDomain, LegField::ToDomain, LegField::RuriDomain, LegField::Code];
        let more = [LegField::Reason, LegField::Address, LegField::Port, LegField::SipCallId];
        let rates = [RateField::Prefix, RateField::InitialInterval, RateField::InitialRate, RateField::Fee];
        let plain = [
            RecordField::StartedAt,
            RecordField::AnsweredAt,
            RecordField::EndedAt,
            RecordField::IsAnswered,
            RecordField::ConnectedSeconds,
            RecordField::CallerName,
            RecordField::CallerReceived,
            RecordField::CalledReceived,
            RecordField::CallerRouted,
            RecordField::CalledRouted,
            RecordField::Price(Side::Origination),
            leg(LegField::LocalTag),
            leg(LegField::UserAgent),
        ];
        plain.into_iter().chain(legs.map(leg)).chain(more.map(leg)).chain(rates.map(rate)).collect()
    }

    fn header(&mut self, _: &mut Vec<u8>) {}

    fn row(&mut self, values: &[FieldValue<'_>], out: &mut Vec<u8>) {
        for value in values {
            out.push(b'"');
            put(*value, out);
            out.extend_from_slice(b"\",");
        }
        out.push(b'\n');
    }

    fn footer(&mut self, _: &mut Vec<u8>) {}
}

fn put(value: FieldValue<'_>, out: &mut Vec<u8>) {
    let written = match value {
        FieldValue::Absent => Ok(()),
        FieldValue::Flag(yes) => write!(out, "{yes}"),
        FieldValue::Time(at) => write!(out, "{}", at.as_micros()),
        FieldValue::Length(length) => write!(out, "{}", length.as_micros()),
        FieldValue::Number(number) => write!(out, "{number}"),
        FieldValue::Amount(amount) => write!(out, "{amount}"),
        FieldValue::Text(text) => out.write_all(text.as_bytes()),
        FieldValue::Call(call) => write!(out, "{call}"),
    };
    written.expect("a vector takes everything");
}

#[tokio::main]
#[allow(clippy::print_stdout, reason = "it prints what it measured")]
async fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let folder = arguments.next().context("usage: export_rate FOLDER ACCOUNT [TIMES]")?;
    let account = AccountId(arguments.next().context("ACCOUNT")?.parse()?);
    let times: u32 = arguments.next().map_or(Ok(3), |times| times.parse())?;
    let options = OpenOptions { sealing: None, formats: vec![Arc::new(Quoted)], ..OpenOptions::new(folder) };
    let history = SqliteHistory::open(options)?;
    // What is sealed is so once the running day was read: here, nothing.
    history.seal_before(Timestamp::from_seconds(0)).await?;
    for _ in 0..times {
        let before = memory("VmRSS:")?;
        fs::write("/proc/self/clear_refs", "5")?;
        let (began, processor) = (Instant::now(), processor()?);
        let rows = export(&history, account).await?;
        let (length, grown) = (began.elapsed(), memory("VmHWM:")?.saturating_sub(before));
        let spent = self::processor()? - processor;
        println!(
            "{rows} rows in {length:.1?}, {:.2} µs of processor time a row; from {before} MB by {grown} MB at most",
            spent.as_secs_f64() * 1e6 / rows as f64
        );
    }
    history.close().await;
    Ok(())
}

async fn export(history: &SqliteHistory, account: AccountId) -> Result<u64> {
    let (customer, now) = (CustomerId(1), Timestamp::from_seconds(0));
    let (format, request) = ("quoted".to_owned(), String::new());
    let asked = NewExport { customer, account, format, request, created_at: now };
    let id = history.create_export(asked).await?.id;
    let rows = loop {
        let export = history.export(vec![account], id).await?.context("it is gone")?;
        match export.status {
            ExportStatus::Pending => tokio::time::sleep(PAUSE).await,
            ExportStatus::Completed => break export.rows.context("nobody has counted")?,
            other => bail!("it ended as {other:?}"),
        }
    };
    history.delete_export(vec![account], id, now).await?;
    Ok(rows)
}

/// Of this process, in megabytes.
fn memory(which: &str) -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line =
        status.lines().find_map(|line| line.strip_prefix(which)).context("the system does not tell")?;
    let kilobytes: u64 = line.trim().split(' ').next().context("no number")?.parse()?;
    Ok(kilobytes / 1_024)
}

/// Processor time of this process.
fn processor() -> Result<Duration> {
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    Ok(Duration::from_secs_f64((ticks(11) + ticks(12)) / TICKS))
}
