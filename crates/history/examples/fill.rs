//! Fills a store with finished calls of the last thirty days.
//!
//! `cargo run --release -p history --example fill -- FOLDER RECORDS ACCOUNTS [sealed]`
//!
//! They go through the store's writer, or with `sealed` into sealed files at once, but for those of today: that is
//! quicker, and takes no room of its own. No more than two portions are ever in memory.
//!
//! One account in ten is a carrier's. Every call is between a client and a carrier, three in four from the
//! carrier to the client, as with an answering service; the accounts have very different numbers of calls. The
//! same arguments give the same calls, apart from when they are.

use std::{
    env,
    ops::Range,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context, Result};
use call::{
    CallRecord, Timestamp,
    event::{EndCause, SipStatus},
    party::Owner,
    rating::Rate,
    record::{InteractionKind, ReleasedBy, Times},
};
use history::{
    Batch, HistoryError, Journal, OpenOptions, SqliteHistory, Upkeep,
    conformance::calls::{self, Script, call_id, rate},
};
use rust_decimal::Decimal;
use tokio::task::JoinHandle;

/// Records in one commit of the writer.
const PORTION: u64 = 1_000;

/// Records of a portion that is sealed at once.
const SEALED_PORTION: u64 = 50_000;

const MONTH: Duration = Duration::from_secs(30 * 86_400);

#[tokio::main]
#[allow(clippy::print_stdout, reason = "it tells how far it is")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (folder, records, accounts, is_sealed) = match arguments.as_slice() {
        [folder, records, accounts] => (folder, records, accounts, false),
        [folder, records, accounts, sealed] if sealed == "sealed" => (folder, records, accounts, true),
        _ => anyhow::bail!("usage: fill FOLDER RECORDS ACCOUNTS [sealed]"),
    };
    let records: u64 = records.parse().context("RECORDS")?;
    let source = Source::new(records, accounts.parse().context("ACCOUNTS")?)?;
    let history = Arc::new(SqliteHistory::open(OpenOptions { sealing: None, ..OpenOptions::new(folder) })?);
    let began = Instant::now();
    match is_sealed {
        true => seal(&history, source, records).await?,
        false => append(&history, source, records).await?,
    }
    println!("{records} records stored in {:.1?}", began.elapsed());
    history.close().await;
    Ok(())
}

async fn append(history: &SqliteHistory, mut source: Source, records: u64) -> Result<()> {
    for first in (0..records).step_by(PORTION as usize) {
        let portion = source.calls(first..records.min(first + PORTION)).map(Arc::new).collect();
        history.append(Batch { records: portion, ..Batch::default() }).await?;
        tell(first, records);
    }
    Ok(())
}

/// One portion is sealed while the next is made.
async fn seal(history: &Arc<SqliteHistory>, mut source: Source, records: u64) -> Result<()> {
    let mut sealing: Option<JoinHandle<Result<u64, HistoryError>>> = None;
    for first in (0..records).step_by(SEALED_PORTION as usize) {
        let portion: Vec<_> = source.calls(first..records.min(first + SEALED_PORTION)).collect();
        if let Some(before) = sealing.take() {
            before.await??;
        }
        let history = history.clone();
        sealing = Some(tokio::spawn(async move { history.import(portion).await }));
        tell(first, records);
    }
    if let Some(last) = sealing {
        last.await??;
    }
    while history.fold_before(source.first_start + MONTH).await? > 0 {}
    Ok(())
}

#[allow(clippy::print_stdout, reason = "it tells how far it is")]
fn tell(first: u64, records: u64) {
    if first.is_multiple_of(500_000) {
        println!("{first} of {records} records");
    }
}

/// Makes calls.
struct Source {
    random: Random,
    template: CallRecord,
    rates: Vec<Rate>,
    clients: Skewed,
    carriers: Skewed,
    first_start: Timestamp,
    step: Duration,
}

