//! Fuzzes the property of `src/manifest.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::manifest::holds(data));
