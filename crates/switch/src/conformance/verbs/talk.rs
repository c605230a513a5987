//! Two phones that talk, and what they are told to do.

use call::{
    CallCommand, CallId, CallRecord, EventKind, LegId, command::LegCommand, event::EndCause, event::Releaser,
};

use crate::{
    SwitchError,
    conformance::{
        Play, Stage,
        commands::{is_talking, up},
        witness::Witness,
    },
};

pub(super) struct Talk {
    pub(super) witness: Witness,
    pub(super) call_id: CallId,
    pub(super) caller: LegId,
    pub(super) called: LegId,
}

impl Talk {
    /// A phone has called another one, and they talk.
    pub(super) async fn begin(stage: &mut impl Stage) -> Self {
        let (mut witness, call) = up(stage, Play::Talks, is_talking).await;
        witness.heed();
        let [caller, called] = [call.legs()[0].id, call.legs()[1].id];
        Self { witness, call_id: call.id(), caller, called }
    }

    /// Another such call; its id, the caller's and the called party's leg.
    pub(super) async fn another(&mut self, stage: &mut impl Stage) -> (CallId, LegId, LegId) {
        stage.play(Play::Talks).await;
        let own = self.call_id;
        let call = self.witness.call_that(|call| call.id() != own && is_talking(call)).await;
        self.witness.heed();
        (call.id(), call.legs()[0].id, call.legs()[1].id)
    }

    pub(super) async fn order(&self, leg_id: LegId, command: LegCommand) -> Result<(), SwitchError> {
        order(&self.witness, self.call_id, leg_id, command).await
    }

    pub(super) async fn ok(&self, leg_id: LegId, command: LegCommand) {
        self.witness.command(CallCommand::Leg { call_id: self.call_id, leg_id, command }).await;
    }

    pub(super) async fn assert_conflict(&self, leg: LegId, command: LegCommand) {
        let outcome = self.order(leg, command.clone()).await;
        assert!(matches!(outcome, Err(SwitchError::Conflict(_))), "{command:?}: {outcome:?}");
    }

    pub(super) async fn assert_not_found(&self, leg: LegId, command: LegCommand) {
        let outcome = self.order(leg, command.clone()).await;
        assert!(matches!(outcome, Err(SwitchError::NotFound)), "{command:?}: {outcome:?}");
    }

    /// The leg of somebody whom a command has called.
    pub(super) async fn newcomer(&mut self) -> LegId {
        let offered = self.witness.told(|kind| matches!(kind, EventKind::LegOffered { .. })).await;
        offered.leg().expect("an offer is about a leg")
    }

    /// Waits for the end of a leg whose party handed the call over.
    pub(super) async fn handed_over(&mut self, by: LegId) {
        let ended = self.witness.told(|kind| is_end_of(kind, by)).await;
        let EventKind::LegEnded { end, .. } = ended else { unreachable!("{ended:?} is an end") };
        assert_eq!((end.by, end.cause), (Releaser::Switch, EndCause::Transferred));
    }

    /// Ends the call; no other is up then, and the switch stops.
    pub(super) async fn hang_up(mut self) -> CallRecord {
        self.witness.command(CallCommand::HangupCall { call_id: self.call_id }).await;
        let record = self.witness.record().await;
        assert_eq!(record.call_id, self.call_id);
        assert!(self.witness.stop().await.is_empty());
        record
    }
}

pub(super) async fn order(
    witness: &Witness,
    call_id: CallId,
    leg_id: LegId,
    command: LegCommand,
) -> Result<(), SwitchError> {
    witness.switch.command(CallCommand::Leg { call_id, leg_id, command }).await
}

pub(super) fn is_end_of(kind: &EventKind, of: LegId) -> bool {
    matches!(kind, EventKind::LegEnded { leg, .. } if *leg == of)
}

pub(super) fn is_bridge(kind: &EventKind) -> bool {
    matches!(kind, EventKind::LegsBridged { .. })
}

/// Whether these two now hear each other.
pub(super) fn is_bridge_of(kind: &EventKind, one: LegId, other: LegId) -> bool {
    matches!(kind, EventKind::LegsBridged { a, b } if [(one, other), (other, one)].contains(&(*a, *b)))
}
