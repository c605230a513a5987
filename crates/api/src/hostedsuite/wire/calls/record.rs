//! `CallRecordInfo` (section 1.2).

use crate::hostedsuite::wire::Value;

/// A record as the account that it is seen from knows it. Lengths are in seconds. It holds names and numbers,
/// so this has no `Debug`.
#[derive(Clone, Default, PartialEq)]
pub struct CallRecordInfo {
    /// The call's id.
    pub id: Option<String>,
    /// The account's UUID.
    pub client_id: Option<String>,
    /// The account's name.
    pub client_name: Option<String>,
    /// The account's center.
    pub center_id: Option<String>,
    /// When it began.
    pub start_time: Option<String>,
    /// The caller's name.
    pub caller_name: Option<String>,
    /// The caller's number.
    pub caller_number: Option<String>,
    /// Whom it was transferred to.
    pub transfer_to_name: Option<String>,
    /// The number it was transferred to.
    pub transfer_to_number: Option<String>,
    /// What a person wrote about it.
    pub notes: Option<String>,
    /// The whole call: ring, talk, hold and transfer together.
    pub duration_in_seconds: f64,
    /// Until it was answered or given up.
    pub ring_time_in_seconds: f64,
    /// On hold.
    pub hold_time_in_seconds: f64,
    /// How often it was put on hold.
    pub hold_count: u32,
    /// What happened to it; `None` = not known.
    pub interactions: Option<Vec<CallRecordInteractionInfo>>,
    /// Who answered.
    pub answered_by: Option<String>,
    /// The server that switched it.
    pub server: Option<String>,
    /// Talking.
    pub talk_time_in_seconds: f64,
    /// Being transferred.
    pub transfer_time_in_seconds: f64,
    /// The text shown to whoever answered.
    pub screen_pop: Option<String>,
    /// Forms filled in for it; `None` = not known.
    pub completed_form_ids: Option<Vec<String>>,
    /// Whether a person flagged it.
    pub flagged: bool,
    /// Why.
    pub flag_notes: Option<String>,
    /// `Incoming` or `Outgoing`.
    pub call_type: Option<String>,
    /// Work after the call.
    pub work_time_in_seconds: f64,
}

/// Something that happened to a call.
#[derive(Clone, PartialEq, Eq)]
pub struct CallRecordInteractionInfo {
    /// When.
    pub start_time: String,
    /// What, in the vendor's word.
    pub kind: &'static str,
    /// What, in a sentence.
    pub description: String,
}

impl From<CallRecordInfo> for Value {
    fn from(record: CallRecordInfo) -> Self {
        Self::Object(vec![
            ("Id", record.id.into()),
            ("ClientId", record.client_id.into()),
            ("ClientName", record.client_name.into()),
            ("CenterId", record.center_id.into()),
            ("StartTime", record.start_time.into()),
            ("CallerName", record.caller_name.into()),
            ("CallerNumber", record.caller_number.into()),
            ("TransferToName", record.transfer_to_name.into()),
            ("TransferToNumber", record.transfer_to_number.into()),
            ("Notes", record.notes.into()),
            ("DurationInSeconds", record.duration_in_seconds.into()),
            ("RingTimeInSeconds", record.ring_time_in_seconds.into()),
            ("HoldTimeInSeconds", record.hold_time_in_seconds.into()),
            ("HoldCount", record.hold_count.into()),
            ("Interactions", record.interactions.into()),
            ("AnsweredBy", record.answered_by.into()),
            ("Server", record.server.into()),
            ("TalkTimeInSeconds", record.talk_time_in_seconds.into()),
            ("TransferTimeInSeconds", record.transfer_time_in_seconds.into()),
            ("ScreenPop", record.screen_pop.into()),
            ("CompletedFormIds", record.completed_form_ids.into()),
            ("Flagged", record.flagged.into()),
            ("FlagNotes", record.flag_notes.into()),
            ("Type", record.call_type.into()),
            ("WorkTimeInSeconds", record.work_time_in_seconds.into()),
        ])
    }
}

impl From<CallRecordInteractionInfo> for Value {
    fn from(interaction: CallRecordInteractionInfo) -> Self {
        Self::Object(vec![
            ("StartTime", interaction.start_time.into()),
            ("Type", interaction.kind.into()),
            ("Description", interaction.description.into()),
        ])
    }
}
