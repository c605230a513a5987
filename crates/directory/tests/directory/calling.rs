//! Where and when the calls of an account may go.

use call::{AccountId, DeviceId, Payer, Timestamp};
use directory::{
    Directory, DirectoryFile,
    model::{Forbidden, Hours},
    routing::{Refused, Unroutable, Via},
};

use crate::fixture::{NOW, number, owner, small_with, snapshot};

const OFFICE: &str = "id = 10\n";

/// The small directory, whose account 10 may call as `rules` say.
fn with(rules: &str) -> String {
    small_with(OFFICE, &format!("{OFFICE}calling = {rules}\n"))
}

/// What a call of account 10 is against.
fn against(rules: &str, dialed: &str, at: Timestamp) -> Option<Forbidden> {
    let snapshot = snapshot(&with(rules));
    match snapshot.route(owner(&snapshot, 10), Via::Device(None), &number(dialed), at) {
        Err(Unroutable::Refused(Refused::Rule(rule))) => Some(rule),
        _ => None,
    }
}

#[test]
fn the_countries_that_may_be_called_are_those_that_are_allowed_and_not_blocked() {
    let only = r#"{ countries = ["DE", "AT"] }"#;
    assert_eq!(against(only, "+498912345678", NOW), None);
    assert_eq!(against(only, "+14155550199", NOW), Some(Forbidden::Country));
    assert_eq!(against(only, "+88235012345", NOW), Some(Forbidden::Country), "a satellite is in no country");
    assert_eq!(against(only, "112", NOW), None, "a short number is held to the prefixes alone");
    assert_eq!(against(only, "1001", NOW), None, "an extension is not outside");
    let all_but = r#"{ blocked_countries = ["US"] }"#;
    assert_eq!(against(all_but, "+14155550199", NOW), Some(Forbidden::Country));
    assert_eq!(against(all_but, "+498912345678", NOW), None);
    for dialed in ["08912345678", "0014155550199", "+08912345678"] {
        assert_eq!(
            against(all_but, dialed, NOW),
            Some(Forbidden::Country),
            "{dialed}: of a country not known"
        );
    }
}

#[test]
fn the_longest_prefix_says_whether_a_number_may_be_called() {
    let rules = r#"{ prefixes = ["49", "499001"], blocked_prefixes = ["4990"] }"#;
    let cases = [
        ("+498912345678", None),
        ("498912345678", None),
        ("+499012345678", Some(Forbidden::Prefix)),
        ("+499001234567", None),
        ("+14155550199", Some(Forbidden::Prefix)),
        ("118", Some(Forbidden::Prefix)),
    ];
    for (dialed, expected) in cases {
        assert_eq!(against(rules, dialed, NOW), expected, "{dialed}");
    }
}

#[test]
fn calls_begin_at_the_hours_of_the_account_s_own_clock() {
    let rules = r#"{ hours = ["mon-fri 08:00-18:00", "sat 09:00-24:00"], time_zone = "Europe/Berlin" }"#;
    let at = |text: &str| {
        Timestamp::from_micros(text.parse::<jiff::Timestamp>().expect("it is one").as_microsecond())
    };
    // Berlin is two hours ahead in July, one in January.
    let cases = [
        ("2026-07-06T05:59:59Z", Some(Forbidden::Hours)),
        ("2026-07-06T06:00:00Z", None),
        ("2026-07-06T15:59:59Z", None),
        ("2026-07-06T16:00:00Z", Some(Forbidden::Hours)),
        ("2026-01-05T06:30:00Z", Some(Forbidden::Hours)),
        ("2026-07-11T21:59:59Z", None),
        ("2026-07-11T22:00:00Z", Some(Forbidden::Hours)),
        ("2026-07-12T10:00:00Z", Some(Forbidden::Hours)),
    ];
    for (instant, expected) in cases {
        assert_eq!(against(rules, "+498912345678", at(instant)), expected, "{instant}");
    }
    assert_eq!(against(rules, "112", at("2026-07-12T10:00:00Z")), None);
}

#[test]
fn hours_are_written_as_they_are_read() {
    for text in ["mon-fri 08:00-18:00", "sat 09:00-24:00", "fri-mon 00:00-00:01"] {
        assert_eq!(Hours::parse(text).map(|hours| hours.to_string()).as_deref(), Some(text));
    }
    for text in [
        "",
        "mon",
        "mon 8:00-9:00",
        "mon +8:00-09:00",
        "mon 09:00-08:00",
        "mon 08:00-24:01",
        "mon 08:60-09:00",
        "day 08:00-09:00",
    ] {
        assert_eq!(Hours::parse(text), None, "{text}");
    }
}

#[test]
fn rules_and_bounds_of_phones_outlive_the_process_and_are_shown_as_they_are_applied() {
    let rules = r#"{ countries = ["AT", "DE"], blocked_prefixes = ["4990"], hours = ["mon 08:00-18:00"], time_zone = "Europe/Berlin" }"#;
    let secret = "secret = \"device-secret-1\"\n";
    let spending = "spending = { spend_per_hour = \"5\", minutes_per_day = 30 }\n";
    let text = with(rules).replace(secret, &format!("{secret}{spending}"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("directory.db");
    Directory::open(&path).unwrap().apply(&DirectoryFile::parse("x", &text).unwrap()).unwrap();
    let opened = Directory::open(&path).unwrap();
    let shown = opened.snapshot().to_toml();
    assert!(shown.contains(&format!("calling = {rules}\n")) && shown.contains(spending), "{shown}");
    let again = opened.apply(&DirectoryFile::parse("x", &shown).unwrap()).unwrap();
    assert_eq!(again.to_string(), "no changes");
}

#[test]
fn a_phone_that_has_spent_all_is_stopped_and_its_account_is_not() {
    let directory = Directory::in_memory().unwrap();
    let free = "initial_rate = \"0\"";
    assert!(!with("{}").contains(free), "calls of account 10 cost something");
    directory.apply(&DirectoryFile::parse("x", &with("{}")).unwrap()).unwrap();
    let snapshot = directory.snapshot();
    let goes = |device| {
        let via = Via::Device(device);
        snapshot.route(owner(&snapshot, 10), via, &number("+498912345678"), NOW).map(drop)
    };
    let spent = Err(Unroutable::Refused(Refused::Spent));
    directory.stopped().set([Payer::Device(DeviceId(1))].into());
    assert_eq!(
        [goes(Some(DeviceId(1))), goes(Some(DeviceId(2))), goes(None)].map(|found| found == spent),
        [true, false, false]
    );
    directory.stopped().set([Payer::Account(AccountId(10))].into());
    assert_eq!([goes(Some(DeviceId(1))), goes(None)].map(|found| found == spent), [true, true]);
}
