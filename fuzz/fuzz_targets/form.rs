//! Fuzzes `api::fuzzing::form_body`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| api::fuzzing::form_body(bytes));
