//! Fuzzes the property of `src/password.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::password::holds(data));
