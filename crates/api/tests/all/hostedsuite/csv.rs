//! CSV: a line for each item (section 2, H8).

use http_core::formula::Formulas;

use super::{
    records::eventful,
    world::{World, call_id},
};

const NAMES: &str = "Id,ClientId,ClientName,CenterId,StartTime,CallerName,CallerNumber,TransferToName,\
    TransferToNumber,Notes,DurationInSeconds,RingTimeInSeconds,HoldTimeInSeconds,HoldCount,Interactions,AnsweredBy,\
    Server,TalkTimeInSeconds,TransferTimeInSeconds,ScreenPop,CompletedFormIds,Flagged,FlagNotes,Type,\
    WorkTimeInSeconds\r\n";

#[tokio::test]
async fn the_items_are_lines_under_the_names_of_their_members() {
    let world = World::new().await;
    let empty = world.ask("/api/calls.csv").await;
    assert_eq!(empty.text(), NAMES);
    assert_eq!(empty.header("content-type"), "text/csv");
    let attachment = "attachment;filename=\"ListCallRecordsRequest.csv\"";
    assert_eq!(empty.header("content-disposition"), attachment);
    world.place([world.call(1, 3, 9)]).await;
    let line = format!(
        "{},33333333-3333-4333-8333-333333333333,Clinic,,2026-03-01 12:00:01,Ada,+14155550100,,,,64,4,0,0,\"[]\",,\
         trunkline,60,0,,\"[]\",False,,Outgoing,0\r\n",
        call_id(1)
    );
    assert_eq!(world.ask("/api/calls.csv").await.text(), format!("{NAMES}{line}"));
}

#[tokio::test]
async fn cells_are_quoted_and_nested_values_are_jsv() {
    let world = World::new().await;
    let mut call = eventful(&world);
    call.caller_name = Some("Ada, \"the\r\nfirst\"".into());
    world.place([call]).await;
    let text = world.ask("/api/calls.csv").await.text().to_owned();
    assert!(text.contains(",\"Ada, \"\"the\r\nfirst\"\"\","), "{text}");
    let interactions =
        "\"[{StartTime:\"\"2026-03-01 12:00:05\"\",Type:Answer,Description:Answered by Ann Lee},";
    assert!(text.contains(interactions), "{text}");
}

#[tokio::test]
async fn formulas_are_disarmed_and_numbers_keep_their_plus() {
    let world = World::new().await;
    let mut call = world.call(1, 9, 1);
    call.caller_name = Some("=1+1".into());
    world.place([call]).await;
    assert!(world.ask("/api/calls.csv").await.text().contains(",'=1+1,+14155550100,"));
}

#[tokio::test]
async fn formulas_stay_as_they_are_where_that_is_configured() {
    let world = World::with(|config| config.hostedsuite.formulas = Formulas::Kept).await;
    let mut call = world.call(1, 9, 1);
    call.caller_name = Some("=1+1".into());
    world.place([call]).await;
    assert!(world.ask("/api/calls.csv").await.text().contains(",=1+1,+14155550100,"));
}

#[tokio::test]
async fn bare_lists_and_single_answers_are_tables_too() {
    let world = World::new().await;
    let clients = world.ask("/api/clients/names.csv").await.text().to_owned();
    assert!(clients.starts_with("Id,DateLastModified,Name,"), "{clients}");
    assert_eq!(clients.lines().count(), 4);
    let user = world.ask("/api/authenticate.csv").await.text().to_owned();
    assert_eq!(user.lines().count(), 2);
    assert!(user.starts_with("Authenticated,UserType,"), "{user}");
    let refused = world.post("/api/calls.csv", "application/json", "{}").await;
    assert!(
        refused.text().starts_with("ResponseStatus\r\n\"{ErrorCode:ArgumentNullException,"),
        "{}",
        refused.text()
    );
}
