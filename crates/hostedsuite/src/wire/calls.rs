//! Call records: `ListCallRecordsRequest`, `UpdateCallRecordRequest` and what they answer (section 1).

use super::base::{PagedRequest, RequestBase};
use crate::dto::{IList, Said, choice, dto};

dto! {
    /// Which call records are asked for.
    request ListCallRecordsRequest: PagedRequest<"CallRecordInfo"> {
        /// Calls that began then or later.
        "StartDate" start_date: Option<String> = Said::body("The start of the date range to list forms for"),
        /// Calls that began then or before.
        "EndDate" end_date: Option<String> = Said::body("The end of the date range to list forms for"),
        /// Those of one client.
        "ClientId" client_id: Option<String> =
            Said::body("The ID of the client whose call records you want to list"),
        /// Those of the clients in one center.
        "CenterId" center_id: Option<String> =
            Said::body("The ID of the center whose call records you want to list"),
        /// One record.
        "CallRecordId" call_record_id: Option<String> =
            Said::body("The ID of the call record you wish to retrieve"),
        /// In seconds of talk.
        "MinCallDuration" min_call_duration: f64 =
            Said::body("The minimum duration of the call in seconds (talk time only)"),
        /// In seconds of talk; 0 = no bound.
        "MaxCallDuration" max_call_duration: f64 =
            Said::body("The maximum duration of the call in seconds (talk time only)"),
        /// Those of one direction.
        "CallType" call_type: Option<ReceptionCallTypesApi> = Said::body(
            "Filter by call type (do not specify or use null to include both incoming and outgoing)",
        ),
    }
}

dto! {
    /// What is to be written on a record. Null leaves what is there.
    request UpdateCallRecordRequest: RequestBase<"CallRecordInfo"> {
        /// The record.
        "Id" id: Option<String> = Said::body("The ID of the call record to change"),
        /// Its notes; an empty text clears them.
        "Notes" notes: Option<String> = Said::body("The notes of the call: an empty text clears them, null leaves them"),
        /// Its flag.
        "Flagged" flagged: Option<bool> = Said::body("Whether the call is flagged; null leaves it as it is"),
        /// Why it is flagged; an empty text clears it.
        "FlagNotes" flag_notes: Option<String> = Said::body("Why the call is flagged: an empty text clears it, null leaves it"),
    }
}

choice! {
    /// A call as the client sees it.
    ReceptionCallTypesApi {
        /// The client takes it.
        Incoming,
        /// The client sends it.
        Outgoing,
    }
}

dto! {
    /// A record as the account that it is seen from knows it. Lengths are in seconds.
    response CallRecordInfo {
        /// The call's id.
        "Id" id: Option<String>,
        /// The account's UUID.
        "ClientId" client_id: Option<String>,
        /// The account's name.
        "ClientName" client_name: Option<String>,
        /// The account's center.
        "CenterId" center_id: Option<String>,
        /// When it began.
        "StartTime" start_time: Option<String>,
        /// The caller's name.
        "CallerName" caller_name: Option<String>,
        /// The caller's number.
        "CallerNumber" caller_number: Option<String>,
        /// Whom it was transferred to.
        "TransferToName" transfer_to_name: Option<String>,
        /// The number it was transferred to.
        "TransferToNumber" transfer_to_number: Option<String>,
        /// What a person wrote about it.
        "Notes" notes: Option<String>,
        /// The whole call: ring, talk, hold and transfer together.
        "DurationInSeconds" duration_in_seconds: f64,
        /// Until it was answered or given up.
        "RingTimeInSeconds" ring_time_in_seconds: f64,
        /// On hold.
        "HoldTimeInSeconds" hold_time_in_seconds: f64,
        /// How often it was put on hold.
        "HoldCount" hold_count: i32,
        /// What happened to it; `None` = not known.
        "Interactions" interactions: Option<IList<CallRecordInteractionInfo>>,
        /// Who answered.
        "AnsweredBy" answered_by: Option<String>,
        /// The server that switched it.
        "Server" server: Option<String>,
        /// Talking.
        "TalkTimeInSeconds" talk_time_in_seconds: f64,
        /// Being transferred.
        "TransferTimeInSeconds" transfer_time_in_seconds: f64,
        /// The text shown to whoever answered.
        "ScreenPop" screen_pop: Option<String>,
        /// Forms filled in for it; `None` = not known.
        "CompletedFormIds" completed_form_ids: Option<IList<String>>,
        /// Whether a person flagged it.
        "Flagged" flagged: bool,
        /// Why.
        "FlagNotes" flag_notes: Option<String>,
        /// `Incoming` or `Outgoing`.
        "Type" call_type: Option<String>,
        /// Work after the call.
        "WorkTimeInSeconds" work_time_in_seconds: f64,
    }
}

dto! {
    /// Something that happened to a call.
    response CallRecordInteractionInfo {
        /// When.
        "StartTime" start_time: Option<String>,
        /// What, in the vendor's word.
        "Type" kind: Option<String>,
        /// What, in a sentence.
        "Description" description: Option<String>,
    }
}

dto! {
    /// One page of records. In XML a generic type has its argument and a digest in its name.
    response PagedResponse<"TItemType" = "CallRecordInfo"> as "PagedResponseOfCallRecordInfoq5tJnJZa" {
        /// The records.
        "Items" items: Vec<CallRecordInfo>,
        /// Which page it is, from 0.
        "Page" page: i32,
        /// Records in all; 0 if it was not to be counted.
        "TotalCount" total_count: i64,
        /// Pages in all; 0 if it was not to be counted.
        "TotalPages" total_pages: i32,
    }
}
