//! What became of a command: one wait for all of them, on the events that tell.

use std::time::Duration;

use call::{
    Call, CallCommand, EventKind, Leg, LegId, Registry,
    command::LegCommand,
    event::{CallEvent, EndCause},
};

use tokio::time::{Instant, timeout, timeout_at};

use super::LegAddress;
use crate::{CommandError, Live};

/// How long a command waits for its outcome to be seen. The outcome comes all the same if it takes longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long it waits for somebody who rings.
const PATIENCE_WITH_RINGING: Duration = Duration::from_secs(1);

/// What became of a command that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done: the live calls show it.
    Done,
    /// It waits for somebody who rings, or takes longer than a client should wait. The call tells what comes of
    /// it.
    UnderWay,
}

/// What the live calls tell of a command.
pub(super) enum Progress {
    /// Nothing yet.
    None,
    /// That it waits for somebody who rings: there is little sense in waiting along.
    Ringing,
    /// That it is done.
    Done,
    /// That it came to nothing: for this reason of who was to be got for it, if there was one.
    Failed(Option<EndCause>),
}

impl Progress {
    /// Done if that is so.
    pub(super) fn done_if(is_so: bool) -> Self {
        if is_so { Self::Done } else { Self::None }
    }
}

impl Live {
    /// Has the switch do this, and waits until `progress` tells what became of it: for a while.
    pub(super) async fn carry_out(
        &self,
        command: CallCommand,
        progress: impl Fn(&Registry) -> Progress,
    ) -> Result<Outcome, CommandError> {
        let work = async {
            self.switch.command(self.resolved(command)).await?;
            let told = self.watch(progress).await;
            match told {
                Progress::None | Progress::Ringing => Ok(Outcome::UnderWay),
                Progress::Done => Ok(Outcome::Done),
                Progress::Failed(cause) => Err(CommandError::Failed(cause)),
            }
        };
        timeout(PATIENCE, work).await.unwrap_or(Ok(Outcome::UnderWay))
    }

    /// The command for the call that there is: a client may know it by the id of one that was merged into it.
    fn resolved(&self, command: CallCommand) -> CallCommand {
        let calls = self.snapshot();
        match command {
            CallCommand::Leg { call_id, leg_id, command } => {
                CallCommand::Leg { call_id: calls.resolve(call_id), leg_id, command }
            }
            CallCommand::HangupCall { call_id } => {
                CallCommand::HangupCall { call_id: calls.resolve(call_id) }
            }
            CallCommand::Originate(originate) => CallCommand::Originate(originate),
        }
    }

    /// The same for a leg: `progress` is asked about its call and itself, as long as both are there. A leg that
    /// has ended can do nothing more.
    pub(super) async fn carry_out_on(
        &self,
        at: LegAddress<'_>,
        command: LegCommand,
        progress: impl Fn(&Call, &Leg) -> Progress,
    ) -> Result<Outcome, CommandError> {
        let LegAddress { call_id, leg_id, .. } = at;
        let command = CallCommand::Leg { call_id, leg_id, command };
        self.carry_out(command, |calls| {
            let call = calls.call(at.account, at.call_id);
            let found = call.and_then(|call| Some((call, call.leg(at.leg_id)?)));
            found.map_or(Progress::Failed(None), |(call, leg)| match progress(call, leg) {
                Progress::None if leg.is_ended() => Progress::Failed(leg.end.as_ref().map(|end| end.cause)),
                told => told,
            })
        })
        .await
    }

    /// What the published calls tell, once they tell anything.
    async fn watch(&self, progress: impl Fn(&Registry) -> Progress) -> Progress {
        let mut changed = self.published.changed.subscribe();
        let mut gives_up_at = None;
        loop {
            match progress(&self.published.registry.load()) {
                Progress::None => {}
                Progress::Ringing => {
                    gives_up_at.get_or_insert(Instant::now() + PATIENCE_WITH_RINGING);
                }
                told => return told,
            }
            let has_changed = match gives_up_at {
                Some(at) => timeout_at(at, changed.changed()).await.is_ok_and(|changed| changed.is_ok()),
                None => changed.changed().await.is_ok(),
            };
            if !has_changed {
                return Progress::Ringing;
            }
        }
    }
}

/// What a call was when a command was given: what happened since is due to the command.
pub(super) struct Before {
    events: usize,
}

impl Before {
    pub(super) fn of(call: &Call) -> Self {
        Self { events: call.events().len() }
    }

    fn since<'a>(&self, call: &'a Call) -> impl DoubleEndedIterator<Item = &'a CallEvent> {
        call.events().iter().skip(self.events).map(AsRef::as_ref)
    }

    /// Whether this has happened since.
    pub(super) fn has(&self, call: &Call, is_it: impl Fn(&EventKind) -> bool) -> bool {
        self.since(call).any(|event| is_it(&event.kind))
    }

    /// How those stand who were called up since.
    pub(super) fn called_up(&self, call: &Call) -> CalledUp {
        let is_new = |leg: &LegId| {
            self.has(call, |kind| matches!(kind, EventKind::LegOffered { leg: new, .. } if new == leg))
        };
        let mut legs = call.legs().iter().filter(|leg| is_new(&leg.id)).peekable();
        if legs.peek().is_none() {
            return CalledUp::Nobody;
        }
        let legs: Vec<&Leg> = legs.collect();
        if legs.iter().any(|leg| leg.is_pending() && leg.ringing_at.is_some()) {
            return CalledUp::Ringing;
        }
        let last = legs.iter().max_by_key(|leg| leg.ended_at);
        match last.and_then(|leg| leg.end.as_ref()).filter(|_| legs.iter().all(|leg| leg.is_ended())) {
            Some(end) => CalledUp::Gone(end.cause),
            None => CalledUp::Tried,
        }
    }
}

/// How those stand who are called up for a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CalledUp {
    /// Nobody is yet.
    Nobody,
    /// They have not been heard of, or have answered.
    Tried,
    /// One of them rings.
    Ringing,
    /// All are gone, the last for this reason.
    Gone(EndCause),
}
