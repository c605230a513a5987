//! What can end up in a log shows no number, no name and no address.

use call::{
    Applied, Number, Registry,
    activity::ActiveCall,
    event::Side,
    filter::{CallFilter, TextKind, TextOperator, TextTest},
    state::Call,
};
use testkit::event_table::EventTable;

const TABLE: &str = "
at      leg  event
0.000   A    offered    from trunk carrier-a dialed +442071838750 showing +14155550100 named Jo
0.030   B    offered    to ext 1001
1.000   B    answered
1.000   A    answered
1.010   A+B  bridged
5.000   B    transfers  blind to +14155550177 named Zoe
5.010   C    offered    to trunk carrier-b as +14155550177
6.000   C    answered
6.010   A+C  bridged
6.020   B+C  transferred
6.030   B    ended      transferred by switch
9.000   A    ended      normal
9.010   C    ended      normal by switch
";

const PRIVATE: [&str; 7] = ["442071838750", "4155550100", "4155550177", "1001", "Jo", "Zoe", "Alice"];

fn assert_discreet(shown: &impl std::fmt::Debug) {
    let shown = format!("{shown:?} {shown:#?}");
    for private in PRIVATE {
        assert!(!shown.contains(private), "{private} is shown in {shown}");
    }
}

#[test]
fn events_calls_and_records_are_shown_without_numbers_and_names() {
    let mut registry = Registry::default();
    for event in EventTable::parse("privacy", TABLE).unwrap().events() {
        assert_discreet(&event);
        let applied = registry.apply(&event);
        assert_discreet(&applied);
        assert_discreet(&registry);
        if let Applied::Ended(record) = applied {
            assert_discreet(&record.caller_leg);
            assert_discreet(&record.interactions);
            assert_discreet(&record.transferred_to);
            assert_discreet(&record.legs);
        }
    }
    assert!(registry.is_empty());
}

#[test]
fn calls_to_be_counted_and_their_filters_are_shown_without_numbers() {
    let events = EventTable::parse("privacy", TABLE).unwrap().events();
    let mut call = Call::begin(&events[0]).unwrap();
    for event in &events[1..6] {
        call.apply(event);
    }
    assert_discreet(&ActiveCall::live(&call, call.origination().account, Side::Origination));
    let kinds = [TextKind::Plain, TextKind::Number, TextKind::Address];
    let caller = kinds.map(|kind| TextTest::new(kind, TextOperator::Contains, ["+14155550100"])).to_vec();
    assert_discreet(&CallFilter { caller, ..CallFilter::default() });
}

#[test]
fn a_number_is_shown_only_to_whom_it_is_printed() {
    let number = Number::from("+14155550100");
    assert_discreet(&number);
    assert_eq!(number.to_string(), "+14155550100");
}
