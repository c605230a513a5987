//! JSV (section 2).

use super::{
    records::eventful,
    world::{World, call_id},
};

#[tokio::test]
async fn names_are_bare_and_nulls_left_out() {
    let world = World::new().await;
    let empty = world.ask("/api/calls.jsv").await;
    assert_eq!(empty.text(), "{Items:[],Page:0,TotalCount:0,TotalPages:0}");
    assert_eq!(empty.header("content-type"), "text/jsv");
    world.place([world.call(1, 3, 9)]).await;
    let expected = format!(
        "{{Items:[{{Id:{},ClientId:33333333-3333-4333-8333-333333333333,ClientName:Clinic,\
         StartTime:\"2026-03-01 12:00:01\",CallerName:Ada,CallerNumber:+14155550100,DurationInSeconds:64,\
         RingTimeInSeconds:4,HoldTimeInSeconds:0,HoldCount:0,Interactions:[],Server:trunkline,\
         TalkTimeInSeconds:60,TransferTimeInSeconds:0,CompletedFormIds:[],Flagged:False,Type:Outgoing,WorkTimeInSeconds:0}}],\
         Page:0,TotalCount:1,TotalPages:1}}",
        call_id(1)
    );
    assert_eq!(world.ask("/api/calls.jsv").await.text(), expected);
}

#[tokio::test]
async fn texts_are_quoted_only_if_they_need_it() {
    let world = World::new().await;
    let mut call = eventful(&world);
    call.caller_name = Some("say \"hi\"".into());
    call.screen_pop = Some("".into());
    world.place([call]).await;
    let text = world.ask("/api/calls.jsv").await.text().to_owned();
    assert!(text.contains("CallerName:\"say \"\"hi\"\"\","), "{text}");
    assert!(text.contains("ScreenPop:\"\","), "{text}");
    assert!(
        text.contains("{StartTime:\"2026-03-01 12:00:05\",Type:Answer,Description:Answered by Ann Lee}"),
        "{text}"
    );
}

#[tokio::test]
async fn what_is_printed_is_read_again() {
    let world = World::new().await;
    let request = r#"{CustomerName:acme,UserName:anna,Password:"correct horse",Page:1,ItemsPerPage:2}"#;
    let answer = world.post("/api/calls", "text/jsv", request).await;
    assert_eq!(answer.text(), "{Items:[],Page:1,TotalCount:0,TotalPages:0}");
}
