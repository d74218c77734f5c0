//! Fuzzes the property of `src/attachment.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::attachment::holds(data));
