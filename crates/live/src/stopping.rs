//! The end of a server, step by step. A stop that has begun is carried through, whoever waits for it; being told
//! again hastens it and skips nothing that keeps what was acknowledged.

use std::time::Duration;

use switch::SharedSwitch;
use tokio::{sync::watch, task::JoinHandle, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::Kept;

/// How far a server is with its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It takes calls.
    Running,
    /// No new calls; those that are up may end by themselves.
    Draining,
    /// Those that are still up are ended.
    EndingCalls,
    /// What was told of calls is handed to the store.
    Flushing,
    /// All is written.
    Done(Kept),
}

impl Phase {
    /// Its name in a word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Draining => "draining",
            Self::EndingCalls => "ending calls",
            Self::Flushing => "flushing",
            Self::Done(_) => "done",
        }
    }
}

/// Tells a stop to be quick.
#[derive(Clone, Default)]
pub(crate) struct Haste {
    /// Calls are ended now.
    pub(crate) end_calls: CancellationToken,
    /// What the store has not taken is left to the spill file now.
    pub(crate) leave_spilled: CancellationToken,
}

impl Haste {
    /// How long a store that fails is waited for: so long from the stop of the writer on, and no longer once
    /// somebody is in haste.
    pub(crate) fn patience(
        &self,
        stopping: CancellationToken,
        flush: Duration,
    ) -> impl Future<Output = ()> + use<> {
        let in_haste = self.leave_spilled.clone();
        async move {
            stopping.cancelled().await;
            tokio::select! {
                () = sleep(flush) => {}
                () = in_haste.cancelled() => {}
            }
        }
    }

    /// Hastens what is being done in this phase.
    pub(crate) fn hasten(&self, phase: &Phase) {
        match phase {
            Phase::Running | Phase::Done(_) => {}
            Phase::Draining => self.end_calls.cancel(),
            Phase::EndingCalls | Phase::Flushing => self.leave_spilled.cancel(),
        }
    }
}

/// What a stop works on.
pub(crate) struct Stop {
    pub(crate) switch: SharedSwitch,
    pub(crate) phase: watch::Sender<Phase>,
    pub(crate) haste: Haste,
    pub(crate) stopping: CancellationToken,
    pub(crate) writer: JoinHandle<Kept>,
    pub(crate) others: Vec<JoinHandle<()>>,
}

impl Stop {
    /// Goes through all phases.
    pub(crate) async fn run(self, grace: Duration) {
        self.end_calls(grace).await;
        self.enter(Phase::Flushing);
        self.stopping.cancel();
        for task in self.others {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the live calls did not end well");
            }
        }
        let kept = self.writer.await.unwrap_or_else(|error| {
            tracing::error!(%error, "the writer did not end well");
            Kept::Unknown
        });
        tracing::info!(phase = "done", "stopping");
        self.phase.send_replace(Phase::Done(kept));
    }

    async fn end_calls(&self, grace: Duration) {
        self.enter(Phase::Draining);
        let mut drained = std::pin::pin!(self.switch.stop(grace));
        tokio::select! {
            () = &mut drained => return,
            () = sleep(grace) => {}
            () = self.haste.end_calls.cancelled() => {}
        }
        self.enter(Phase::EndingCalls);
        tokio::join!(drained, self.switch.stop(Duration::ZERO));
    }

    fn enter(&self, phase: Phase) {
        tracing::info!(phase = phase.name(), "stopping");
        self.phase.send_replace(phase);
    }
}
