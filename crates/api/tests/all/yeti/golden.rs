//! The dialect's answers byte for byte, built from the values of published samples by the code that the
//! handlers answer with. An answer that changes here breaks clients.

mod reports;

use axum::{
    http::{StatusCode, uri::Scheme},
    response::{IntoResponse, Response},
};
use call::{AccountId, CustomerId, Timestamp};
use directory::model::{Account, Billing, CallingRules, Limits};
use history::{Export, ExportId, ExportStatus};
use http_body_util::BodyExt;
use uuid::Uuid;
use yeti::{
    answer::Answer,
    chart::view::ChartView,
    export::CdrFile,
    export::request::{StoredExportV1, StoredZoneV1},
    links::Links,
    present::Presenter,
    query::{
        Query,
        page::Page,
        selection::Selection,
        wanted::{Found, Wanted},
    },
    resource::{Resource, attribute::Attribute},
    routes::{accounts::AccountView, cdr_exports::CdrExport, chart_active_calls::ActiveCalls},
    wire::{
        active_calls::{ActiveCallsWire, SeriesWire},
        auth::SessionWire,
        cdr_export::TimeFormatWire,
        chart::PointWire,
        time::TimeWire,
    },
};

const JSON_API: &str = "application/vnd.api+json";
const PLAIN_JSON: &str = "application/json; charset=utf-8";

/// Checks an answer's status, media type, body, length, ETag and caching.
async fn check(answer: Answer, expected: (u16, &str), body: &str, etag: &str) {
    let response: Response = answer.into_response();
    let (parts, sent) = response.into_parts();
    let sent = sent.collect().await.unwrap().to_bytes();
    assert_eq!(std::str::from_utf8(&sent).unwrap(), body);
    let header = |name: &str| parts.headers.get(name).unwrap().to_str().unwrap();
    assert_eq!((parts.status.as_u16(), header("content-type")), expected);
    assert_eq!(header("content-length"), body.len().to_string());
    assert_eq!(header("etag"), format!("W/\"{etag}\""));
    assert_eq!(header("cache-control"), "max-age=0, private, must-revalidate");
}

fn time(text: &str) -> Timestamp {
    yeti::convert::time(text).unwrap()
}

/// What a test shows a resource with.
fn presenter() -> Presenter {
    let links = Links::new(&Scheme::HTTP, &"example.org".parse().unwrap());
    Presenter { links, selection: Selection::default(), known: None }
}

const CHART_ID: &str = "b5799714-a57a-4c3c-b34b-5edcb837e1f3";
const CHART: &str = r#"{"data":{"id":"b5799714-a57a-4c3c-b34b-5edcb837e1f3","type":"chart-active-calls","links":{"self":"http://example.org/api/rest/customer/v1/chart-active-calls/b5799714-a57a-4c3c-b34b-5edcb837e1f3"},"attributes":{"from-time":"2019-01-01T00:00:00.000Z","to-time":"2019-01-02T00:00:00.000Z","terminated-calls":[{"y":15,"x":"2019-01-01T00:00:01.000Z"}],"originated-calls":[{"y":10,"x":"2019-01-01T00:00:01.000Z"}]},"relationships":{"account":{"links":{"self":"http://example.org/api/rest/customer/v1/chart-active-calls/b5799714-a57a-4c3c-b34b-5edcb837e1f3/relationships/account","related":"http://example.org/api/rest/customer/v1/chart-active-calls/b5799714-a57a-4c3c-b34b-5edcb837e1f3/account"}}}}}"#;

fn chart(id: &str) -> Answer {
    let x = TimeWire(time("2019-01-01 00:00:01"));
    presenter().created(&ChartView {
        id: id.parse().unwrap(),
        account: AccountId(1),
        from: time("2019-01-01 00:00:00"),
        to: time("2019-01-02 00:00:00"),
        points: ActiveCalls {
            terminated: vec![PointWire { y: 15, x }],
            originated: vec![PointWire { y: 10, x }],
        },
    })
}

#[tokio::test]
async fn a_chart_of_active_calls() {
    assert_eq!(CHART.len(), 693);
    check(chart(CHART_ID), (201, JSON_API), CHART, "67f69dc4c08621178c058744346758c0").await;
    let other = "fde77838-3ea1-484b-8860-57df3199211c";
    let etag = "5547b281aed5086e4b09a60a47cda3cd";
    check(chart(other), (201, JSON_API), &CHART.replace(CHART_ID, other), etag).await;
}

