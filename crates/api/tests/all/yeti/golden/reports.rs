//! Reports and the chart of calls per second.

use yeti::{
    routes::chart_originated_cps::OriginatedCps,
    wire::{
        attribute::DecimalWire,
        outgoing_call::{OutgoingCallWire, OutgoingCallsWire},
        statistics::{
            QualityColumnsWire, QualityRowWire, QualityWire, StatisticsColumnsWire, StatisticsRowWire,
            StatisticsWire,
        },
    },
};

use super::*;

const T: [i64; 3] = [1_734_700_000, 1_734_700_060, 1_734_700_120];

fn decimal(text: &str) -> DecimalWire {
    DecimalWire(text.parse().unwrap())
}

fn decimals(texts: [&str; 3]) -> Vec<DecimalWire> {
    texts.map(decimal).to_vec()
}

fn optional(texts: [&str; 3]) -> Vec<Option<DecimalWire>> {
    texts.map(|text| Some(decimal(text))).to_vec()
}

#[tokio::test]
async fn statistics_of_origination() {
    let data = StatisticsColumnsWire {
        t: T.to_vec(),
        total_calls: vec![180, 140, 200],
        successful_calls: vec![155, 120, 170],
        failed_calls: vec![25, 20, 30],
        total_duration: decimals(["750.25", "580.5", "820"]),
        acd: optional(["4.84", "4.84", "4.82"]),
        asr: optional(["86.11", "85.71", "85.00"]),
        total_price: decimals(["65.75", "50.25", "70.5"]),
    };
    let totals = StatisticsRowWire {
        t: 0,
        total_calls: 520,
        successful_calls: 445,
        failed_calls: 75,
        total_duration: decimal("2150.75"),
        acd: Some(decimal("4.83")),
        asr: Some(decimal("85.58")),
        total_price: decimal("186.50"),
    };
    let body = r#"{"data":{"t":[1734700000,1734700060,1734700120],"total_calls":[180,140,200],"successful_calls":[155,120,170],"failed_calls":[25,20,30],"total_duration":["750.25","580.5","820.0"],"acd":["4.84","4.84","4.82"],"asr":["86.11","85.71","85.0"],"total_price":["65.75","50.25","70.5"]},"rows":3,"totals":{"t":0,"total_calls":520,"successful_calls":445,"failed_calls":75,"total_duration":"2150.75","acd":"4.83","asr":"85.58","total_price":"186.5"}}"#;
    assert_eq!(body.len(), 440);
    let answer = Answer::plain(StatusCode::OK, &StatisticsWire { data, rows: 3, totals });
    check(answer, (200, PLAIN_JSON), body, "c21960ce26893fe33aa0a78a6133dd28").await;
}

#[tokio::test]
async fn statistics_of_termination() {
    let data = StatisticsColumnsWire {
        t: T.to_vec(),
        total_calls: vec![150, 120, 180],
        successful_calls: vec![130, 100, 150],
        failed_calls: vec![20, 20, 30],
        total_duration: decimals(["650.5", "480", "720"]),
        acd: optional(["5", "4.8", "4.8"]),
        asr: optional(["86.67", "83.33", "83.33"]),
        total_price: decimals(["45.25", "32.5", "48"]),
    };
    let totals = StatisticsRowWire {
        t: 0,
        total_calls: 450,
        successful_calls: 380,
        failed_calls: 70,
        total_duration: decimal("1850.5"),
        acd: Some(decimal("4.87")),
        asr: Some(decimal("84.44")),
        total_price: decimal("125.75"),
    };
    let body = r#"{"data":{"t":[1734700000,1734700060,1734700120],"total_calls":[150,120,180],"successful_calls":[130,100,150],"failed_calls":[20,20,30],"total_duration":["650.5","480.0","720.0"],"acd":["5.0","4.8","4.8"],"asr":["86.67","83.33","83.33"],"total_price":["45.25","32.5","48.0"]},"rows":3,"totals":{"t":0,"total_calls":450,"successful_calls":380,"failed_calls":70,"total_duration":"1850.5","acd":"4.87","asr":"84.44","total_price":"125.75"}}"#;
    assert_eq!(body.len(), 436);
    let answer = Answer::plain(StatusCode::OK, &StatisticsWire { data, rows: 3, totals });
    check(answer, (200, PLAIN_JSON), body, "188f9c27510b7a6ce4ed292abcb6a1ee").await;
}

fn quality(calls: [u64; 3], columns: [[&str; 3]; 3], totals: (u64, [&str; 3])) -> Answer {
    let [acd, asr, cps] = columns;
    let data = QualityColumnsWire {
        t: T.to_vec(),
        total_calls: calls.to_vec(),
        acd: optional(acd),
        asr: optional(asr),
        cps: decimals(cps),
    };
    let (total_calls, [acd, asr, cps]) = (totals.0, totals.1.map(decimal));
    let totals = QualityRowWire { t: 0, total_calls, acd: Some(acd), asr: Some(asr), cps };
    Answer::plain(StatusCode::OK, &QualityWire { data, rows: 3, totals })
}

