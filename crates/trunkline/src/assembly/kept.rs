//! What is kept in the data folder.

use std::{fs::Permissions, os::unix::fs::PermissionsExt, path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use directory::{Directory, DirectoryError, Snapshot, Tokens, mailboxes::Mailboxes, model::KeepDays};
use history::{
    Exports, History, Journal, Keep, Retention, SpillFile,
    export::ExportBounds,
    spill::FILE_NAME,
    sqlite::{DATABASE, OpenOptions, Sealing, SqliteHistory},
};
use keyvalue::{Found, Store};
use live::{Limits, LiveOptions, ReaderLimits};
use switch::{Clock, SystemClock};
use tokio_util::sync::CancellationToken;

use super::http;
use crate::{
    config::{Config, check},
    landmark::Landmark,
};

/// What the data folder holds, opened and put in order.
pub struct Opened {
    pub directory: Arc<Directory>,
    pub history: Arc<dyn History>,
    pub landmark: Landmark,
    pub spill: SpillFile,
    pub state: Arc<Store>,
    pub mailboxes: Arc<Mailboxes>,
    /// Calls that a crash had cut off, which are ended now.
    pub interrupted: usize,
}

impl Opened {
    /// A data folder that lacks what was there is refused, unless `accept_loss`.
    pub async fn open(config: &Config, accept_loss: bool) -> Result<Self> {
        let directory = Arc::new(open_directory(config)?);
        let landmark = Landmark::of(&config.data_dir);
        close_to_others(&config.data_dir);
        let history: Arc<dyn History> = open_history(config, directory.clone())?;
        if !accept_loss {
            landmark.check(history.as_ref(), accounts_in(&directory))?;
        }
        check::refuse_strangers(config, &directory.snapshot())?;
        let spill = open_spill(config, history.as_ref()).await?;
        let interrupted = settle(history.as_ref(), &directory).await?;
        let state = open_state(config);
        let mailboxes = Arc::new(Mailboxes::new(state.table("mailboxes")));
        Ok(Self { directory, history, landmark, spill, state, mailboxes, interrupted })
    }
}

/// How many accounts there are.
pub fn accounts_in(directory: &Directory) -> usize {
    directory.snapshot().entries().accounts.len()
}

/// Ends the calls that a crash cut off, and says in one line what was there. How many it ended.
async fn settle(history: &dyn History, directory: &Directory) -> Result<usize> {
    let unfinished = history.unfinished().await?.len();
    let interrupted = live::recover(history).await?;
    say_what_was_found(history, directory, (unfinished, interrupted)).await?;
    Ok(interrupted)
}

/// Opens the directory in the data folder.
pub fn open_directory(config: &Config) -> Result<Directory> {
    let folder = &config.data_dir;
    let made = std::fs::create_dir_all(folder);
    made.with_context(|| format!("data_dir: cannot make the folder {}", folder.display()))?;
    let path = folder.join("directory.db");
    let opened = Directory::open(&path).with_context(|| format!("the directory in {}", path.display()))?;
    Ok(opened.with_audit_kept_for(Duration::from_secs(config.audit.keep_days * 86_400)))
}

/// Closes the data folder to the machine's other users, should a former release have left it open. A group that may
/// read it is the operator's affair.
fn close_to_others(folder: &Path) {
    let closed = folder.metadata().and_then(|metadata| {
        let mode = metadata.permissions().mode();
        if mode & 0o007 == 0 {
            return Ok(());
        }
        std::fs::set_permissions(folder, Permissions::from_mode(mode & !0o007))
    });
    if let Err(error) = closed {
        tracing::warn!(%error, folder = %folder.display(), "others may read what is in the data folder");
    }
}

/// Opens the tokens of applications in the data folder.
pub fn open_tokens(config: &Config) -> Result<Arc<Tokens>> {
    let now = SystemClock::default().now();
    let path = config.data_dir.join("tokens.db");
    let opened = Tokens::open(&path, now).with_context(|| format!("the tokens in {}", path.display()));
    opened.map(Arc::new)
}

/// Opens what else outlives the process: registrations, answers to commands, what lies in mailboxes. Without it the
/// server is as after its first start, which is said.
fn open_state(config: &Config) -> Arc<Store> {
    let path = config.data_dir.join("state.db");
    let (store, found) = Store::open(&path);
    let path = path.display();
    match found {
        Found::Nothing => tracing::info!(%path, "no registrations, answers and mailboxes from before"),
        Found::Sound => {}
        Found::Damaged { aside, reason } => {
            let aside = aside.display();
            tracing::warn!(%path, %aside, reason, "registrations, answers and mailboxes from before are damaged and set aside");
        }
        Found::Unusable { reason } => {
            tracing::error!(%path, reason, "registrations, answers and mailboxes will not outlive this process");
        }
    }
    Arc::new(store)
}

/// How often it is looked for exports that are old.
const LOOK_FOR_EXPORTS: Duration = Duration::from_secs(600);

/// Deletes exports once their files are older than the configuration says; never if it says so.
pub async fn expire_exports(history: Arc<dyn Exports>, keep_hours: u64, stopping: CancellationToken) {
    if keep_hours == 0 {
        return;
    }
    let (kept_for, clock) = (Duration::from_secs(keep_hours * 3_600), SystemClock::default());
    let mut ticks = tokio::time::interval(LOOK_FOR_EXPORTS);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stopping.cancelled() => return,
        }
        let now = clock.now();
        match history.expire_exports(now - kept_for, now).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "old exports are deleted"),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "old exports are not deleted")
            }
        }
    }
}

