//! The sample of the documents, to the byte.

use api::hostedsuite::{
    format::Format,
    members::Members,
    sort::SortKey,
    wire::{
        Value,
        calls::{CallRecordInfo, CallRecordPage, CallType, ListCallRecordsRequest, SortDir},
    },
};
use history::RecordField;
use jiff::tz::TimeZone;

const RESPONSE: &str = r#"{"Items":[{"Id":"String","ClientId":"String","ClientName":"String","CenterId":"String","StartTime":"String","CallerName":"String","CallerNumber":"String","TransferToName":"String","TransferToNumber":"String","Notes":"String","DurationInSeconds":0,"RingTimeInSeconds":0,"HoldTimeInSeconds":0,"HoldCount":0,"AnsweredBy":"String","Server":"String","TalkTimeInSeconds":0,"TransferTimeInSeconds":0,"ScreenPop":"String","Flagged":false,"FlagNotes":"String","Type":"String","WorkTimeInSeconds":0}],"Page":0,"TotalCount":0,"TotalPages":0}"#;

fn sample() -> CallRecordInfo {
    let text = || Some("String".to_owned());
    CallRecordInfo {
        id: text(),
        client_id: text(),
        client_name: text(),
        center_id: text(),
        start_time: text(),
        caller_name: text(),
        caller_number: text(),
        transfer_to_name: text(),
        transfer_to_number: text(),
        notes: text(),
        answered_by: text(),
        server: text(),
        screen_pop: text(),
        flag_notes: text(),
        call_type: text(),
        ..CallRecordInfo::default()
    }
}

#[test]
fn the_sample_answer_comes_out_byte_for_byte() {
    let page = CallRecordPage { items: vec![sample()], page: 0, total_count: 0, total_pages: 0 };
    assert_eq!(Format::negotiate(&[]).print(&Value::from(page)), RESPONSE);
}

#[test]
fn the_sample_request_is_read() {
    let sample = r#"{"StartDate":"2026-03-01","EndDate":"2026-03-02","ClientId":"String","CenterId":"String","CallRecordId":"String","MinCallDuration":0,"MaxCallDuration":0,"CallType":"Incoming","Page":0,"ItemsPerPage":0,"DisableStats":false,"SortField":"StartTime","SortDir":"Asc","CustomerName":"String","UserName":"String","Password":"String"}"#;
    let members = Members::from_json(sample.as_bytes()).unwrap();
    let request = ListCallRecordsRequest::bind(&members, &TimeZone::UTC).unwrap();
    assert_eq!(request.call_type, Some(CallType::Incoming));
    assert_eq!((request.page, request.items_per_page, request.disable_stats), (0, 0, false));
    assert_eq!((request.sort_key, request.sort_dir), (SortKey::Record(RecordField::StartedAt), SortDir::Asc));
    assert_eq!((request.min_talk.is_zero(), request.max_talk), (true, None));
    assert_eq!(request.client_id.as_deref(), Some("String"));
}

#[test]
fn every_member_of_a_record_that_holds_one_value_can_be_sorted_by() {
    let Value::Object(members) = Value::from(CallRecordInfo::default()) else { panic!("not an object") };
    let names = members.iter().map(|(name, _)| *name);
    let scalar: Vec<_> = names.filter(|name| !["Interactions", "CompletedFormIds"].contains(name)).collect();
    assert_eq!(SortKey::MEMBERS.map(|(name, _)| name).to_vec(), scalar);
}