impl Source {
    fn new(records: u64, accounts: u32) -> Result<Self> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        let first_start = Timestamp::from_micros(i64::try_from((now - MONTH).as_micros())?);
        let carriers = (accounts / 10).max(1);
        let dearer = |cents: i64| Rate { initial_rate: Decimal::new(cents, 2), ..rate() };
        Ok(Self {
            random: Random(7),
            template: Script::new(0, first_start, 1, 2).record(),
            rates: (1..=50).map(dearer).collect(),
            clients: Skewed::new(1, accounts.saturating_sub(carriers).max(1)),
            carriers: Skewed::new(accounts - carriers + 1, carriers),
            first_start,
            step: MONTH.div_f64(records as f64),
        })
    }

    fn calls(&mut self, numbers: Range<u64>) -> impl Iterator<Item = CallRecord> {
        numbers.map(|number| self.call(number))
    }

    fn call(&mut self, number: u64) -> CallRecord {
        let (client, carrier) = (self.clients.pick(&mut self.random), self.carriers.pick(&mut self.random));
        let (from, to) = if self.random.below(4) == 0 { (client, carrier) } else { (carrier, client) };
        let times = self.times();
        let started_at = self.first_start + self.step.mul_f64(number as f64);
        let answered_at = (!times.talk.is_zero()).then(|| started_at + times.pdd + times.ring);
        let mut record = CallRecord {
            call_id: call_id(number),
            origination: owner(from),
            termination: Some(owner(to)),
            started_at,
            ringing_at: Some(started_at + times.pdd),
            answered_at,
            ended_at: started_at + times.total(),
            times,
            caller_received: self.digits("+4930"),
            called_received: self.digits("+1415"),
            origination_rate: Some(self.rate()),
            termination_rate: Some(self.rate()),
            ..self.template.clone()
        };
        record.caller_routed = record.caller_received.clone();
        record.called_routed = record.called_received.clone();
        record.caller_leg.sip_call_id = Some(format!("{number:x}-{}@pbx.example", self.random.next()).into());
        self.follow(&mut record);
        record
    }

    /// Seven in ten are answered, and talk for two minutes on average.
    fn times(&mut self) -> Times {
        let millis = |number| Duration::from_millis(number);
        let is_answered = self.random.below(10) < 7;
        Times {
            pdd: millis(200 + self.random.below(2_000)),
            ring: millis(self.random.below(20_000)),
            talk: if is_answered { millis(1 + self.random.exponential(120_000.0)) } else { Duration::ZERO },
            hold: Duration::ZERO,
            transfer: Duration::ZERO,
        }
    }

    fn digits(&mut self, prefix: &str) -> call::Number {
        format!("{prefix}{:07}", self.random.below(10_000_000)).into()
    }

    fn rate(&mut self) -> Rate {
        let which = self.random.below(self.rates.len() as u64) as usize;
        self.rates[which].clone()
    }

    /// Brings the legs, and what a call without an answer lacks, into line with the rest.
    fn follow(&mut self, record: &mut CallRecord) {
        for leg in &mut record.legs {
            leg.offered_at = record.started_at;
            leg.ringing_at = record.ringing_at;
            leg.answered_at = record.answered_at;
            leg.ended_at = record.ended_at;
        }
        for interaction in &mut record.interactions {
            interaction.at = match interaction.kind {
                InteractionKind::Answered => record.answered_at.unwrap_or(record.ended_at),
                _ => record.ended_at,
            };
        }
        if record.answered_at.is_none() {
            let (code, reason) = [(486, "Busy Here"), (487, "Request Terminated"), (404, "Not Found")]
                [self.random.below(3) as usize];
            record.caller_leg.status = Some(SipStatus { code, reason: reason.into() });
            record.cause = EndCause::Busy;
            record.released_by = ReleasedBy::Callee;
            record.answered_by = None;
            record.interactions.clear();
        }
    }
}

fn owner(account: u32) -> Owner {
    let center = call::CenterId(1 + account % 10);
    Owner { center: Some(center), ..calls::owner(account) }
}

/// Accounts of which the n-th has a share of about 1/n.
struct Skewed {
    first: u32,
    sums: Vec<f64>,
}

impl Skewed {
    fn new(first: u32, count: u32) -> Self {
        let shares = (1..=count).scan(0.0, |sum, place| {
            *sum += 1.0 / f64::from(place);
            Some(*sum)
        });
        Self { first, sums: shares.collect() }
    }

    fn pick(&self, random: &mut Random) -> u32 {
        let all = self.sums.last().copied().unwrap_or(1.0);
        let wanted = random.share() * all;
        let place = self.sums.partition_point(|sum| *sum < wanted).min(self.sums.len() - 1);
        self.first + u32::try_from(place).unwrap_or(0)
    }
}

/// Numbers that look random and are the same each time (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn share(&mut self) -> f64 {
        self.next() as f64 / u64::MAX as f64
    }

    fn exponential(&mut self, mean: f64) -> u64 {
        (-mean * self.share().max(1e-9).ln()) as u64
    }
}