/// Opens the history in the data folder.
fn open_history(config: &Config, directory: Arc<Directory>) -> Result<Arc<SqliteHistory>> {
    let mut options = OpenOptions::new(&config.data_dir);
    options.formats = api::export_formats(http::formulas(config));
    options.export_bounds =
        ExportBounds { waiting: config.exports.waiting_of_account, kept: config.exports.kept_of_account };
    options.readers = config.history.readers;
    options.query_limit = Duration::from_secs(config.history.search_seconds.get());
    options.keep_events = Duration::from_secs(config.events.keep_hours * 3_600);
    let after = Duration::from_secs(config.history.seal_after_minutes.saturating_mul(60));
    options.sealing = config.history.seal.then_some(Sealing { after });
    let usual = KeepDays {
        calls: Some(config.history.keep_days),
        recordings: Some(config.history.keep_recordings_days),
    };
    options.retention = Arc::new(move || retention(&directory.snapshot(), usual));
    options.recordings = Some(super::recordings(config));
    let opened = SqliteHistory::open(options);
    let history = opened.with_context(|| format!("the call history in {}", config.data_dir.display()))?;
    Ok(Arc::new(history))
}

/// How long each account's calls are kept: as its customer has it, else as usual.
fn retention(directory: &Snapshot, usual: KeepDays) -> Retention {
    let days = |days: Option<u32>| days.filter(|days| *days > 0);
    let keep = |keep: KeepDays| Keep { calls: days(keep.calls), recordings: days(keep.recordings) };
    let own = directory.entries().accounts.iter().filter_map(|account| {
        let own = directory.customer(account.customer)?.keep;
        let meant =
            KeepDays { calls: own.calls.or(usual.calls), recordings: own.recordings.or(usual.recordings) };
        (own != KeepDays::default()).then(|| (account.id, keep(meant)))
    });
    Retention { usual: keep(usual), accounts: own.collect() }
}

/// Opens the spill file; what it holds goes to the history first.
async fn open_spill(config: &Config, history: &dyn Journal) -> Result<SpillFile> {
    let folder = config.history.spill_dir.as_ref().unwrap_or(&config.data_dir);
    let elsewhere = (folder != &config.data_dir && config.data_dir.join(FILE_NAME).exists())
        .then(|| SpillFile::open(&config.data_dir))
        .transpose()?;
    for (mut file, batches) in elsewhere.into_iter().chain([SpillFile::open(folder)?]) {
        let events = live::replay(history, batches).await;
        let events = events.with_context(|| format!("cannot take over {}", file.path().display()))?;
        if !file.is_empty() {
            tracing::warn!(events, path = %file.path().display(), "the history has taken over the spill file");
            file.clear()?;
        }
        if file.path().parent() == Some(folder) {
            return Ok(file);
        }
    }
    bail!("[history] spill_dir: found {}, accepted: a folder", folder.display())
}

