//! A call record in the vendor's words, as one of its accounts sees it.

use std::time::Duration;

use call::{
    AccountId, CallRecord,
    event::EndCause,
    record::{Interaction, InteractionKind, Own, ReleasedBy},
};
use directory::Snapshot;
use history::Annotations;

use crate::{
    dates,
    dto::IList,
    state::HostedSuiteConfig,
    wire::calls::{CallRecordInfo, CallRecordInteractionInfo, ReceptionCallTypesApi},
};

/// What is needed to show records.
pub struct Viewer<'a> {
    /// Says what accounts are called.
    pub directory: &'a Snapshot,
    /// Says in which zone dates are shown.
    pub config: &'a HostedSuiteConfig,
}

impl Viewer<'_> {
    /// The record, as `account` sees it, with what it noted.
    pub fn show(&self, account: AccountId, record: &CallRecord, noted: Annotations) -> CallRecordInfo {
        let (times, client) = (&record.times, self.directory.account(account));
        let own = record.own_of(account);
        let is_outbound = record.sides_of(account).is_none_or(|sides| sides.is_outbound());
        let call_type =
            if is_outbound { ReceptionCallTypesApi::Outgoing } else { ReceptionCallTypesApi::Incoming };
        CallRecordInfo {
            id: Some(record.call_id.to_string()),
            client_id: client.map(|client| client.uuid.to_string()),
            client_name: client.map(|client| client.name.to_string()),
            center_id: client.and_then(|client| client.center).map(|center| center.to_string()),
            start_time: Some(dates::print(record.started_at, &self.config.time_zone)),
            caller_name: record.caller_name.as_deref().map(str::to_owned),
            caller_number: Some(record.caller_routed.to_string()),
            transfer_to_name: own.transferred_to_name().map(str::to_owned),
            transfer_to_number: own.transferred_to_number().map(ToString::to_string),
            notes: noted.notes,
            duration_in_seconds: seconds(times.total()),
            ring_time_in_seconds: seconds(times.pdd + times.ring),
            hold_time_in_seconds: seconds(times.hold),
            hold_count: i32::try_from(record.hold_count).unwrap_or(i32::MAX),
            interactions: Some(IList(
                record.interactions.iter().map(|it| self.interaction(record, &own, it)).collect(),
            )),
            answered_by: own.answered_by().map(str::to_owned),
            server: Some(self.config.server.clone()),
            talk_time_in_seconds: seconds(times.talk),
            transfer_time_in_seconds: seconds(times.transfer),
            screen_pop: own.screen_pop().map(str::to_owned),
            completed_form_ids: Some(IList(noted.form_ids)),
            flagged: noted.is_flagged,
            flag_notes: noted.flag_notes,
            call_type: Some(call_type.word().to_owned()),
            work_time_in_seconds: seconds(noted.work),
        }
    }

    /// Of what the other side did, what and when is shown, not who and whereto.
    fn interaction(
        &self,
        record: &CallRecord,
        own: &Own<'_>,
        interaction: &Interaction,
    ) -> CallRecordInteractionInfo {
        let (kind, what, toward) = words(interaction.kind);
        let is_end = interaction.kind == InteractionKind::HungUp && interaction.at == record.ended_at;
        let what = if is_end { ending(record) } else { what };
        let is_own = own.did(interaction);
        let target = interaction.target.as_ref().filter(|_| is_own);
        let target = target.map(|target| format!(" {toward} {target}")).unwrap_or_default();
        let by = interaction.by.as_ref().filter(|_| is_own).map(|by| format!(" by {by}")).unwrap_or_default();
        CallRecordInteractionInfo {
            start_time: Some(dates::print(interaction.at, &self.config.time_zone)),
            kind: Some(kind.to_owned()),
            description: Some(format!("{what}{target}{by}")),
        }
    }
}

/// To the microsecond, which is what records keep: so the parts add up, and a filter with a length that was
/// shown finds the record that showed it.
fn seconds(length: Duration) -> f64 {
    length.as_micros() as f64 / 1e6
}

/// How a call ended. Nobody is named as the one who did it if that was the API or the switch.
fn ending(record: &CallRecord) -> &'static str {
    match record.cause {
        EndCause::Normal if record.released_by == ReleasedBy::Command => "Hung up by the API",
        EndCause::Normal | EndCause::AnsweredElsewhere | EndCause::Transferred => "Hung up",
        EndCause::Busy => "Refused as busy",
        EndCause::NoAnswer => "Not answered",
        EndCause::Cancelled => "Abandoned",
        EndCause::Rejected => "Rejected",
        EndCause::NoRoute => "Ended for want of such a number",
        EndCause::Unavailable => "Ended as unavailable",
        EndCause::Limit => "Ended by a limit",
        EndCause::Failed => "Failed",
        EndCause::Interrupted => "Interrupted",
    }
}

/// The vendor's word, ours, and what leads to its target. He has none for parking: the caller is put on hold.
fn words(kind: InteractionKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        InteractionKind::Answered => ("Answer", "Answered", ""),
        InteractionKind::Held => ("Hold", "Put on hold", ""),
        InteractionKind::Parked => ("Hold", "Parked", "in"),
        InteractionKind::Retrieved => ("Retrieved", "Retrieved", ""),
        InteractionKind::TransferAttempted => ("TransferAttempt", "Transfer attempted", "to"),
        InteractionKind::TransferCompleted => ("TransferCompleted", "Transfer completed", ""),
        InteractionKind::TransferStopped => ("TransferStopped", "Transfer stopped", ""),
        InteractionKind::HungUp => ("Hangup", "Hung up", ""),
    }
}
