//! Event tables: what they refuse, what they find, and what they make.

use call::{EventKind, event::Origin};
use testkit::event_table::{EventTable, assert_table, call_id, leg_id};

const ANSWERED: &str = "
# an answered outbound call, hung up by the caller
at      leg  event
0.000   A    offered   from ext 1001 dialed +14155550199
0.120   B    offered   to trunk carrier-a
1.400   B    ringing
6.020   B    answered
6.031   A+B  bridged
66.031  A    ended     normal
66.040  B    ended     normal

record
direction outbound  disposition answered  released_by caller
pdd 1.400  ring 4.620  talk 60.011
";

fn refusal(text: &str) -> String {
    EventTable::parse("some.txt", text).expect_err("the table is wrong").to_string()
}

fn differences(text: &str) -> String {
    let table = EventTable::parse("some.txt", text).expect("the table can be read");
    table.check().expect_err("the table expects something else").to_string()
}

#[test]
fn a_table_as_drawn_on_a_whiteboard_passes() {
    assert_table("answered.txt", ANSWERED);
}

#[test]
fn the_first_offer_starts_the_call_and_the_second_routes_it() {
    let table = EventTable::parse("answered.txt", ANSWERED).unwrap();
    let events = table.events();
    assert!(matches!(&events[0].kind, EventKind::CallStarted(started) if started.origin == Origin::Invite));
    assert!(matches!(&events[1].kind, EventKind::LegOffered { leg, .. } if *leg == leg_id("A")));
    assert!(matches!(&events[2].kind, EventKind::CallRouted(_)));
    assert!(matches!(&events[3].kind, EventKind::LegOffered { leg, .. } if *leg == leg_id("B")));
    assert!(events.iter().all(|event| event.call_id == call_id("1")));
    assert_eq!(table.records().len(), 1);
}

#[test]
fn reading_a_table_twice_gives_the_same_events() {
    let read = || EventTable::parse("answered.txt", ANSWERED).unwrap().events();
    assert_eq!(read(), read());
}

#[test]
fn an_unknown_event_is_refused_with_file_and_line() {
    let refusal = refusal(&ANSWERED.replace("ringing", "rinigng"));
    assert!(
        refusal.starts_with("some.txt:6: `rinigng` is not an event; accepted: originated, "),
        "{refusal}"
    );
}

#[test]
fn unknown_words_are_refused_wherever_they_stand() {
    let cases = [
        ("ext 1001", "ext 999", "some.txt:4: `999` is not a known extension; accepted: 1001, "),
        ("ext 1001", "fax 1001", "some.txt:4: `fax` is not a party; accepted: ext, phone, trunk"),
        ("dialed +1", "calling +1", "some.txt:4: `calling` stands where `dialed` is expected"),
        ("carrier-a", "carrier-a as 7 x", "some.txt:5: `x` is too much"),
        ("1.400", "1.4s", "some.txt:6: `1.4s` is not a time in seconds such as 6.020"),
        ("6.020   B", "0.020   B", "some.txt:7: the line is earlier than the one before it"),
        ("A+B", "A+C", "some.txt:8: leg `C` has not been offered"),
        (
            "A    ended     normal",
            "A  ended  dull",
            "some.txt:9: `dull` is not a known cause; accepted: normal,",
        ),
        ("at      leg", "when  leg", "some.txt:3: `when  leg  event` is not the heading of a table"),
        ("talk", "chat", "some.txt:14: `chat` is not a known value of a record; accepted: direction, "),
        (
            "direction outbound",
            "direction outward",
            "some.txt:13: `outward` is not a known direction; accepted: outbound, ",
        ),
        (
            "direction outbound",
            "direction outbound for axme",
            "some.txt:13: `axme` is not a known account; accepted: acme, ",
        ),
        ("released_by caller", "released_by me", "some.txt:13: `me` is not a known releaser; accepted: "),
        ("talk 60.011", "talk", "some.txt:14: `talk` has no value"),
    ];
    for (word, wrong, expected) in cases {
        let refusal = refusal(&ANSWERED.replacen(word, wrong, 1));
        assert!(refusal.starts_with(expected), "expected {expected}\n   found {refusal}");
    }
}

#[test]
fn every_difference_is_told_with_its_line() {
    let wrong =
        ANSWERED.replace("ring 4.620", "ring 4.6").replace("released_by caller", "released_by callee");
    assert_eq!(
        differences(&wrong),
        "some.txt is not what happens:\n  \
         line 13: released_by: expected callee, found caller\n  \
         line 14: ring: expected 4.600, found 4.620"
    );
}

#[test]
fn a_list_that_differs_is_shown_whole_beside_what_was_found() {
    let wrong = format!("{ANSWERED}\nlegs\nA 0.000 - - 66.031 normal\n");
    assert_eq!(
        differences(&wrong),
        "some.txt is not what happens:\n  line 16: expected\n      \
         A 0.000 - - 66.031 normal\n    found\n      \
         A 0.000 - - 66.031 normal\n      B 0.120 1.400 6.020 66.040 normal"
    );
}

#[test]
fn a_look_at_the_live_call_that_differs_is_told() {
    let looks = "6.500 - live on-hold legs A,B bridged A+C accounts acme\n6.600 - gone\n66.031";
    assert_eq!(
        differences(&ANSWERED.replacen("66.031", looks, 1)),
        "some.txt is not what happens:\n  \
         line 9: live Phase: expected on-hold, found talking\n  \
         line 9: live Bridged: expected A+C, found A+B\n  \
         line 9: live Accounts: expected acme, found acme,carrier-a\n  \
         line 10: call 1 is still there"
    );
}

#[test]
fn an_event_that_changes_nothing_is_told() {
    let twice = ANSWERED.replace("1.400   B    ringing", "1.400   B    ringing\n1.500   B    ringing");
    assert_eq!(
        differences(&twice),
        "some.txt is not what happens:\n  line 7: the event is taken for a repeat"
    );
}

#[test]
fn a_call_that_does_not_end_is_told() {
    let endless = ANSWERED.replace("66.040  B    ended     normal\n", "");
    assert_eq!(
        differences(&endless),
        "some.txt is not what happens:\n  \
         line 11: call 1 has no record\n  line 9: call 1 is not over at the end"
    );
}

#[test]
fn a_record_that_nothing_expects_is_told() {
    let other = ANSWERED.replace("at      leg  event", "at call leg event");
    let other = other.replace("   A ", " 2 A ").replace("   B ", " 2 B ").replace("  A ", " 2 A ");
    let other = other.replace("  B ", " 2 B ").replace("   A+B", " 2 A+B");
    assert_eq!(
        differences(&other),
        "some.txt is not what happens:\n  \
         line 12: call 1 has no record\n  line 10: call 2 has a record that nothing expects"
    );
}
