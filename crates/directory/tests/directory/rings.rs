//! How phones ring: the first rule that a call fits.

use std::sync::Arc;

use call::Number;
use directory::{
    Directory, Snapshot,
    model::{RingSource, RingingCall},
};

use crate::fixture::parse;

const FILE: &str = r#"
realm = "r"
[[customers]]
name = "acme"
[[accounts]]
id = 1
name = "acme"
customer = "acme"
[[accounts.rings]]
dialed = ["+4930700", "700"]
alert_info = "team"
[[accounts.rings]]
callers = ["4989", "12"]
from = "outside"
alert_info = "munich"
call_info = "<http://127.0.0.1/m.png>"
[[accounts.rings]]
from = "inside"
alert_info = "inside"
[[devices]]
sip_user = "usual"
account = 1
mac = "000000000001"
secret = "secret"
[[devices]]
sip_user = "own"
account = 1
mac = "000000000002"
secret = "secret"
[[devices.rings]]
from = "inside"
[[devices.rings]]
callers = ["49"]
alert_info = "german"
"#;

fn applied(file: &str) -> Arc<Snapshot> {
    let directory = Directory::in_memory().expect("memory is there");
    directory.apply(&parse(file)).expect("the file is right");
    directory.snapshot()
}

fn ring(device: &str, from: RingSource, caller: &str, dialed: &str) -> Option<Option<String>> {
    let snapshot = applied(FILE);
    let device = snapshot.device_by_sip_user(device).expect("it is one of the file's").id;
    let (caller, dialed, extension) = (Number::from(caller), Number::from(dialed), Number::from("1001"));
    let caller = Some(&caller).filter(|caller| !caller.as_str().is_empty());
    let call = RingingCall { from, caller, dialed: Some(&dialed), extension: &extension };
    snapshot.ring(device, &call).map(|rule| rule.alert_info.as_deref().map(str::to_owned))
}

#[test]
fn the_first_rule_that_a_call_fits_says_how_a_phone_rings_and_its_own_go_first() {
    use RingSource::{Inside, Outside};
    let cases = [
        ("usual", Outside, "+4989123", "4930700", Some("team")),
        ("usual", Inside, "1002", "700", Some("team")),
        ("usual", Outside, "+4989123", "+4930701", Some("munich")),
        ("usual", Outside, "4989123", "+4930701", Some("munich")),
        ("usual", Inside, "1202", "1001", Some("inside")),
        ("own", Outside, "+4989123", "+4930700", Some("german")),
        ("own", Outside, "1201", "+4930701", Some("munich")),
    ];
    for (device, from, caller, dialed, expected) in cases {
        let expected = Some(expected.map(str::to_owned));
        assert_eq!(ring(device, from, caller, dialed), expected, "{device} {caller} {dialed}");
    }
}

#[test]
fn a_rule_that_says_nothing_lets_a_phone_ring_as_usual_and_a_hidden_caller_fits_no_number() {
    assert_eq!(ring("own", RingSource::Inside, "1002", "700"), Some(None));
    assert_eq!(ring("usual", RingSource::Outside, "", "+4930701"), None);
    assert_eq!(ring("usual", RingSource::Outside, "+33123", "+4930701"), None);
}

#[test]
fn an_extension_that_rings_fits_whatever_was_dialed() {
    let file = FILE.replace("\"700\"", "\"1001\"");
    let snapshot = applied(&file);
    let device = snapshot.device_by_sip_user("usual").unwrap().id;
    let extension = Number::from("1001");
    let call = RingingCall { from: RingSource::Outside, caller: None, dialed: None, extension: &extension };
    assert_eq!(snapshot.ring(device, &call).unwrap().alert_info.as_deref(), Some("team"));
}
