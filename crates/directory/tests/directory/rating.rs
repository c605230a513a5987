//! Which rate a call has.

use call::{Timestamp, event::Side, rating::Rate};
use directory::{Snapshot, model::ProfileId, rating::Refused};

use crate::fixture::{NOW, number, owner, small_and, snapshot};

/// A rate of a plan; its price says which it is.
fn rate(prefix: &str, price: &str, fields: &str) -> String {
    format!(
        "[[rateplans.rates]]\nprefix = \"{prefix}\"\ninitial_interval = 1\ninitial_rate = \"{price}\"\n{fields}\n"
    )
}

/// The small directory, whose account 10 has this plan on this side; `more` is what else its billing says.
fn with_plan(side: &str, more: &str, rates: &[String]) -> std::sync::Arc<Snapshot> {
    let text = small_and(&format!("[[rateplans]]\nname = \"tested\"\n{}", rates.concat()));
    let billing = format!("{{ {side}_rateplan = \"tested\"{more} }}");
    snapshot(&text.replace("{ origination_rateplan = \"retail\" }", &billing))
}

fn found(snapshot: &Snapshot, side: Side, called: &str, at: Timestamp) -> Result<Option<Rate>, Refused> {
    snapshot.rate(owner(snapshot, 10), side, &number(called), at)
}

/// The price of the rate that account 10 pays for a call, or why it has none.
fn price(snapshot: &Snapshot, called: &str, at: Timestamp) -> String {
    match found(snapshot, Side::Origination, called, at) {
        Ok(Some(rate)) => rate.initial_rate.to_string(),
        Ok(None) => "none".to_owned(),
        Err(Refused) => "refused".to_owned(),
    }
}

#[test]
fn the_rate_with_the_longest_prefix_holds() {
    let rates = [rate("", "3", ""), rate("49", "2", ""), rate("4930", "1", "")];
    let snapshot = with_plan("origination", "", &rates);
    let prices = ["+4930123", "4989123", "33123", "*97", "ann"].map(|called| price(&snapshot, called, NOW));
    assert_eq!(prices, ["1", "2", "3", "none", "none"]);
    assert_eq!(found(&snapshot, Side::Termination, "4930", NOW), Ok(None));
    assert_eq!(snapshot.rate(owner(&snapshot, 20), Side::Origination, &number("4930"), NOW), Ok(None));
}

#[test]
fn a_rate_that_is_switched_off_leaves_calls_to_a_shorter_prefix() {
    let snapshot = with_plan("origination", "", &[rate("49", "2", ""), rate("4930", "1", "enabled = false")]);
    assert_eq!(price(&snapshot, "4930123", NOW), "2");
}

#[test]
fn a_rate_is_for_numbers_of_its_lengths() {
    let lengths = "number_min_length = 5\nnumber_max_length = 7";
    let snapshot = with_plan("origination", "", &[rate("49", "1", lengths), rate("", "9", "")]);
    let prices = ["4912", "49123", "+4912345", "49123456"].map(|called| price(&snapshot, called, NOW));
    assert_eq!(prices, ["9", "1", "1", "9"]);
}

#[test]
fn a_rate_holds_from_the_first_instant_of_its_validity_until_before_the_last() {
    let rates = [
        rate("49", "1", "valid_till = 2026-01-02T12:00:00Z"),
        rate("49", "2", "valid_from = 2026-01-02T12:00:00Z\nvalid_till = 2026-01-02T13:00:00Z"),
        rate("49", "3", "valid_from = 2026-01-02T14:00:00Z"),
    ];
    let snapshot = with_plan("origination", "", &rates);
    let at = |micros: i64| price(&snapshot, "49", Timestamp::from_micros(NOW.as_micros() + micros));
    let hour = 3_600_000_000;
    let prices = [at(-1), at(0), at(hour - 1), at(hour), at(2 * hour - 1), at(2 * hour)];
    assert_eq!(prices, ["1", "2", "2", "none", "none", "3"]);
}

#[test]
fn of_two_rates_that_hold_the_later_one_goes_first() {
    let rates = [rate("49", "1", ""), rate("49", "2", "valid_from = 2025-01-01T00:00:00Z")];
    assert_eq!(price(&with_plan("origination", "", &rates), "49", NOW), "2");
}

#[test]
fn a_rate_with_tags_is_for_calls_that_have_all_of_them() {
    let rates = [
        rate("49", "1", ""),
        rate("49", "2", "routing_tags = [\"office\"]"),
        rate("49", "3", "routing_tags = [\"night\", \"office\"]"),
    ];
    let tagged =
        |tags: &str| price(&with_plan("origination", &format!(", routing_tags = {tags}"), &rates), "49", NOW);
    assert_eq!(tagged("[]"), "1");
    assert_eq!(tagged("[\"office\"]"), "2");
    assert_eq!(tagged("[\"night\"]"), "1");
    assert_eq!(tagged("[\"office\", \"night\", \"other\"]"), "3");
}

