//! Fuzzes `switch_sip::fuzzing::rtcp`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| switch_sip::fuzzing::rtcp(bytes));
