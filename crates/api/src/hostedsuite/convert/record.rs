//! A call record in the vendor's words, as one of its accounts sees it.

use std::time::Duration;

use call::{
    AccountId, CallRecord,
    record::{Interaction, InteractionKind},
};
use directory::{Snapshot, model::Account};

use super::own::Own;

use crate::{
    config::HostedSuiteConfig,
    hostedsuite::{
        dates,
        wire::calls::{CallRecordInfo, CallRecordInteractionInfo, CallType},
    },
};

/// What is needed to show records.
pub struct Viewer<'a> {
    /// Says what accounts are called.
    pub directory: &'a Snapshot,
    /// Says in which zone dates are shown.
    pub config: &'a HostedSuiteConfig,
}

impl Viewer<'_> {
    /// The record, as `account` sees it.
    pub fn show(&self, account: AccountId, record: &CallRecord) -> CallRecordInfo {
        let (times, client) = (&record.times, self.directory.account(account));
        let own = Own { record, customer: client.map(|client| client.customer) };
        let target = own.transferred_to();
        let is_outbound = record.sides_of(account).is_none_or(|sides| sides.is_outbound());
        let call_type = if is_outbound { CallType::Outgoing } else { CallType::Incoming };
        CallRecordInfo {
            id: Some(record.call_id.to_string()),
            client_id: client.map(|client| client.uuid.to_string()),
            client_name: client.map(|client| client.name.to_string()),
            center_id: client.and_then(|client| client.center).map(|center| center.to_string()),
            start_time: Some(dates::print(record.started_at, &self.config.time_zone)),
            caller_name: record.caller_name.as_deref().map(str::to_owned),
            caller_number: Some(record.caller_routed.to_string()),
            transfer_to_name: own_name(&own, target.and_then(|target| target.name.as_deref())),
            transfer_to_number: target.map(|target| target.number.to_string()),
            duration_in_seconds: seconds(times.total()),
            ring_time_in_seconds: seconds(times.pdd + times.ring),
            hold_time_in_seconds: seconds(times.hold),
            hold_count: record.hold_count,
            interactions: Some(record.interactions.iter().map(|it| self.interaction(&own, it)).collect()),
            answered_by: own_name(&own, record.answered_by.as_deref()),
            server: Some(self.config.server.clone()),
            talk_time_in_seconds: seconds(times.talk),
            transfer_time_in_seconds: seconds(times.transfer),
            screen_pop: screen_pop(client, record),
            call_type: Some(call_type.name().to_owned()),
            ..CallRecordInfo::default()
        }
    }

    /// Of what the other side did, what and when is shown, not who and whereto.
    fn interaction(&self, own: &Own<'_>, interaction: &Interaction) -> CallRecordInteractionInfo {
        let (kind, what, toward) = words(interaction.kind);
        let is_own = own.did(interaction);
        let target = interaction.target.as_ref().filter(|_| is_own);
        let target = target.map(|target| format!(" {toward} {target}")).unwrap_or_default();
        let by = interaction.by.as_ref().filter(|_| is_own).map(|by| format!(" by {by}")).unwrap_or_default();
        CallRecordInteractionInfo {
            start_time: dates::print(interaction.at, &self.config.time_zone),
            kind,
            description: format!("{what}{target}{by}"),
        }
    }
}

fn own_name(own: &Own<'_>, name: Option<&str>) -> Option<String> {
    name.filter(|name| own.has(name)).map(str::to_owned)
}

/// To the microsecond, which is what records keep: so the parts add up, and a filter with a length that was
/// shown finds the record that showed it.
fn seconds(length: Duration) -> f64 {
    length.as_micros() as f64 / 1e6
}

/// What a tenant wants to be shown to whoever answers his number is not for a caller of another tenant.
fn screen_pop(client: Option<&Account>, record: &CallRecord) -> Option<String> {
    let owner = record.termination.map(|owner| owner.customer);
    let is_own = client.is_some_and(|client| Some(client.customer) == owner);
    record.screen_pop.as_deref().filter(|_| is_own).map(str::to_owned)
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
