//! Fuzzes the property of `src/target.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::target::holds(data));
