//! Fuzzes `sip::fuzzing::text`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| sip::fuzzing::text(bytes));
