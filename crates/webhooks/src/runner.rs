//! The tasks that send: one for each hook.

use std::{collections::HashMap, error::Error, sync::Arc, time::Duration};

use call::Timestamp;
use directory::{Access, Snapshot};
use live::{Feed, FeedItem, Live};
use tokio::{sync::watch, time::sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Hook, HookId, Webhooks,
    delivery::{Next, Outcome},
    message::{Message, Reader},
    post::PostError,
};

/// How often it is looked whether the directory is another.
const GLANCE: Duration = Duration::from_secs(1);
/// How long a hook that has ended is kept, to be renewed.
const PURGE: Duration = Duration::from_secs(10 * 86_400);
/// How long at most until it is looked again whether a hook may send, and until the place of a quiet one is noted.
const LOOK: Duration = Duration::from_secs(60);
/// How long to wait when the history cannot be asked.
const RETRY: Duration = Duration::from_secs(1);
/// Events that a hook passes over before its place is written down.
const PASSED_OVER: u64 = 1_000;

/// Gives the directory as it is now.
type DirectorySource = Arc<dyn Fn() -> Arc<Snapshot> + Send + Sync>;

/// What all tasks share.
#[derive(Clone)]
struct Office {
    hooks: Arc<Webhooks>,
    live: Arc<Live>,
    directory: DirectorySource,
}

impl Webhooks {
    /// Sends until told to stop.
    pub async fn run(
        self: Arc<Self>,
        live: Arc<Live>,
        directory: DirectorySource,
        stopping: CancellationToken,
    ) {
        let mut changed = self.changed.subscribe();
        let office = Office { hooks: self, live, directory };
        let (tasks, mut running) = (TaskTracker::new(), HashMap::<HookId, CancellationToken>::new());
        let mut known = None;
        loop {
            office.take_over(&mut known);
            changed.borrow_and_update();
            let ids = office.hooks.ids();
            running.retain(|id, stop| {
                let is_there = ids.contains(id);
                if !is_there {
                    stop.cancel();
                }
                is_there
            });
            for id in ids {
                running.entry(id).or_insert_with(|| {
                    let (office, stop) = (office.clone(), stopping.child_token());
                    let stopped = stop.clone();
                    tasks.spawn(async move { stopped.run_until_cancelled(office.carry(id)).await });
                    stop
                });
            }
            tokio::select! {
                _ = changed.changed() => {}
                () = sleep(GLANCE) => {}
                () = stopping.cancelled() => break,
            }
        }
        tasks.close();
        tasks.wait().await;
    }
}

impl Office {
    /// Has the hooks of the directory be as it says, if it is another than the one that is known.
    fn take_over(&self, known: &mut Option<Arc<Snapshot>>) {
        let directory = (self.directory)();
        if known.as_ref().is_some_and(|known| Arc::ptr_eq(known, &directory)) {
            return;
        }
        let place = (self.live.clock().now(), self.live.latest_event());
        self.hooks.take_over(&directory, place);
        *known = Some(directory);
    }

    /// Sends what is for a hook, as long as it is there.
    async fn carry(self, id: HookId) {
        // Seen from before the hook is looked at, so that no change is missed.
        let mut changed = self.hooks.changed.subscribe();
        while let Some(hook) = self.hooks.find(id) {
            let now = self.live.clock().now();
            if hook.has_expired(now) {
                if hook.expires_at.is_some_and(|end| now >= end + PURGE) {
                    self.hooks.remove(hook.account, id);
                }
                wait(&mut changed, LOOK).await;
                continue;
            }
            let access = self.access(&hook).filter(|_| self.hooks.formats.of(&hook).is_some());
            match (hook.delivery.may_send_at(), access) {
                (Some(at), Some(access)) if at <= now => {
                    let feed = self.live.follow(&access, hook.filter(), hook.delivery.cursor);
                    if self.send_on(id, feed, &mut changed).await.is_none() {
                        return;
                    }
                }
                (Some(at), Some(_)) => wait(&mut changed, at.since(now).min(LOOK)).await,
                // It is paused, or its account or its format is not there.
                (None, _) | (_, None) => wait(&mut changed, LOOK).await,
            }
        }
    }

    /// What its account may know now.
    fn access(&self, hook: &Hook) -> Option<Access> {
        (self.directory)().access_of_account(hook.account)
    }

