//! `trunkline import`: calls that other switches have recorded.

use std::{
    fs::{self, File},
    io::{BufWriter, Write, stdout},
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, mpsc},
    thread,
};

use anyhow::{Context, Result, anyhow};
use call::{CallRecord, Timestamp};
use clap::Args;
use history::{
    Upkeep,
    sqlite::{OpenOptions, SqliteHistory},
};
use import::{Format, Found, Mapping, Parties, Source, Understood};
use switch::{Clock, SystemClock};

use super::progress::Progress;
use crate::{assembly, config::Config};

/// Records that are stored together: of each day that they are of, all or none.
const BATCH: usize = 50_000;

/// What is read, and how.
#[derive(Debug, Args)]
pub struct ImportOptions {
    /// The file; with `freeswitch`, a folder of `.json` files too.
    file: PathBuf,
    /// What has written it: csv, asterisk, freeswitch or yeti.
    #[arg(long, value_parser = format)]
    format: Format,
    /// A file (TOML) that names columns, accounts and the zone of times; needed for csv.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Where lines go that cannot be taken over, as they are, to be imported once they are put right.
    #[arg(long, value_name = "FILE")]
    reject: Option<PathBuf>,
}

fn format(name: &str) -> Result<Format, String> {
    let known = Format::NAMES.iter().find(|(known, _)| *known == name);
    known.map(|(_, format)| *format).ok_or_else(|| "accepted: csv, asterisk, freeswitch, yeti".to_owned())
}

/// What became of the lines.
#[derive(Default)]
struct Outcome {
    stored: u64,
    known: u64,
    passed_over: u64,
    rejected: u64,
}

/// Takes the calls of a file over. No server may run.
pub async fn run(config: &Config, options: ImportOptions) -> Result<ExitCode> {
    let mapping = match &options.mapping {
        Some(path) => Mapping::parse(
            &fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?,
        )?,
        None => Mapping::default(),
    };
    let directory = assembly::open_directory(config)?;
    let parties =
        Parties::new(directory.snapshot(), &mapping).map_err(|mistake| anyhow!("the mapping: {mistake}"))?;
    let source = Source::open(&options.file, options.format, &mapping)?;
    let history = open_history(config)?;
    let (batches, reading) = read(source, parties, &options)?;
    let mut outcome = Outcome::default();
    for batch in batches {
        let records = batch.len() as u64;
        let stored = history.import(batch).await?;
        outcome.stored += stored;
        outcome.known += records - stored;
    }
    let (passed_over, rejected) = reading.join().map_err(|_| anyhow!("the reader panicked"))??;
    history.fold_before(now()).await?;
    history.close().await;
    tell(Outcome { passed_over, rejected, ..outcome })
}

fn open_history(config: &Config) -> Result<SqliteHistory> {
    let opened = SqliteHistory::open(OpenOptions::new(&config.data_dir));
    opened.with_context(|| format!("the call history in {}", config.data_dir.display()))
}

fn now() -> Timestamp {
    SystemClock::default().now()
}

/// A thread that reads; it gives how many lines are no calls of their own, and how many were rejected.
type Reading = thread::JoinHandle<Result<(u64, u64)>>;

/// Reads in a thread of its own, no more than a batch ahead.
fn read(
    source: Source,
    parties: Parties,
    options: &ImportOptions,
) -> Result<(mpsc::IntoIter<Vec<CallRecord>>, Reading)> {
    let header = source.header().map(str::to_owned);
    let rejects = options.reject.clone().map(|path| Rejects { path, header, file: None });
    let reader = Reader { parties: Arc::new(parties), rejects, passed_over: 0, rejected: 0 };
    let (sender, batches) = mpsc::sync_channel(1);
    let reading =
        thread::Builder::new().name("import-reader".into()).spawn(move || reader.run(source, &sender))?;
    Ok((batches.into_iter(), reading))
}

/// What is rejected, as it is; a file that is made with the first of it.
struct Rejects {
    path: PathBuf,
    header: Option<String>,
    file: Option<BufWriter<File>>,
}

impl Rejects {
    fn write(&mut self, text: &str) -> Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let made = File::create(&self.path);
                let made = made.with_context(|| format!("cannot make {}", self.path.display()))?;
                let file = self.file.insert(BufWriter::new(made));
                self.header.iter().try_for_each(|header| writeln!(file, "{header}"))?;
                file
            }
        };
        Ok(writeln!(file, "{text}")?)
    }

    fn finish(self) -> Result<()> {
        Ok(self.file.map_or(Ok(()), |mut file| file.flush())?)
    }
}

struct Reader {
    parties: Arc<Parties>,
    rejects: Option<Rejects>,
    passed_over: u64,
    rejected: u64,
}

impl Reader {
    fn run(mut self, mut source: Source, batches: &mpsc::SyncSender<Vec<CallRecord>>) -> Result<(u64, u64)> {
        let (mut batch, mut progress) = (Vec::with_capacity(BATCH), Progress::default());
        while let Some(found) = source.next() {
            batch.extend(self.understand(&found)?);
            if batch.len() == BATCH {
                let (done, all) = source.progress();
                progress.tell("bytes", done, all);
                // Who no longer takes them says why.
                if batches.send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).is_err() {
                    break;
                }
            }
        }
        // The same here.
        let _ = batches.send(batch);
        self.rejects.map_or(Ok(()), Rejects::finish)?;
        Ok((self.passed_over, self.rejected))
    }

    fn understand(&mut self, found: &Found) -> Result<Option<CallRecord>> {
        let record = match &found.outcome {
            Ok(Understood::Call(call)) => call.record(&self.parties).map(Some),
            Ok(Understood::PassedOver(_)) => {
                self.passed_over += 1;
                Ok(None)
            }
            Err(mistake) => Err(mistake.clone()),
        };
        match record {
            Ok(record) => Ok(record),
            Err(mistake) => {
                self.rejected += 1;
                writeln!(std::io::stderr(), "{}: {mistake}", found.place)?;
                let text = found.text();
                if let Some(rejects) = self.rejects.as_mut().filter(|_| !text.is_empty()) {
                    rejects.write(&text)?;
                }
                Ok(None)
            }
        }
    }
}

fn tell(outcome: Outcome) -> Result<ExitCode> {
    let Outcome { stored, known, passed_over, rejected } = outcome;
    writeln!(
        stdout(),
        "{stored} calls were taken over; {known} were there already or are older than they are kept, {passed_over} lines are no calls of their own, \
         {rejected} were rejected."
    )?;
    Ok(if rejected == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
