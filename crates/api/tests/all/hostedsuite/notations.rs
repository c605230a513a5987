//! Requests in every notation (section 1.7). How each is read is tested where it is written.

use hostedsuite::{
    dto::Value,
    format::{Document, Format, Word},
    notation::Notation,
    wire::calls::UpdateCallRecordRequest,
};
use proptest::prelude::*;
use serde_json::json;

use super::world::{BAKERY, World};

/// Finds call 2 among an incoming and an outgoing one of the bakery.
async fn finds_the_outgoing_call(content_type: &str, body: &str) {
    let world = World::new().await;
    world.place([world.call(1, 9, 1), world.call(2, 1, 9), world.call(3, 2, 9)]).await;
    let answer = world.post("/api/calls?format=json", content_type, body.to_owned()).await;
    assert_eq!(answer.numbers(), [2], "{content_type}");
}

#[tokio::test]
async fn xml_is_read_with_any_namespace_and_order() {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><ListCallRecordsRequest xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns=\"http://schemas.datacontract.org/2004/07/Evo.HostedSuite.Core.ServiceModel\"><ClientId>{BAKERY}</ClientId>\
         <CustomerName>acme</CustomerName><Password>correct horse</Password><UserName>anna</UserName>\
         <CallType>Outgoing</CallType><EndDate i:nil=\"true\" /><MinCallDuration>1.5</MinCallDuration></ListCallRecordsRequest>"
    );
    finds_the_outgoing_call("application/xml", &body).await;
    finds_the_outgoing_call("text/xml; charset=utf-8", &body).await;
}

#[tokio::test]
async fn jsv_is_read() {
    let body = format!(
        "{{CustomerName:acme,UserName:anna,Password:correct horse,ClientId:{BAKERY},CallType:outgoing,StartDate:\"3/1/2026 12:00\"}}"
    );
    finds_the_outgoing_call("text/jsv", &body).await;
}

#[tokio::test]
async fn csv_is_read() {
    let body = format!(
        "CustomerName,UserName,Password,ClientId,CallType,Page\r\nacme,anna,\"correct horse\",{BAKERY},1,\r\n"
    );
    finds_the_outgoing_call("text/csv", &body).await;
}

#[tokio::test]
async fn forms_in_parts_are_read() {
    let field = |name: &str, value: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let fields = [
        ("CustomerName", "acme"),
        ("UserName", "anna"),
        ("Password", "correct horse"),
        ("clientid", BAKERY),
        ("CallType", "Outgoing"),
        ("Page", ""),
    ];
    let body: String = fields.into_iter().map(|(name, value)| field(name, value)).collect();
    finds_the_outgoing_call("multipart/form-data; boundary=x", &(body + "--x--\r\n")).await;
}

#[tokio::test]
async fn a_document_type_is_refused() {
    let world = World::new().await;
    let bomb = "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b SYSTEM \"file:///etc/passwd\">]><R><UserName>&b;</UserName></R>";
    let answer = world.post("/api/calls?format=json", "application/xml", bomb).await;
    let refusal = answer.refusal(400);
    assert_eq!(refusal["ErrorCode"], "SerializationException");
    assert!(refusal["Message"].as_str().unwrap().contains("document type"), "{refusal}");
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_in_every_notation() {
    let world = World::new().await;
    for (content_type, body) in [
        ("application/json", "{"),
        ("application/xml", "<R>"),
        ("application/xml", "nothing"),
        ("text/jsv", "{a:"),
        ("text/jsv", "[a]"),
        ("text/csv", "a,b\r\n1\r\n"),
        ("text/csv", "a\r\n1\r\n2\r\n"),
        ("multipart/form-data; boundary=x", "--x\r\n"),
    ] {
        let answer = world.post("/api/calls?format=json", content_type, body).await;
        assert_eq!(answer.refusal(400)["ErrorCode"], "SerializationException", "{content_type} {body}");
    }
}

#[tokio::test]
async fn nothing_is_a_request_without_members_in_every_notation() {
    let world = World::new().await;
    for content_type in
        ["application/json", "application/xml", "text/jsv", "text/csv", "multipart/form-data; boundary=x"]
    {
        let answer = world.post("/api/calls?format=json", content_type, " \r\n").await;
        assert_eq!(answer.faults(400).0, "ArgumentNullException", "{content_type}");
    }
}

#[tokio::test]
async fn lists_and_dictionaries_come_in_every_notation() {
    let world = World::new().await;
    let found =
        async |members| world.ask_as("anna", "/api/clients", members).await.page().as_array().unwrap().len();
    for none in [json!(null), json!([]), json!("")] {
        assert_eq!(found(json!({"CategoryIds": none, "CustomFieldsFilter": null})).await, 3, "{none}");
    }
    for some in [json!(["a"]), json!("a"), json!("a,b"), json!("[a,b]")] {
        assert_eq!(found(json!({"CategoryIds": some})).await, 0, "{some}");
    }
    for fields in [json!({"a": "b"}), json!("{a:b}")] {
        assert_eq!(found(json!({"CustomFieldsFilter": fields})).await, 0, "{fields}");
    }
    let answer = world
        .ask_as("anna", "/api/clients", json!({"CustomFieldsFilter": "a", "CategoryIds": {"a": 1}}))
        .await;
    let fault = |name: &str| ("SerializationException".to_owned(), name.to_owned());
    assert_eq!(answer.faults(400).1, [fault("CategoryIds"), fault("CustomFieldsFilter")]);
}

const TYPES: [&str; 6] = [
    "application/json",
    "application/xml",
    "text/jsv",
    "text/csv",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
];

/// Texts with what means something in one notation or another.
fn a_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zé ]{1,8}", "[\\[\\]{}\"':,<>&;=x\n-]{1,8}", "[+=@-][0-9]{1,4}"]
}

proptest! {
    #[test]
    fn a_request_that_a_format_prints_is_read_as_it_was(id in a_text(), notes in a_text()) {
        // What begins as a formula would be disarmed in CSV.
        let texts = [&id, &notes].map(|text| Value::Text(format!("/{text}/")));
        let [id, notes] = texts.clone();
        let value = Value::Object(
            &UpdateCallRecordRequest::DTO,
            [id, notes].into_iter().chain(std::iter::repeat_n(Value::Null, 5)).collect(),
        );
        for (word, content_type) in [Word::Json, Word::Xml, Word::Jsv, Word::Csv].into_iter().zip(TYPES) {
            let document = Document { name: "R", made_at: "now", value: &value };
            let body = Format::plain(word).print(&document);
            let read = Notation::of(content_type).unwrap().read(body.as_bytes());
            let read = read.unwrap_or_else(|error| panic!("{error}: {body}"));
            for (member, text) in ["Id", "Notes"].into_iter().zip(&texts) {
                let Value::Text(text) = text else { unreachable!() };
                prop_assert_eq!(read[member].as_str(), Some(text.as_str()), "{}", &body);
            }
        }
    }

    #[test]
    fn nothing_that_arrives_makes_a_reader_panic(
        body in prop_oneof![
            any::<Vec<u8>>(),
            "[\\[\\]{}\"':,<>&;=#x/!A-C \r\n-]{0,60}".prop_map(String::into_bytes),
        ],
    ) {
        for content_type in TYPES {
            let _ = Notation::of(content_type).unwrap().read(&body);
        }
    }
}
