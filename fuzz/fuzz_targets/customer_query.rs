//! Fuzzes `api::fuzzing::customer_query`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| api::fuzzing::customer_query(bytes));
