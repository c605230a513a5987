//! What the fuzzer runs: every parser of requests. Each takes any bytes, and none may panic.

use hostedsuite::{
    convert::Wanted as WantedRecords,
    dates,
    members::Members,
    notation::{csv, form, json as json_notation, jsv as jsv_notation, multipart, xml as xml_notation},
};
use jiff::tz::TimeZone;
use serde_json::Value;
use yeti::{
    body::NewResource,
    chart::view::ChartView,
    query::{Query, selection::Selection, viewer::Viewer, wanted::Wanted},
    resource::Shape,
    routes::{accounts::AccountView, cdr_exports::CdrExport, chart_active_calls::ActiveCalls},
};

/// A body in JSON, in each dialect that takes one.
pub fn json(bytes: &[u8]) {
    bind(json_notation::parse(bytes).ok());
    if let Ok(body) = serde_json::from_slice::<Value>(bytes) {
        let _ = NewResource::read::<CdrExport>(&body);
        let _ = NewResource::read::<ChartView<ActiveCalls>>(&body);
    }
    if let Ok(Value::Object(members)) = serde_json::from_slice(bytes) {
        let _ = native::convert::annotations::edit(&members).map(|edit| edit.check());
    }
}

/// A body in XML.
pub fn xml(bytes: &[u8]) {
    bind(xml_notation::parse(bytes).ok());
}

/// A body in JSV.
pub fn jsv(bytes: &[u8]) {
    bind(jsv_notation::parse(bytes).ok());
}

/// A body in CSV.
pub fn csv_body(bytes: &[u8]) {
    bind(csv::parse(bytes).ok());
}

/// A form, in either encoding, and a query.
pub fn form_body(bytes: &[u8]) {
    bind(Some(form::parse(bytes)));
    let _ = form::pairs(bytes);
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    if let Some(boundary) = multipart::boundary(&line) {
        bind(multipart::parse(bytes, &boundary).ok());
    }
    bind(multipart::parse(bytes, line.trim().trim_start_matches("--")).ok());
}

/// A date. What is read is in the order of time, and can be printed.
pub fn date(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let new_york = TimeZone::get("America/New_York").unwrap_or(TimeZone::UTC);
    for zone in [TimeZone::UTC, new_york] {
        let (start, end) = (dates::parse_start(&text, &zone), dates::parse_end(&text, &zone));
        if let (Ok(start), Ok(end)) = (start, end) {
            assert!(start <= end, "a range does not end before it begins");
            let _ = (dates::print(start, &zone), dates::print(end, &zone));
        }
    }
}

/// A query of the customer API: filters, order, page and selection.
pub fn customer_query(bytes: &[u8]) {
    let (query, viewer) = (Query::parse(&String::from_utf8_lossy(bytes)), Viewer::default());
    let _ = Wanted::<AccountView>::read(&query, &viewer);
    let _ = Wanted::<CdrExport>::read(&query, &viewer);
    let _ = Selection::read(&query, Shape::of::<CdrExport>(), &viewer);
    for parameter in query.parameters() {
        let _ = parameter.full_name();
    }
}

/// Members of a request, bound to the operation that has most of them; the list of a batch too.
fn bind(parsed: Option<Value>) {
    let requests = match parsed {
        Some(Value::Array(requests)) => requests,
        Some(request) => vec![request],
        None => Vec::new(),
    };
    for members in requests.into_iter().filter_map(Members::of) {
        let _ = WantedRecords::read(&members, &TimeZone::UTC);
    }
}