/// Says in one line what was there.
async fn say_what_was_found(
    history: &dyn History,
    directory: &Directory,
    (unfinished_events, interrupted): (usize, usize),
) -> Result<()> {
    let (census, snapshot) = (history.census().await?, directory.snapshot());
    let entries = snapshot.entries();
    tracing::info!(
        records = census.records,
        newest = %census.newest_at.map_or_else(|| "none".to_owned(), shown),
        accounts = entries.accounts.len(),
        devices = entries.devices.len(),
        unfinished_events,
        interrupted,
        quarantined = history.quarantined(),
        "found in the data folder"
    );
    Ok(())
}

fn shown(at: call::Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.as_micros()).map_or_else(|_| "?".to_owned(), |at| at.to_string())
}

/// When new calls are refused for the store's sake.
pub fn limits(config: &Config) -> Limits {
    Limits {
        refuse_after: Duration::from_millis(config.history.refuse_after_ms),
        file: Some(config.data_dir.join(DATABASE)),
        least_free: config.history.min_free_mb << 20,
    }
}

/// How live calls deal with a store that fails.
pub fn live_options(config: &Config, spill: SpillFile) -> LiveOptions {
    LiveOptions {
        spill: Some(spill),
        limits: limits(config),
        flush: Duration::from_secs(config.stop.flush_seconds),
        readers: ReaderLimits {
            in_all: config.events.max_readers,
            of_one: config.events.max_readers_of_client,
        },
    }
}

fn renew(directory: &Directory) -> Result<bool, DirectoryError> {
    let has_changed = directory.has_changed_on_disk()?;
    if has_changed {
        directory.reload()?;
    }
    Ok(has_changed)
}

/// Takes over what another process writes into the directory.
pub async fn watch_directory(directory: Arc<Directory>, every: Duration, stopping: CancellationToken) {
    let mut ticks = tokio::time::interval(every);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stopping.cancelled() => return,
        }
        let directory = directory.clone();
        let renewed = tokio::task::spawn_blocking(move || renew(&directory)).await;
        match renewed {
            Ok(Ok(true)) => tracing::info!("the directory has changed"),
            Ok(Ok(false)) => {}
            Ok(Err(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the directory cannot be read")
            }
            Err(error) => tracing::error!(%error, "the directory cannot be read"),
        }
    }
}

#[cfg(test)]
mod tests {
    use call::AccountId;
    use directory::DirectoryFile;

    use super::*;

    #[test]
    fn a_customer_keeps_its_calls_as_long_as_it_says_else_as_long_as_all() {
        let customer = |name, keep| format!("[[customers]]\nname = '{name}'\n{keep}\n");
        let account = |id, of| format!("[[accounts]]\nid = {id}\nname = 'a'\ncustomer = '{of}'\n");
        let text = [
            "realm = 'r'\n".to_owned(),
            customer("short", "keep_days = 7"),
            customer("ever", "keep_days = 0\nkeep_recordings_days = 90"),
            customer("usual", ""),
            account(1, "short"),
            account(2, "ever"),
            account(3, "usual"),
        ];
        let directory = Directory::in_memory().unwrap();
        directory.apply(&DirectoryFile::parse("directory.toml", &text.concat()).unwrap()).unwrap();
        let usual = KeepDays { calls: Some(365), recordings: Some(0) };
        let retention = retention(&directory.snapshot(), usual);
        let keep = |calls, recordings| Keep { calls, recordings };
        let expected = [keep(Some(7), None), keep(None, Some(90)), keep(Some(365), None)];
        assert_eq!([1, 2, 3].map(|account| retention.of(AccountId(account))), expected);
    }
}