#[tokio::test]
async fn quality_of_origination() {
    let columns = [["4.84", "4.84", "4.82"], ["86.11", "85.71", "85"], ["3", "2.33", "3.33"]];
    let answer = quality([180, 140, 200], columns, (520, ["4.83", "85.58", "8.67"]));
    let body = r#"{"data":{"t":[1734700000,1734700060,1734700120],"total_calls":[180,140,200],"acd":["4.84","4.84","4.82"],"asr":["86.11","85.71","85.0"],"cps":["3.0","2.33","3.33"]},"rows":3,"totals":{"t":0,"total_calls":520,"acd":"4.83","asr":"85.58","cps":"8.67"}}"#;
    assert_eq!(body.len(), 249);
    check(answer, (200, PLAIN_JSON), body, "5bc70049aa58e9a51f9688035aad6430").await;
}

#[tokio::test]
async fn quality_of_termination() {
    let columns = [["5", "4.8", "4.8"], ["86.67", "83.33", "83.33"], ["2.5", "2", "3"]];
    let answer = quality([150, 120, 180], columns, (450, ["4.87", "84.44", "7.5"]));
    let body = r#"{"data":{"t":[1734700000,1734700060,1734700120],"total_calls":[150,120,180],"acd":["5.0","4.8","4.8"],"asr":["86.67","83.33","83.33"],"cps":["2.5","2.0","3.0"]},"rows":3,"totals":{"t":0,"total_calls":450,"acd":"4.87","asr":"84.44","cps":"7.5"}}"#;
    assert_eq!(body.len(), 244);
    check(answer, (200, PLAIN_JSON), body, "210341b6028749bd0ea9fafe19bc14b4").await;
}

/// The published sample's members, in their order. Its ETag is not published.
#[test]
fn outgoing_calls() {
    let time = "2025-12-18 15:38:34".to_owned();
    let call = OutgoingCallWire {
        snapshot_timestamp: time.clone(),
        start_time: time,
        connect_time: None,
        destination_prefix: Some("123"),
        destination_initial_interval: Some(1),
        destination_initial_rate: Some(decimal("2.3")),
        destination_next_interval: Some(60),
        destination_next_rate: Some(decimal("3.4")),
        destination_fee: Some(decimal("0")),
        src_name_in: Some("test"),
        src_prefix_in: "456",
        dst_prefix_in: "678",
        src_prefix_routing: "333",
        dst_prefix_routing: "7863",
        from_domain: Some("qwe"),
        to_domain: Some("asd"),
        ruri_domain: Some("qwe.asd"),
        diversion_in: None,
        pai_in: None,
        ppi_in: None,
        privacy_in: None,
        rpid_in: None,
        rpid_privacy_in: None,
        auth_orig_transport_protocol_id: Some(123),
        auth_orig_ip: Some("10.20.30.40".parse().unwrap()),
        auth_orig_port: Some(8888),
    };
    let body = r#"{"data":[{"snapshot_timestamp":"2025-12-18 15:38:34","start_time":"2025-12-18 15:38:34","connect_time":null,"destination_prefix":"123","destination_initial_interval":1,"destination_initial_rate":"2.3","destination_next_interval":60,"destination_next_rate":"3.4","destination_fee":"0.0","src_name_in":"test","src_prefix_in":"456","dst_prefix_in":"678","src_prefix_routing":"333","dst_prefix_routing":"7863","from_domain":"qwe","to_domain":"asd","ruri_domain":"qwe.asd","diversion_in":null,"pai_in":null,"ppi_in":null,"privacy_in":null,"rpid_in":null,"rpid_privacy_in":null,"auth_orig_transport_protocol_id":123,"auth_orig_ip":"10.20.30.40","auth_orig_port":8888}],"rows":1}"#;
    assert_eq!(serde_json::to_string(&OutgoingCallsWire { data: vec![call], rows: 1 }).unwrap(), body);
}

#[tokio::test]
async fn a_chart_of_originated_cps() {
    let samples = [
        ("ef3cea20-a725-45e7-b61b-3a5f59c8524f", "44a352541896291a3cc63d3941b5c4f6"),
        ("85d2c136-bada-426d-8b20-dfe6ef9ad28b", "eb7689d8a7a45905f398ad80bc00f9c3"),
    ];
    for (id, etag) in samples {
        let place = format!("http://example.org/api/rest/customer/v1/chart-originated-cps/{id}");
        let body = format!(
            r#"{{"data":{{"id":"{id}","type":"chart-originated-cps","links":{{"self":"{place}"}},"attributes":{{"from-time":"2019-01-01T00:00:00.000Z","to-time":"2019-01-02T00:00:00.000Z","cps":[{{"y":"0.2","x":"2019-01-01T23:59:00.000Z"}}]}},"relationships":{{"account":{{"links":{{"self":"{place}/relationships/account","related":"{place}/account"}}}}}}}}}}"#
        );
        assert_eq!(body.len(), 630);
        let answer = presenter().created(&ChartView {
            id: id.parse().unwrap(),
            account: AccountId(1),
            from: time("2019-01-01 00:00:00"),
            to: time("2019-01-02 00:00:00"),
            points: OriginatedCps(vec![PointWire {
                y: decimal("0.2"),
                x: TimeWire(time("2019-01-01 23:59:00")),
            }]),
        });
        check(answer, (201, JSON_API), &body, etag).await;
    }
}