#[tokio::test]
async fn a_new_resource_says_where_it_is() {
    let response = chart(CHART_ID).into_response();
    let place = format!("http://example.org/api/rest/customer/v1/chart-active-calls/{CHART_ID}");
    assert_eq!(response.headers()["location"], place);
}

fn report(calls: [u32; 3]) -> Answer {
    let t = vec![1_734_700_000, 1_734_700_060, 1_734_700_120];
    let report = ActiveCallsWire { data: SeriesWire { t, calls: calls.to_vec() }, rows: 123 };
    Answer::plain(StatusCode::OK, &report)
}

#[tokio::test]
async fn reports_of_active_calls() {
    let body = r#"{"data":{"t":[1734700000,1734700060,1734700120],"calls":[12,8,15]},"rows":123}"#;
    assert_eq!(body.len(), 78);
    check(report([12, 8, 15]), (200, PLAIN_JSON), body, "74f6d3138b09a8d51ebec0b9f023340a").await;
    let body = r#"{"data":{"t":[1734700000,1734700060,1734700120],"calls":[5,3,7]},"rows":123}"#;
    assert_eq!(body.len(), 76);
    check(report([5, 3, 7]), (200, PLAIN_JSON), body, "7dbc17530ecaf6083be2df7a949b1c9a").await;
}

/// A new export with both bounds, which nobody has carried out.
fn export(id: &str, created_at: &str, request: StoredExportV1) -> CdrExport {
    let account = Account {
        id: AccountId(1),
        uuid: Uuid::nil(),
        customer: CustomerId(1),
        center: None,
        name: "account79".into(),
        limits: Limits::default(),
        billing: Billing::default(),
        calling: CallingRules::default(),
        rings: Vec::new(),
    };
    let job = Export {
        id: ExportId(id.parse().unwrap()),
        customer: account.customer,
        account: account.id,
        format: String::new(),
        request: String::new(),
        status: ExportStatus::Pending,
        rows: None,
        progress: None,
        file: None,
        created_at: time(created_at),
        updated_at: time(created_at),
    };
    CdrExport { job, request, file: CdrFile::ALL[0], account }
}

fn bounds(from: &str, before: &str) -> StoredExportV1 {
    StoredExportV1 {
        started_from_micros: time(from).as_micros(),
        started_before_micros: time(before).as_micros(),
        answered: None,
        seconds: None,
        seconds_from: None,
        seconds_to: None,
        caller: None,
        called: None,
        time_format: None,
        time_zone: StoredZoneV1::Unsaid,
        fields: None,
    }
}

const EXPORT: &str = r#"{"data":{"id":"aa3834e6-a26e-11ef-a008-0242ac120003","type":"cdr-exports","links":{"self":"http://example.org/api/rest/customer/v1/cdr-exports/aa3834e6-a26e-11ef-a008-0242ac120003"},"attributes":{"filters":{"time_start_gteq":"2019-01-01T00:00:00.000Z","time_start_lt":"2019-01-02T00:00:00.000Z","success_eq":true,"duration_eq":60,"duration_gteq":0,"duration_lteq":100,"src_prefix_routing_eq":"123","dst_prefix_routing_eq":"456"},"status":"Pending","rows-count":null,"created-at":"2024-11-14T09:56:05.767Z","updated-at":"2024-11-14T09:56:05.767Z"},"relationships":{"account":{"links":{"self":"http://example.org/api/rest/customer/v1/cdr-exports/aa3834e6-a26e-11ef-a008-0242ac120003/relationships/account","related":"http://example.org/api/rest/customer/v1/cdr-exports/aa3834e6-a26e-11ef-a008-0242ac120003/account"}}}}}"#;

#[tokio::test]
async fn an_export() {
    let request = StoredExportV1 {
        answered: Some(true),
        seconds: Some(60),
        seconds_from: Some(0),
        seconds_to: Some(100),
        caller: Some("123".to_owned()),
        called: Some("456".to_owned()),
        ..bounds("2019-01-01 00:00:00", "2019-01-02 00:00:00")
    };
    let answer = presenter().created(&export(
        "aa3834e6-a26e-11ef-a008-0242ac120003",
        "2024-11-14T09:56:05.767Z",
        request,
    ));
    assert_eq!(EXPORT.len(), 817);
    check(answer, (201, JSON_API), EXPORT, "14ec885ee5d6c62c5156afbdac0950fa").await;
}

