//! Fuzzes `api::fuzzing::date`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| api::fuzzing::date(bytes));
