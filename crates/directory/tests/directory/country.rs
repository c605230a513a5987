//! The country of a number.

use directory::country::country_of;
use isocountry::CountryCode;
use phonenumber::metadata::{DATABASE, Metadata};

use crate::fixture::number;

fn country(text: &str) -> Option<&'static str> {
    let code = country_of(&number(text))?;
    CountryCode::iter().find(|country| country.numeric_id() == u32::from(code)).map(CountryCode::alpha2)
}

#[test]
fn a_number_belongs_to_the_country_of_its_prefix() {
    let numbers = [
        ("+14155550199", "US"),
        ("+16137827274", "CA"),
        ("+18765550100", "JM"),
        ("+17875550100", "PR"),
        ("+13459492311", "KY"),
        ("+79161234567", "RU"),
        ("+77012345678", "KZ"),
        ("+442079460000", "GB"),
        ("+441534456789", "JE"),
        ("+441481456789", "GG"),
        ("+441624756789", "IM"),
        ("+390612345678", "IT"),
        ("+390669812345", "VA"),
        ("+493012345678", "DE"),
        ("+33142685300", "FR"),
        ("+5511912345678", "BR"),
        ("+919812345678", "IN"),
        ("+8613812345678", "CN"),
        ("+81312345678", "JP"),
        ("+35318123456", "IE"),
        ("+35818123456", "AX"),
    ];
    for (text, expected) in numbers {
        assert_eq!(country(text), Some(expected), "{text}");
        assert_eq!(country(&text[1..]), Some(expected), "{text}");
    }
}

#[test]
fn short_numbers_feature_codes_and_names_have_no_country() {
    for text in ["", "+", "1001", "493012", "+49301", "*97", "ann", "+49 30 12345678", "00493012345678"] {
        assert_eq!(country(text), None, "{text}");
    }
}

#[test]
fn numbers_that_are_bound_to_no_country_have_none() {
    for text in ["+18005550100", "+19005550100", "+80012340000", "+88216123456", "+38349123456"] {
        assert_eq!(country(text), None, "{text}");
    }
}

/// Regions whose example numbers the metadata gives to several at once, or that are not in ISO 3166-1.
const UNDECIDED: [&str; 5] = ["BL", "MF", "CC", "CX", "XK"];

#[test]
fn every_country_has_the_numbers_that_the_metadata_of_phonenumber_gives_it() {
    let mut compared = 0;
    for region in (1..1000).filter_map(|code| DATABASE.by_code(&code)).flatten() {
        let is_country = region.id() != "001" && !UNDECIDED.contains(&region.id());
        for text in examples(region).into_iter().filter(|_| is_country) {
            assert_eq!(country(&text), Some(iso(region.id())), "{text}");
            compared += 1;
        }
    }
    assert!(compared > 400, "only {compared} numbers were compared");
}

/// A landline and a mobile number of a region, except those that its neighbour has too.
fn examples(region: &Metadata) -> Vec<String> {
    let kinds = [region.descriptors().fixed_line(), region.descriptors().mobile()];
    let national = kinds.into_iter().flatten().filter_map(|kind| kind.example());
    let shared = ["4741234567", "212650123456", "358412345678", "393123456789"];
    let numbers = national.map(|national| format!("{}{national}", region.country_code()));
    let is_main = region.is_main_country_for_code();
    numbers.filter(|number| is_main || !shared.contains(&number.as_str())).collect()
}

/// Ascension and Tristan da Cunha are part of Saint Helena in ISO 3166-1.
fn iso(region: &str) -> &str {
    match region {
        "AC" | "TA" => "SH",
        own => own,
    }
}
