//! Files of each format, from their lines to records.

#![allow(clippy::unwrap_used, reason = "clippy takes only #[test] functions for tests")]

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use call::{
    AccountId, CallRecord,
    event::Side,
    record::{Disposition, ReleasedBy},
};
use directory::{Directory, DirectoryFile};
use import::{Format, Mapping, Parties, Source, Understood};
use proptest::prelude::*;

const DIRECTORY: &str = r#"
realm = "sip.example.com"
[[customers]]
name = "acme"
[[customers]]
name = "carrier"
[[accounts]]
id = 1234
name = "acme"
customer = "acme"
[[accounts]]
id = 91
name = "carrier-a"
customer = "carrier"
[[devices]]
sip_user = "1001"
account = 1234
mac = "38-99-62-93-E2-A9"
secret = "a long secret"
[[devices]]
sip_user = "1002"
account = 1234
mac = "38-99-62-93-E2-AA"
secret = "a long secret"
[[extensions]]
account = 1234
number = "1001"
name = "Ada"
devices = ["1001"]
[[extensions]]
account = 1234
number = "1002"
devices = ["1002"]
[[numbers]]
number = "+493012345"
account = 1234
extension = "1001"
[[trunks]]
name = "carrier-a"
account = 91
host = "192.0.2.1"
"#;

fn parties(mapping: &Mapping) -> Parties {
    let directory = Directory::in_memory().unwrap();
    directory.apply(&DirectoryFile::parse("directory.toml", DIRECTORY).unwrap()).unwrap();
    Parties::new(directory.snapshot(), mapping).unwrap()
}

fn sample(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name)
}

/// What became of a file: records, mistakes with their places, lines that are no calls of their own.
#[derive(Default)]
struct Read {
    records: Vec<CallRecord>,
    mistakes: Vec<String>,
    rejects: Vec<String>,
    passed_over: usize,
}

fn read(name: &str, format: Format, mapping: &Mapping) -> Read {
    read_file(&sample(name), format, mapping)
}

fn read_file(path: &Path, format: Format, mapping: &Mapping) -> Read {
    let (parties, mut read) = (parties(mapping), Read::default());
    for found in Source::open(path, format, mapping).unwrap() {
        let record = match &found.outcome {
            Ok(Understood::Call(call)) => call.record(&parties),
            Ok(Understood::PassedOver(_)) => {
                read.passed_over += 1;
                continue;
            }
            Err(mistake) => Err(mistake.clone()),
        };
        match record {
            Ok(record) => read.records.push(record),
            Err(mistake) => {
                read.mistakes.push(format!("{}: {mistake}", found.place));
                read.rejects.push(found.text());
            }
        }
    }
    read
}

fn accounts(record: &CallRecord) -> (u32, Option<u32>) {
    (record.origination.account.0, record.termination.map(|owner| owner.account.0))
}

fn mapping(text: &str) -> Mapping {
    Mapping::parse(text).unwrap()
}

#[test]
fn master_csv_of_asterisk_is_understood_line_by_line() {
    let read = read("asterisk.csv", Format::Asterisk, &mapping("time_zone = 'Europe/Berlin'"));
    let [out, incoming] = read.records.as_slice() else { panic!("{:?}", read.mistakes) };
    assert_eq!((accounts(out), accounts(incoming)), ((1234, Some(91)), (91, Some(1234))));
    assert_eq!(out.started_at.as_micros(), 1_795_856_400_000_000);
    assert_eq!((out.connected().as_secs(), out.times.total().as_secs()), (60, 66));
    assert_eq!((out.caller_received.as_str(), out.caller_name.as_deref()), ("1001", Some("Ada")));
    assert_eq!((out.disposition(), incoming.disposition()), (Disposition::Answered, Disposition::NoAnswer));
    assert_eq!(
        read.mistakes,
        [
            "line 3: disposition: found \"SILENCE\", accepted: ANSWERED, NO ANSWER, BUSY, FAILED or CONGESTION",
            "line 4: caller account: found \"nobody\", accepted: the name, id or UUID of an account, or what [accounts] of the mapping names",
        ]
    );
    assert!(read.rejects[1].starts_with("nobody,7,8,phones,"), "{}", read.rejects[1]);
}

#[test]
fn a_dump_of_yeti_keeps_its_rates_and_passes_over_attempts() {
    let read = read("yeti.csv", Format::Yeti, &mapping("[accounts]\n7 = 1234\n8 = 91"));
    let [answered, busy] = read.records.as_slice() else { panic!("{:?}", read.mistakes) };
    assert_eq!((read.passed_over, accounts(answered)), (1, (1234, Some(91))));
    let price = |side| answered.charge(side).unwrap().price.normalize().to_string();
    // Two minutes begun, 0.6 + 0.3 + the fee, and 20 percent: what Yeti had in `customer_price`.
    assert_eq!(
        (price(Side::Origination), price(Side::Termination)),
        ("1.092".to_owned(), "0.203333".to_owned())
    );
    assert_eq!((answered.released_by, busy.disposition()), (ReleasedBy::Caller, Disposition::Busy));
    assert_eq!(answered.caller_leg.sip_call_id.as_deref(), Some("a@pbx.example"));
    assert_eq!(
        (answered.caller_received.as_str(), answered.caller_routed.as_str()),
        ("+49 30 12345", "493012345")
    );
    assert_eq!(busy.movement(AccountId(1234)), rust_decimal::Decimal::ZERO);
    let [late] = read.mistakes.as_slice() else { panic!("{:?}", read.mistakes) };
    assert!(late.starts_with("line 5: time_start: found \"late\", accepted: a time such as"), "{late}");
}

