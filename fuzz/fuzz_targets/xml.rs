//! Fuzzes `api::fuzzing::xml`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| api::fuzzing::xml(bytes));
