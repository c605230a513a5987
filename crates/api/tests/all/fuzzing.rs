//! What the fuzzer runs, on the inputs that it begins with.

use std::{fs, path::Path};

use api::fuzzing;

fn each(seeds: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(seeds);
    let seeds: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap()).collect();
    assert!(!seeds.is_empty());
    for seed in seeds {
        run(&seed);
        run(&seed[..seed.len() / 2]);
    }
}

#[test]
fn no_body_makes_a_parser_panic() {
    each("json", fuzzing::json);
    each("xml", fuzzing::xml);
    each("jsv", fuzzing::jsv);
    each("csv", fuzzing::csv_body);
    each("form", fuzzing::form_body);
}

#[test]
fn no_date_and_no_query_makes_a_parser_panic() {
    each("date", fuzzing::date);
    each("customer_query", fuzzing::customer_query);
}