#[test]
fn json_of_freeswitch_tells_of_a_call_once() {
    let read = read("freeswitch.json", Format::Freeswitch, &Mapping::default());
    let [out, inside] = read.records.as_slice() else { panic!("{:?}", read.mistakes) };
    assert_eq!((accounts(out), accounts(inside)), ((1234, Some(91)), (1234, Some(1234))));
    assert_eq!((out.times.pdd.as_millis(), out.times.ring.as_millis()), (1_500, 4_500));
    assert_eq!((out.caller_name.as_deref(), out.called_received.as_str()), (Some("Ada L."), "+14155550199"));
    assert_eq!(out.caller_leg.address, Some("192.0.2.10:5062".parse().unwrap()));
    assert_eq!((out.released_by, inside.disposition()), (ReleasedBy::Caller, Disposition::Busy));
    assert_eq!(read.passed_over, 1);
    assert_eq!(
        read.mistakes,
        ["freeswitch.json, document 3: start_uepoch: found \"soon\", accepted: microseconds since 1970"]
    );
}

#[test]
fn what_a_broken_document_keeps_from_being_read_is_said_with_its_place_and_length() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cdr.json");
    let whole = std::fs::read_to_string(sample("freeswitch.json")).unwrap();
    let rest = "{\"variables\": {]}}\n".to_owned() + &whole;
    std::fs::write(&path, whole.clone() + &rest).unwrap();
    let read = read_file(&path, Format::Freeswitch, &Mapping::default());
    assert_eq!(read.records.len(), 2);
    let (lines, documents) =
        (whole.lines().count(), 1 + read.records.len() + read.passed_over + read.mistakes.len());
    let said = read.mistakes.last().unwrap();
    assert!(
        said.starts_with(&format!("cdr.json, document {}, line {}, column 16: ", documents - 1, lines + 1)),
        "{said}"
    );
    let left = format!(
        "the last {} bytes of the file, from byte {} on, are not read",
        rest.len() + 1,
        whole.len() - 1
    );
    assert!(said.ends_with(&left), "{said}");
}

#[test]
fn a_mapping_says_what_the_columns_of_any_csv_hold() {
    let text = std::fs::read_to_string(sample("other.toml")).unwrap();
    let read = read("other.csv", Format::Csv, &mapping(&text));
    let [priced, inside] = read.records.as_slice() else { panic!("{:?}", read.mistakes) };
    assert_eq!((accounts(priced), accounts(inside)), ((1234, Some(91)), (1234, Some(1234))));
    assert_eq!(priced.charge(Side::Origination).unwrap().price.to_string(), "0.75");
    assert_eq!((priced.connected().as_secs(), inside.answered_at), (60, None));
    let [date] = read.mistakes.as_slice() else { panic!("{:?}", read.mistakes) };
    assert!(date.starts_with("line 2: Beginn: found \"28.11.2026\", accepted: "), "{date}");
    assert_eq!(read.rejects, ["A-1;28.11.2026;66;60;1001;+14155550199;acme;0.75"]);
}

#[test]
fn the_same_line_has_the_same_call_id_and_no_two_lines_have_one() {
    for (name, format) in [("asterisk.csv", Format::Asterisk), ("freeswitch.json", Format::Freeswitch)] {
        let ids = || read(name, format, &Mapping::default()).records.into_iter().map(|record| record.call_id);
        assert!(ids().eq(ids()) && ids().count() == 2);
        let mut all: Vec<_> = ids().collect();
        all.dedup();
        assert_eq!(all.len(), 2);
    }
}

#[test]
fn a_mapping_or_file_that_cannot_fit_is_said_before_anything_is_read() {
    let said = |mapping: &str| Mapping::parse(mapping).unwrap_err().to_string();
    assert_eq!(
        said("time_zone = 'Mars'"),
        "time_zone: found \"Mars\", accepted: the name of a zone such as \"Europe/Berlin\""
    );
    assert_eq!(said("delimiter = 'ä'"), "delimiter: found 'ä', accepted: an ASCII character such as \";\"");
    assert_eq!(said("colour = 1"), "the mapping cannot be read");
    let refused =
        Source::open(&sample("other.csv"), Format::Yeti, &Mapping::default()).err().unwrap().to_string();
    assert!(refused.contains("accepted: one with the column id"), "{refused}");
    let refused =
        Source::open(&sample("other.csv"), Format::Csv, &Mapping::default()).err().unwrap().to_string();
    assert!(refused.contains("columns.started_at: found nothing"), "{refused}");
    let directory = Directory::in_memory().unwrap();
    let unknown = Parties::new(directory.snapshot(), &mapping("outside = 5")).err().unwrap();
    assert_eq!(unknown.to_string(), "outside: found \"5\", accepted: the id of an account in the directory");
}

proptest! {
    #[test]
    fn whatever_a_file_holds_is_read_to_its_end(bytes in prop::collection::vec(any::<u8>(), 0..400), text in "[a-z0-9,\"\n:{}\\[\\]. -]{0,300}") {
        let folder = tempfile::tempdir().unwrap();
        let parties = Arc::new(parties(&Mapping::default()));
        let header = std::fs::read_to_string(sample("yeti.csv")).unwrap().lines().next().unwrap().to_owned() + "\n";
        for (content, format) in [
            (bytes.clone(), Format::Asterisk),
            (bytes, Format::Freeswitch),
            (text.clone().into_bytes(), Format::Freeswitch),
            ((header + &text).into_bytes(), Format::Yeti),
        ] {
            let path = folder.path().join("cdr");
            std::fs::write(&path, content).unwrap();
            for found in Source::open(&path, format, &Mapping::default()).unwrap() {
                let _ = found.text();
                if let Ok(Understood::Call(call)) = found.outcome {
                    let _ = call.record(&parties);
                }
            }
        }
    }
}
