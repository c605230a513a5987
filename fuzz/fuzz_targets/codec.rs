//! Fuzzes `codec::fuzz`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| codec::fuzz(bytes));