/// The published samples have one bound, which this server does not allow: the other is taken out again.
#[tokio::test]
async fn an_export_whose_time_format_and_zone_were_given() {
    let samples = [
        (
            "7a22ec58-39c4-11f1-8c50-82ad38f4dd55",
            "2026-04-16T18:45:45.067Z",
            "5593f72a85080567918f77d1fc533609",
        ),
        (
            "05803190-e7d9-11f0-bf40-0a63caf27539",
            "2026-01-02T12:46:13.468Z",
            "42850778077ffc0caabf0eb4ff14610c",
        ),
    ];
    for (id, created_at, etag) in samples {
        let request = StoredExportV1 {
            time_format: Some(TimeFormatWire::WithTimezone),
            time_zone: StoredZoneV1::None,
            ..bounds("2018-01-01T00:00:00Z", "2019-01-01T00:00:00Z")
        };
        let place = format!("http://example.org/api/rest/customer/v1/cdr-exports/{id}");
        let body = format!(
            r#"{{"data":{{"id":"{id}","type":"cdr-exports","links":{{"self":"{place}"}},"attributes":{{"filters":{{"time_start_gteq":"2018-01-01T00:00:00.000Z"}},"status":"Pending","rows-count":null,"created-at":"{created_at}","updated-at":"{created_at}","time-format":"with_timezone","time-zone-name":null}},"relationships":{{"account":{{"links":{{"self":"{place}/relationships/account","related":"{place}/account"}}}}}}}}}}"#
        );
        assert_eq!(body.len(), 693);
        let document = presenter().document(Some(&export(id, created_at, request)));
        let text = serde_json::to_string(&document).unwrap();
        let text = text.replace(r#","time_start_lt":"2019-01-01T00:00:00.000Z""#, "");
        let raw: Box<serde_json::value::RawValue> = serde_json::from_str(&text).unwrap();
        check(Answer::created("/", &raw), (201, JSON_API), &body, etag).await;
    }
}

#[tokio::test]
async fn what_a_session_may_do() {
    let answer = Answer::plain(StatusCode::OK, &SessionWire { allow_rec: false });
    check(answer, (200, PLAIN_JSON), r#"{"allow-rec":false}"#, "da8baa7a78a121b4355b7e0d2cb53958").await;
}

#[tokio::test]
async fn an_account() {
    let account = AccountView {
        uuid: "fc0e9f8c-6674-11f1-acc1-da575d109341".parse().unwrap(),
        name: "account79".into(),
        destination_rate_limit: Some("0.344400".parse().unwrap()),
        currency: "USD".into(),
        ..AccountView::default()
    };
    let body = r#"{"data":{"id":"fc0e9f8c-6674-11f1-acc1-da575d109341","type":"accounts","links":{"self":"http://example.org/api/rest/customer/v1/accounts/fc0e9f8c-6674-11f1-acc1-da575d109341"},"attributes":{"name":"account79","balance":"0.0","min-balance":"0.0","max-balance":"0.0","destination-rate-limit":"0.3444","origination-capacity":null,"termination-capacity":null,"total-capacity":null,"currency":"USD"}}}"#;
    assert_eq!(body.len(), 396);
    let answer = presenter().one(Some(&account));
    check(answer, (200, JSON_API), body, "51149d48afd8375cc15f591a191e7040").await;
}

/// A resource as an endpoint would say it.
struct Rateplan(Uuid);

impl Resource for Rateplan {
    const KIND: &'static str = "rateplans";
    const ID: &'static Attribute<Self> = &Attribute::uuid("id", |plan: &Self| plan.0.into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] = &[Attribute::text("name", |_| "rateplan25".into())];
}

#[tokio::test]
async fn a_list() {
    let rateplan = Rateplan("07876daa-e7d9-11f0-932e-0a63caf27539".parse().unwrap());
    let page = Page::read(&Query::default()).unwrap();
    let wanted = Wanted { filters: Vec::new(), order: Vec::new(), page, is_plain: true };
    let list = presenter().list(&wanted, &Found { items: vec![rateplan], total: 1 }, &Query::default());
    let body = r#"{"data":[{"id":"07876daa-e7d9-11f0-932e-0a63caf27539","type":"rateplans","links":{"self":"http://example.org/api/rest/customer/v1/rateplans/07876daa-e7d9-11f0-932e-0a63caf27539"},"attributes":{"name":"rateplan25"}}],"meta":{"total-count":1},"links":{"first":"http://example.org/api/rest/customer/v1/rateplans?page%5Bnumber%5D=1&page%5Bsize%5D=50","last":"http://example.org/api/rest/customer/v1/rateplans?page%5Bnumber%5D=1&page%5Bsize%5D=50"}}"#;
    assert_eq!(body.len(), 444);
    check(list, (200, JSON_API), body, "e5bc14975c5c48a83dc114717e03fa5a").await;
}
