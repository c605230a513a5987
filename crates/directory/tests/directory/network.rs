//! Networks and their prefixes.

mod derive;

use std::collections::HashSet;

use directory::network::{network_prefix_of, network_prefixes, network_types, networks};
use phonenumber::metadata::DATABASE;

#[test]
fn the_table_is_what_the_metadata_of_phonenumber_says() {
    let found = include_str!("../../src/network/prefixes.txt");
    let advice = "print it anew: cargo run -p directory --example networks > \
                  crates/directory/src/network/prefixes.txt";
    assert!(derive::table() == found, "{advice}");
}

#[test]
fn a_number_belongs_to_the_network_of_its_longest_prefix() {
    let numbers = [
        ("4915123456789", "Germany, mobile"),
        ("493012345678", "Germany, landline"),
        ("4980012345678", "Germany, toll free"),
        ("447400123456", "United Kingdom of Great Britain and Northern Ireland, mobile"),
        ("441534456789", "Jersey, landline"),
        ("14155550199", "United States of America, landline or mobile"),
        ("16137827274", "Canada, landline or mobile"),
        ("79161234567", "Russian Federation, mobile"),
        ("77012345678", "Kazakhstan, mobile"),
        ("33899123456", "France, premium rate"),
        ("390669812345", "Holy See, landline"),
    ];
    for (number, expected) in numbers {
        let found = network_prefix_of(number).map(|prefix| prefix.network.name.as_str());
        assert_eq!(found, Some(expected), "{number}");
    }
    assert_eq!(network_prefix_of("18005550100"), None);
    assert_eq!(network_prefix_of(""), None);
}

/// Regions whose example numbers the metadata gives to their neighbours too, or that are not in ISO 3166-1.
const UNDECIDED: [&str; 5] = ["BL", "MF", "CC", "CX", "XK"];

/// Numbers that nothing but their length tells from numbers of another kind.
const TOLD_BY_LENGTH: [&str; 2] = ["56600123456", "59821231234"];

#[test]
fn example_numbers_of_the_metadata_are_of_the_kind_that_they_are_examples_of() {
    let mut compared = 0;
    for region in (1..1000).filter_map(|code| DATABASE.by_code(&code)).flatten() {
        let is_country = region.id() != "001" && !UNDECIDED.contains(&region.id());
        let all = region.descriptors();
        let examples = [(all.mobile(), "obile"), (all.fixed_line(), "andline")];
        for (kind, name) in examples.into_iter().filter(|_| is_country) {
            let Some(example) = kind.and_then(|kind| kind.example()) else { continue };
            let number = format!("{}{example}", region.country_code());
            if TOLD_BY_LENGTH.contains(&number.as_str()) {
                continue;
            }
            let found = network_prefix_of(&number).map(|prefix| prefix.network.network_type.name);
            assert!(
                found.is_some_and(|found| found.contains(name)),
                "{number} of {}: {found:?}",
                region.id()
            );
            compared += 1;
        }
    }
    assert!(compared > 400, "only {compared} numbers were compared");
}

#[test]
fn nothing_has_an_id_that_another_has() {
    let types = network_types().iter().map(|entry| entry.uuid);
    let networks = networks().iter().map(|entry| entry.uuid);
    let prefixes = network_prefixes().iter().map(|entry| entry.uuid);
    let ids: Vec<_> = types.chain(networks).chain(prefixes).collect();
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
    assert_eq!(
        network_prefix_of("4915123456789").unwrap().number().to_string(),
        network_prefix_of("4915123456789").unwrap().prefix
    );
}
