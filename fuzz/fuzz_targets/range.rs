//! Fuzzes the property of `src/range.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::range::holds(data));
