//! The thread that the switch runs in.
//!
//! One thread takes all of SIP: a call costs it a fraction of a millisecond, and what its tasks would lose
//! by waking each other on other cores is more than they would win. Media and the events' readers run
//! elsewhere.

use std::{
    path::Path,
    sync::{Arc, atomic::AtomicBool},
    thread::{self, JoinHandle},
};

use ::switch::{Clock, EventSink};
use parking_lot::Mutex;
use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
};
use tokio_util::sync::CancellationToken;

use crate::{
    config::{DirectorySource, MediaMode, SipConfig},
    core::Core,
    dialogs::Dialogs,
    digest::Authenticator,
    driver::Driver,
    error::SipError,
    media::{MediaRelay, Recorder},
    names::Names,
    notifier::{self, Notifier},
    page::Pages,
    refusal::Refused,
    registrar::{self, Bindings},
    sounds::Sounds,
    stack::Stack,
    transport::{Intake, Network, Overload},
    trunks::{self, Trunks},
};

/// The running thread.
pub(crate) struct Server {
    stop: CancellationToken,
    ended: CancellationToken,
    /// Gone once it was waited for.
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Server {
    /// Stops the thread; it and its sockets are gone when this returns.
    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.ended.cancelled().await;
        if let Some(thread) = self.thread.lock().take() {
            // It has nothing left to do but to end. What it panicked over is told already.
            let _ = thread.join();
        }
    }
}

/// Whoever drops the switch wants its sockets back.
impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Opens the listeners and serves them in a new thread.
pub(crate) async fn start(
    config: SipConfig,
    directory: Arc<dyn DirectorySource>,
    events: EventSink,
    clock: Arc<dyn Clock>,
) -> Result<(Arc<Core>, Server), SipError> {
    let stop = CancellationToken::new();
    let ended = CancellationToken::new();
    let runtime = runtime().map_err(SipError::Thread)?;
    let (opened, is_open) = oneshot::channel();
    let (stopped, end) = (stop.clone(), ended.clone().drop_guard());
    let serve = move || {
        runtime.block_on(async {
            let core = open(config, directory, events, clock, &stopped).await;
            // Whoever started the switch has gone: then nobody wants it.
            if opened.send(core).is_ok() {
                stopped.cancelled().await;
            }
        });
        drop(runtime);
        drop(end);
    };
    let thread = thread::Builder::new().name("sip".to_owned()).spawn(serve).map_err(SipError::Thread)?;
    let core = is_open.await.map_err(|_| SipError::Thread(std::io::ErrorKind::BrokenPipe.into()))??;
    Ok((core, Server { stop, ended, thread: Mutex::new(Some(thread)) }))
}

/// What other threads have woken (the driver, for a commit of the journal) has its turn next. By default it would
/// have it after every 31 turns of the thread's own tasks, and wait for seconds once these never run out.
fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().global_queue_interval(1).build()
}

async fn open(
    config: SipConfig,
    directory: Arc<dyn DirectorySource>,
    events: EventSink,
    clock: Arc<dyn Clock>,
    stop: &CancellationToken,
) -> Result<Arc<Core>, SipError> {
    let network = Network::open(&config, stop).await?;
    let relay = match &config.media {
        MediaMode::Anchored(config) => Some(MediaRelay::new(config.clone())?),
        MediaMode::Direct => None,
    };
    if let (Some(relay), Some(most)) = (&relay, config.transcoded_streams) {
        relay.transcode_at_most(most);
    }
    let sounds = relay.is_some().then(|| Sounds::open(&config.sounds)).transpose()?;
    let recorder = recorder(&config)?;
    let (driver, inbox) = Driver::new();
    let stack = Stack::new(config.t1, clock.clone(), driver.posts());
    let notifier = Arc::new(Notifier::default());
    let core = Arc::new(Core {
        authenticator: Authenticator::new(&config),
        events: heard(events, &directory, &notifier),
        directory,
        clock,
        stack,
        network,
        overload: Overload::default(),
        relay,
        sounds,
        recorder,
        bindings: Bindings::new(config.registrations.clone()),
        dialogs: Dialogs::default(),
        trunks: Trunks::default(),
        names: Names::new(&config.name_servers),
        pages: Pages::default(),
        notifier,
        refused: Refused::default(),
        is_stopping: AtomicBool::new(false),
        driver,
        config,
    });
    inbox.serve(&core);
    core.stack.tasks.spawn(core.stack.clone().run());
    let intake = Arc::new(Intake::new(core.clone()));
    core.network.serve(&intake, &core.stack.tasks, stop);
    // Nothing that has come is looked at before this function waits for something.
    registrar::restore(&core);
    core.stack.tasks.spawn(registrar::tell_lapsed(core.clone()));
    core.stack.tasks.spawn(trunks::follow(core.clone()));
    core.stack.tasks.spawn(notifier::run(core.clone()));
    listen_to_mailboxes(&core);
    Ok(core)
}

/// The way of events, with the notifier listening.
fn heard(events: EventSink, directory: &Arc<dyn DirectorySource>, notifier: &Arc<Notifier>) -> EventSink {
    let (directory, notifier) = (directory.clone(), notifier.clone());
    events.heard_by(move |event| notifier.hear(event, || directory.snapshot()))
}

fn listen_to_mailboxes(core: &Core) {
    let notifier = core.notifier.clone();
    core.config.mailboxes.listen(move |account, extension| notifier.mailbox_changed(account, extension));
}

fn recorder(config: &SipConfig) -> Result<Option<Recorder>, SipError> {
    let is_anchored = matches!(config.media, MediaMode::Anchored(_));
    let folder = config.recordings.as_deref().filter(|_| is_anchored);
    let start = |path: &Path| {
        Recorder::start(path).map_err(|source| SipError::Recordings { path: path.to_owned(), source })
    };
    folder.map(start).transpose()
}
