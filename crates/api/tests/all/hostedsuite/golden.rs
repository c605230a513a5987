//! The samples of the documents, to the byte.

use history::RecordField;
use hostedsuite::{
    convert::Wanted,
    dto::{Kind, Shape, Show, Value, sample, sample_object},
    format::JsonStyle,
    members::Members,
    sort::SortKey,
    wire::{
        base::SortDir,
        calls::{CallRecordInfo, ListCallRecordsRequest, PagedResponse, ReceptionCallTypesApi},
    },
};
use jiff::tz::TimeZone;
use serde_json::json;

pub const REQUEST: &str = r#"{"StartDate":"String","EndDate":"String","ClientId":"String","CenterId":"String","CallRecordId":"String","MinCallDuration":0,"MaxCallDuration":0,"CallType":"Incoming","Page":0,"ItemsPerPage":0,"DisableStats":false,"SortField":"String","SortDir":"Asc","CustomerName":"String","UserName":"String","Password":"String"}"#;

pub const RESPONSE: &str = r#"{"Items":[{"Id":"String","ClientId":"String","ClientName":"String","CenterId":"String","StartTime":"String","CallerName":"String","CallerNumber":"String","TransferToName":"String","TransferToNumber":"String","Notes":"String","DurationInSeconds":0,"RingTimeInSeconds":0,"HoldTimeInSeconds":0,"HoldCount":0,"AnsweredBy":"String","Server":"String","TalkTimeInSeconds":0,"TransferTimeInSeconds":0,"ScreenPop":"String","Flagged":false,"FlagNotes":"String","Type":"String","WorkTimeInSeconds":0}],"Page":0,"TotalCount":0,"TotalPages":0}"#;

fn printed(value: &Value) -> String {
    JsonStyle::default().print(value)
}

fn a_record() -> CallRecordInfo {
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
    let page = PagedResponse { items: vec![a_record()], ..PagedResponse::default() };
    assert_eq!(printed(&page.show()), RESPONSE);
}

#[test]
fn the_samples_are_made_from_the_description_of_the_types() {
    assert_eq!(printed(&sample_object(&ListCallRecordsRequest::DTO)), REQUEST);
    assert_eq!(printed(&sample(&<PagedResponse as Shape>::KIND)), RESPONSE);
}

#[test]
fn the_sample_request_is_read() {
    let mut sample: serde_json::Value = serde_json::from_str(REQUEST).unwrap();
    for (member, value) in
        [("StartDate", "2026-03-01"), ("EndDate", "2026-03-02"), ("SortField", "StartTime")]
    {
        sample[member] = json!(value);
    }
    let wanted = Wanted::read(&Members::of(sample).unwrap(), &TimeZone::UTC).unwrap();
    assert_eq!(wanted.call_type, Some(ReceptionCallTypesApi::Incoming));
    assert_eq!((wanted.page, wanted.items_per_page, wanted.disable_stats), (0, 0, false));
    assert_eq!((wanted.sort_key, wanted.sort_dir), (SortKey::Record(RecordField::StartedAt), SortDir::Asc));
    assert_eq!(wanted.talk, std::time::Duration::ZERO..=std::time::Duration::MAX);
    assert_eq!(wanted.client_id.as_deref(), Some("String"));
}

#[test]
fn every_member_of_a_record_that_holds_one_value_can_be_sorted_by() {
    let members = CallRecordInfo::DTO.members.iter();
    let scalar: Vec<_> = members
        .filter(|member| !matches!(member.kind, Kind::Collection(_)))
        .map(|member| member.name)
        .collect();
    assert_eq!(SortKey::MEMBERS.map(|(name, _)| name).to_vec(), scalar);
}
