//! The tasks that send: one for each hook.

use std::{collections::HashMap, error::Error, sync::Arc, time::Duration};

use bytes::Bytes;
use call::Timestamp;
use directory::{Access, Snapshot};
use events::{envelope, gap};
use history::LogEntry;
use live::{Feed, FeedItem, Live};
use tokio::time::sleep;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    DeadLetter, Hook, HookId, Webhooks,
    delivery::{Next, Outcome},
    post::{Letter, PostError, Poster},
    signature::signatures,
};

/// How long at most until it is looked again whether a hook may send.
const LOOK: Duration = Duration::from_secs(60);
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
    poster: Poster,
}

impl Webhooks {
    /// Sends until told to stop.
    pub async fn run(
        self: Arc<Self>,
        live: Arc<Live>,
        directory: DirectorySource,
        stopping: CancellationToken,
    ) {
        let poster = Poster::new(self.allows_private);
        let mut changed = self.changed.subscribe();
        let office = Office { hooks: self, live, directory, poster };
        let (tasks, mut running) = (TaskTracker::new(), HashMap::<HookId, CancellationToken>::new());
        loop {
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
                () = stopping.cancelled() => break,
            }
        }
        tasks.close();
        tasks.wait().await;
    }
}

impl Office {
    /// Sends what is for a hook, as long as it is there.
    async fn carry(self, id: HookId) {
        while let Some(hook) = self.hooks.find(id) {
            let now = self.live.clock().now();
            match hook.delivery.may_send_at() {
                Some(at) if at <= now => {
                    let directory = (self.directory)();
                    let Some(access) = directory.access_of_account(hook.account) else { return };
                    let feed = self.live.follow(&access, hook.filter(), hook.delivery.cursor);
                    if self.send_on(id, feed, &access).await.is_none() {
                        return;
                    }
                }
                waits => self.wait(waits.map_or(LOOK, |at| at.since(now).min(LOOK))).await,
            }
        }
    }

    async fn wait(&self, long: Duration) {
        let mut changed = self.hooks.changed.subscribe();
        tokio::select! {
            () = sleep(long) => {}
            _ = changed.changed() => {}
        }
    }

    /// Sends event by event until one is not taken, or the hook is changed; `None` when the server stops.
    async fn send_on(&self, id: HookId, mut feed: Feed, access: &Access) -> Option<()> {
        let mut changed = self.hooks.changed.subscribe();
        loop {
            let item = tokio::select! {
                item = feed.next() => item?,
                _ = changed.changed() => return Some(()),
            };
            let hook = self.hooks.find(id).filter(|hook| hook.delivery.may_send_at().is_some());
            let Some(hook) = hook else { return Some(()) };
            let (number, body) = match item {
                FeedItem::Event(entry) if !hook.wanted.kinds.wants(&entry) => {
                    self.pass_over(&hook, &entry);
                    continue;
                }
                FeedItem::Event(entry) => (entry.number, serde_json::to_vec(&envelope(&entry, access))),
                FeedItem::Gap(numbers) => (numbers.end - 1, serde_json::to_vec(&gap(&numbers))),
            };
            if !self.send(&hook, number, body.unwrap_or_default().into()).await {
                return Some(());
            }
        }
    }

    fn pass_over(&self, hook: &Hook, entry: &LogEntry) {
        if entry.number >= hook.delivery.cursor + PASSED_OVER {
            self.hooks.note(hook.id, |delivery| delivery.advance(entry.number));
        }
    }

    /// Sends one event; says whether to go on with the next.
    async fn send(&self, hook: &Hook, number: u64, body: Bytes) -> bool {
        let (outcome, status) = self.ask(hook, number, &body).await;
        let now = self.live.clock().now();
        let mut next = None;
        self.hooks.note(hook.id, |delivery| next = Some(delivery.on_outcome(outcome, number, now)));
        match next {
            Some(Next::Advance) => true,
            Some(Next::PutAside) => {
                tracing::warn!(hook = %hook.id, number, status, "an event is put aside, as its receiver refuses it");
                let body = String::from_utf8_lossy(&body).into_owned();
                let letter = DeadLetter { number, at: now.as_micros(), status: status.unwrap_or(0), body };
                self.hooks.put_aside(hook.id, letter, now);
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

    async fn ask(&self, hook: &Hook, number: u64, body: &Bytes) -> (Outcome, Option<u16>) {
        let letter = letter(hook, number, body, self.live.clock().now());
        match self.poster.post(&hook.url, &letter).await {
            Ok(status) => (Outcome::of(status), Some(status)),
            Err(error) => {
                say(hook.id, &error);
                (Outcome::Failed, None)
            }
        }
    }
}

impl Webhooks {
    /// Sends what was put aside once more; gives the status of the answer, and lets go of it if that is 2xx. `None`
    /// if there is no such letter, or no answer.
    pub async fn replay(&self, hook: &Hook, number: u64, now: Timestamp) -> Option<u16> {
        let letter = self.letters(hook.id).into_iter().find(|letter| letter.number == number)?;
        let sent = self::letter(hook, number, &letter.body.into(), now);
        let status = Poster::new(self.allows_private).post(&hook.url, &sent).await;
        let status = status.inspect_err(|error| say(hook.id, error)).ok()?;
        if Outcome::of(status) == Outcome::Taken {
            self.forget(hook.id, number);
        }
        Some(status)
    }
}

/// The same event has the same id, however often it is sent.
fn letter(hook: &Hook, number: u64, body: &Bytes, now: Timestamp) -> Letter {
    let id = format!("msg_{}_{number}", hook.id.0.simple());
    let timestamp = now.as_micros() / 1_000_000;
    let signature = signatures(hook.counting(now), (&id, timestamp, body));
    let content_type = "application/cloudevents+json";
    Letter { id, timestamp, signature, content_type, body: body.clone() }
}

fn say(hook: HookId, error: &PostError) {
    tracing::debug!(%hook, error = error as &dyn Error, "a webhook is not taken");
}
