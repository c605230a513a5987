//! XML as the vendor's serializer writes it (section 2).

use super::{
    records::eventful,
    world::{World, call_id},
};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";
const SPACES: &str = "xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" \
                      xmlns=\"http://schemas.datacontract.org/2004/07/Evo.HostedSuite.Core.ServiceModel\"";

#[tokio::test]
async fn a_page_has_the_name_of_its_generic_type_and_its_members_by_name() {
    let answer = World::new().await.ask("/api/calls.xml").await;
    let root = "PagedResponseOfCallRecordInfoq5tJnJZa";
    let expected = format!(
        "{HEAD}<{root} {SPACES}><Items /><Page>0</Page><TotalCount>0</TotalCount><TotalPages>0</TotalPages></{root}>"
    );
    assert_eq!(answer.text(), expected);
    assert_eq!(answer.header("content-type"), "application/xml");
}

#[tokio::test]
async fn members_of_a_record_go_by_name_and_null_is_nil() {
    let world = World::new().await;
    world.place([world.call(1, 3, 9)]).await;
    let text = world.ask("/api/calls.xml").await.text().to_owned();
    let inner = text.split_once("<CallRecordInfo>").unwrap().1.split_once("</CallRecordInfo>").unwrap().0;
    let expected = format!(
        "<AnsweredBy i:nil=\"true\" /><CallerName>Ada</CallerName><CallerNumber>+14155550100</CallerNumber>\
         <CenterId i:nil=\"true\" /><ClientId>33333333-3333-4333-8333-333333333333</ClientId>\
         <ClientName>Clinic</ClientName><CompletedFormIds xmlns:d4p1=\"http://schemas.microsoft.com/2003/10/Serialization/Arrays\" />\
         <DurationInSeconds>64</DurationInSeconds><FlagNotes i:nil=\"true\" /><Flagged>false</Flagged>\
         <HoldCount>0</HoldCount><HoldTimeInSeconds>0</HoldTimeInSeconds><Id>{}</Id><Interactions />\
         <Notes i:nil=\"true\" /><RingTimeInSeconds>4</RingTimeInSeconds><ScreenPop i:nil=\"true\" />\
         <Server>trunkline</Server><StartTime>2026-03-01 12:00:01</StartTime>\
         <TalkTimeInSeconds>60</TalkTimeInSeconds><TransferTimeInSeconds>0</TransferTimeInSeconds>\
         <TransferToName i:nil=\"true\" /><TransferToNumber i:nil=\"true\" /><Type>Outgoing</Type>\
         <WorkTimeInSeconds>0</WorkTimeInSeconds>",
        call_id(1)
    );
    assert_eq!(inner, expected);
}

#[tokio::test]
async fn lists_of_objects_have_their_types_as_elements() {
    let world = World::new().await;
    world.place([eventful(&world)]).await;
    let text = world.ask("/api/calls.xml").await.text().to_owned();
    let first = "<Interactions><CallRecordInteractionInfo><Description>Answered by Ann Lee</Description>\
                 <StartTime>2026-03-01 12:00:05</StartTime><Type>Answer</Type></CallRecordInteractionInfo>";
    assert!(text.contains(first), "{text}");
}

#[tokio::test]
async fn bare_lists_are_arrays_and_lists_of_texts_have_a_namespace_of_their_own() {
    let world = World::new().await;
    let text = world.ask("/api/clients.xml").await.text().to_owned();
    assert!(
        text.starts_with(&format!("{HEAD}<ArrayOfClientInfo {SPACES}><ClientInfo><Address i:nil")),
        "{text}"
    );
    let pops = "<ScreenPops xmlns:d3p1=\"http://schemas.microsoft.com/2003/10/Serialization/Arrays\">\
                <d3p1:string>Bakery &amp; Sons</d3p1:string></ScreenPops>";
    assert!(text.contains(pops), "{text}");
}

#[tokio::test]
async fn texts_are_escaped() {
    let world = World::new().await;
    let mut call = world.call(1, 9, 1);
    call.caller_name = Some("<b> & \"c\" \u{1} ]]>".into());
    world.place([call]).await;
    let text = world.ask("/api/calls.xml").await.text().to_owned();
    assert!(
        text.contains("<CallerName>&lt;b&gt; &amp; &quot;c&quot; \u{fffd} ]]&gt;</CallerName>"),
        "{text}"
    );
}

#[tokio::test]
async fn refusals_are_in_the_frameworks_namespace_and_order() {
    let answer = World::new().await.post("/api/calls.xml", "application/json", "[").await;
    let start = format!(
        "{HEAD}<ErrorResponse xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns=\"http://schemas.servicestack.net/types\"><ResponseStatus><ErrorCode>SerializationException</ErrorCode><Message>"
    );
    assert!(answer.text().starts_with(&start), "{}", answer.text());
    assert!(answer.text().ends_with("</Message><Errors /></ResponseStatus></ErrorResponse>"));
}

#[test]
fn an_element_with_very_many_attributes_takes_no_longer_than_its_length_says() {
    let attributes: String = (0..100_000).map(|number| format!(" a{number}=''")).collect();
    let began = std::time::Instant::now();
    hostedsuite::notation::xml::parse(format!("<a{attributes}><Page>1</Page></a>").as_bytes()).unwrap();
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
}
