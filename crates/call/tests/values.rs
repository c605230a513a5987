//! Numbers, ids and instants.

use std::time::Duration;

use call::{CallId, Number, Timestamp, time::whole_seconds};

#[test]
fn separators_that_people_write_into_numbers_are_taken_out() {
    let plain = |text: &str| Number::from(text).without_separators().to_string();
    assert_eq!(plain("+1 (415) 555-01.99"), "+14155550199");
    assert_eq!(plain("*21#"), "*21#");
    assert_eq!(plain("Jo Smith"), "JoSmith");
}

#[test]
fn only_numbers_have_digits() {
    let digits = |text: &str| Number::from(text).digits().map(str::to_owned);
    assert_eq!(digits("+14155550199").as_deref(), Some("14155550199"));
    assert_eq!(digits("1001").as_deref(), Some("1001"));
    for other in ["", "+", "++1", "1+1", "*21", "anonymous", "١٢"] {
        assert_eq!(digits(other), None, "{other}");
    }
}

#[test]
fn a_number_is_the_same_with_and_without_its_plus() {
    assert_eq!(Number::from("+14155550199").without_plus(), Number::from("14155550199").without_plus());
    assert_eq!(Number::from("1+1").without_plus(), "1+1");
}

#[test]
fn feature_codes_begin_with_a_star_or_a_hash() {
    let is_code = |text: &str| Number::from(text).is_feature_code();
    assert!(is_code("*21") && is_code("#") && is_code("*#06#"));
    assert!(!is_code("") && !is_code("21*") && !is_code("*2a") && !is_code("+1"));
}

#[test]
fn ids_are_read_as_they_are_printed_and_order_by_time() {
    let at = |seconds| CallId::new(Timestamp::from_seconds(seconds), [255; 10]);
    let later = CallId::new(Timestamp::from_seconds(3), [0; 10]);
    assert_eq!(at(2).to_string().parse(), Ok(at(2)));
    assert!(at(1) < at(2) && at(2) < later);
    assert_eq!(at(2).as_uuid().get_version_num(), 7);
}

#[test]
fn an_id_before_the_epoch_is_one_of_the_epoch() {
    assert_eq!(CallId::new(Timestamp::MIN, [1; 10]), CallId::new(Timestamp::from_micros(0), [1; 10]));
}

#[test]
fn instants_before_the_epoch_round_down_as_those_after_it() {
    let at = Timestamp::from_micros(-1);
    assert_eq!((at.as_millis(), at.as_seconds()), (-1, -1));
    assert_eq!(Timestamp::from_seconds(i64::MAX), Timestamp::MAX);
}

#[test]
fn instants_stay_within_what_can_be_told() {
    assert_eq!(Timestamp::MAX + Duration::MAX, Timestamp::MAX);
    assert_eq!(Timestamp::MIN - Duration::MAX, Timestamp::MIN);
}

#[test]
fn seconds_are_rounded_to_the_nearest_halves_up() {
    let rounded = |micros| whole_seconds(Duration::from_micros(micros));
    assert_eq!([0, 499_999, 500_000, 1_499_999, 1_500_000].map(rounded), [0, 0, 1, 1, 2]);
    assert_eq!(whole_seconds(Duration::MAX), u64::MAX);
}
