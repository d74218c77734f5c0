//! Fuzzes the property of `src/string_filter.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::string_filter::holds(data));
