//! Fuzzes `api::fuzzing::csv_body`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| api::fuzzing::csv_body(bytes));