#[test]
fn the_account_that_pays_pays_its_vat_and_the_one_that_is_paid_gets_none() {
    let rates = [rate("", "1", "connect_fee = \"2\"\nattempt_fee = \"3\"")];
    let paid = found(&with_plan("origination", ", vat = \"19\"", &rates), Side::Origination, "49", NOW);
    let paid = paid.unwrap().unwrap();
    let shown = [paid.vat, paid.fee, paid.attempt_fee, paid.next_rate].map(|amount| amount.to_string());
    assert_eq!(shown, ["19", "2", "3", "1"]);
    let earned = found(&with_plan("termination", ", vat = \"19\"", &rates), Side::Termination, "49", NOW);
    assert!(earned.unwrap().unwrap().vat.is_zero());
}

#[test]
fn the_longest_prefix_decides_whether_a_call_is_rejected() {
    let rates = [rate("", "1", "reject_calls = true"), rate("49", "2", "")];
    let snapshot = with_plan("origination", "", &rates);
    assert_eq!(["4930", "33", "*97"].map(|called| price(&snapshot, called, NOW)), ["2", "refused", "none"]);
}

#[test]
fn for_each_set_of_tags_the_rate_with_the_longest_prefix_is_told() {
    let rates = [
        rate("", "1", ""),
        rate("49", "2", ""),
        rate("", "3", "routing_tags = [\"a\"]"),
        rate("4930", "4", "enabled = false"),
        rate("4930", "5", "routing_tags = [\"b\", \"a\"]"),
        rate("50", "6", "routing_tags = [\"c\"]"),
    ];
    let snapshot = with_plan("origination", "", &rates);
    let plan = snapshot.entries().accounts[0].billing.origination_rateplan.unwrap();
    let found = snapshot.rates_by_tags(plan, &number("+4930"), NOW);
    let prices: Vec<_> = found.iter().map(|rate| rate.price.initial_rate.to_string()).collect();
    assert_eq!(prices, ["5", "2", "3"]);
    assert!(snapshot.rates_by_tags(plan, &number("ann"), NOW).is_empty());
    assert!(snapshot.rates_by_tags(uuid::Uuid::nil(), &number("49"), NOW).is_empty());
}

#[test]
fn a_client_reaches_the_plans_that_its_accounts_pay_by() {
    let snapshot = with_plan("termination", "", &[]);
    let access = |account| snapshot.access_of_account(call::AccountId(account)).unwrap();
    assert!(snapshot.rateplans_of(&access(10)).is_empty());
    let snapshot = with_plan("origination", "", &[]);
    let names = |account| {
        let access = snapshot.access_of_account(call::AccountId(account)).unwrap();
        snapshot.rateplans_of(&access).iter().map(|plan| plan.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(10), ["tested"]);
    assert!(names(20).is_empty());
}

#[test]
fn ids_of_rates_and_plans_that_are_not_given_stay() {
    let ids = |text: &str| {
        let snapshot = snapshot(text);
        let plan = &snapshot.entries().rateplans[0];
        (plan.uuid, plan.rates[0].uuid)
    };
    let small = small_and("");
    assert_eq!(ids(&small), ids(&small.replace("initial_rate = \"0.02\"", "initial_rate = \"0.03\"")));
    assert_ne!(ids(&small).1, ids(&small.replace("prefix = \"49\"", "prefix = \"48\"")).1);
    assert_ne!(ids(&small).0, ids(&small.replace("retail", "other")).0);
}

#[test]
fn a_profile_permits_what_it_does_not_deny() {
    let profiles = "[[profiles]]\nid = 2\ndeny = [\"recordings\"]\n[[profiles]]\nid = 3\n";
    let snapshot = snapshot(&small_and(profiles));
    let permits = |id, name| snapshot.profile(ProfileId(id)).unwrap().permits(name);
    let recordings = [1, 2, 3].map(|id| snapshot.profile(ProfileId(id)).unwrap().allows_recordings());
    assert_eq!(recordings, [true, false, true]);
    assert_eq!([1, 2, 3].map(|id| permits(id, "payments-cryptomus")), [false, true, false]);
    assert!([1, 2, 3].iter().all(|id| permits(*id, "account")));
    assert!(snapshot.profile(ProfileId(4)).is_none());
    assert_eq!(snapshot.user_by_login("ann").unwrap().profile, ProfileId::USUAL);
}
