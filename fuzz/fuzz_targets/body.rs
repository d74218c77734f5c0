//! Fuzzes the property of `src/body.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::body::holds(data));