    /// What is sent for an item. What cannot be looked up now is asked for again.
    async fn message(&self, hook: &Hook, access: &Access, item: &FeedItem) -> Option<Message> {
        let (directory, live) = ((self.directory)(), &self.live);
        let format = self.hooks.formats.of(hook)?;
        let reader = Reader { hook, format, access, directory: &directory, live };
        loop {
            match reader.message(item).await {
                Ok(message) => return message,
                Err(error) => {
                    tracing::warn!(hook = %hook.id, error = &error as &dyn Error, "a webhook waits for the history");
                    sleep(RETRY).await;
                }
            }
        }
    }

    /// Sends event by event until one is not taken, the hook is changed, or nothing has come for a while; `None` when
    /// the server stops.
    async fn send_on(&self, id: HookId, mut feed: Feed, changed: &mut watch::Receiver<()>) -> Option<()> {
        loop {
            let item = tokio::select! {
                item = feed.next() => item?,
                _ = changed.changed() => break,
                () = sleep(LOOK) => break,
            };
            let may_send = |hook: &Arc<Hook>| {
                hook.delivery.may_send_at().is_some() && !hook.has_expired(self.live.clock().now())
            };
            let Some(hook) = self.hooks.find(id).filter(may_send) else { return Some(()) };
            let Some(access) = self.access(&hook) else { return Some(()) };
            let through = feed.through();
            match self.message(&hook, &access, &item).await {
                Some(message) if self.send(&hook, &message, through).await => {}
                Some(_) => return Some(()),
                None => self.pass_over(&hook, through, PASSED_OVER),
            }
        }
        if let Some(hook) = self.hooks.find(id) {
            self.pass_over(&hook, feed.through(), 1);
        }
        Some(())
    }

    /// Notes the place of a hook once so many events were not for it.
    fn pass_over(&self, hook: &Hook, through: u64, events: u64) {
        if through >= hook.delivery.cursor + events {
            self.hooks.note(hook.id, |delivery| delivery.pass_over(through));
        }
    }

    /// Sends a message, with which everything up to `through` is done; says whether to go on with the next.
    async fn send(&self, hook: &Hook, message: &Message, through: u64) -> bool {
        let (outcome, status) = self.ask(hook, message).await;
        let now = self.live.clock().now();
        let mut next = None;
        self.hooks.note(hook.id, |delivery| next = Some(delivery.on_outcome(outcome, through, now)));
        match next {
            Some(Next::Advance) => true,
            Some(Next::PutAside) => {
                let number = message.number;
                tracing::warn!(hook = %hook.id, number, status, "an event is put aside, as its receiver refuses it");
                self.hooks.put_aside(hook.id, message.refused(status, now), now);
                true
            }
            // It was removed or paused meanwhile.
            Some(Next::Wait(_)) | None => false,
            Some(Next::Pause) => {
                tracing::warn!(hook = %hook.id, status, "a webhook is paused");
                false
            }
        }
    }

    async fn ask(&self, hook: &Hook, message: &Message) -> (Outcome, Option<u16>) {
        let Some(format) = self.hooks.formats.of(hook) else { return (Outcome::Failed, None) };
        let letter = message.letter(hook, format, self.live.clock().now());
        match self.hooks.poster().post(&hook.url, &letter).await {
            Ok(status) => (Outcome::of(status), Some(status)),
            Err(error) => {
                say(hook.id, &error);
                (Outcome::Failed, None)
            }
        }
    }
}

async fn wait(changed: &mut watch::Receiver<()>, long: Duration) {
    tokio::select! {
        () = sleep(long) => {}
        _ = changed.changed() => {}
    }
}

/// What became of a message that was sent once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Whether it was taken, and is no longer put aside.
    pub taken: bool,
    /// The status of the answer; `None` if there was none.
    pub status: Option<u16>,
}

impl Webhooks {
    /// Sends what was put aside once more, and lets go of it if it is taken; `None` if there is no such letter.
    pub async fn replay(&self, hook: &Hook, number: u64, now: Timestamp) -> Option<Replayed> {
        let message = Message::from(self.letter(hook.id, number)?);
        let letter = message.letter(hook, self.formats.of(hook)?, now);
        let answer = self.poster().post(&hook.url, &letter).await;
        let status = answer.inspect_err(|error| say(hook.id, error)).ok();
        let taken = status.is_some_and(|status| Outcome::of(status) == Outcome::Taken);
        if taken {
            self.forget(hook.id, number);
        }
        Some(Replayed { taken, status })
    }
}

fn say(hook: HookId, error: &PostError) {
    tracing::debug!(%hook, error = error as &dyn Error, "a webhook is not taken");
}
